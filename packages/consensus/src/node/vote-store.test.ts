import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { VoteStore } from "./vote-store.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-votes-"));
  path = join(folder, "votes");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (): Promise<VoteStore> =>
  VoteStore.open({ path, crypto: nodeCrypto, logger: silentLogger });
const record = (fill: number, length = 40): Uint8Array => new Uint8Array(length).fill(fill);

async function write(...fills: readonly number[]): Promise<void> {
  const store = await open();
  for (const fill of fills) await store.append([{ height: fill, record: record(fill) }]);
  await store.close();
}

async function reopened(): Promise<readonly (number | undefined)[]> {
  const store = await open();
  const fills = store.records.map(([fill]) => fill);
  await store.close();
  return fills;
}

test("what was appended is there after a restart, in order", async () => {
  const store = await open();
  await store.append([
    { height: 1, record: record(1) },
    { height: 1, record: record(2, 5000) },
  ]);
  await store.append([{ height: 2, record: record(3) }]);
  await store.close();
  expect(await reopened()).toEqual([1, 2, 3]);
});

test("a write torn at any byte loses that write only, and the store goes on", async () => {
  await write(1, 2);
  const whole = readFileSync(path);
  const kept = whole.length / 2;
  for (let length = kept; length < whole.length; length += 7) {
    writeFileSync(path, whole.subarray(0, length));
    expect(await reopened()).toEqual([1]);
    expect(statSync(path).size).toBe(kept);
    await write(9);
    expect(await reopened()).toEqual([1, 9]);
  }
});

test("a vote damaged before the last write stops the validator instead of being forgotten", async () => {
  await write(1, 2, 3);
  const whole = readFileSync(path);
  const record_bytes = whole.length / 3;
  // In the length itself nothing behind it can be found again: that looks like a torn write.
  for (let at = 4; at < record_bytes; at += 5) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(path, changed);
    await expect(open()).rejects.toMatchObject({ code: "VOTES_DAMAGED" });
    expect(readFileSync(path)).toEqual(changed);
  }
});

test("votes of final heights go once they take much room, later ones stay", async () => {
  const store = await open();
  const megabyte = 1_048_576;
  for (let height = 1; height <= 5; height++) {
    await store.append([{ height, record: record(height, megabyte) }]);
  }
  await store.prune(4);
  expect(store.records).toHaveLength(1);
  expect(statSync(path).size).toBeLessThan(1.1 * megabyte);
  await store.append([{ height: 6, record: record(6) }]);
  await store.close();
  expect(await reopened()).toEqual([5, 6]);
});
