import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concatBytes, equalBytes, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../log/checkpoint.ts";
import { encodeEntry } from "../../log/entry.ts";
import { encodeEntryBundle } from "../../log/entry-bundle.ts";
import { rootOf, verifyConsistency, verifyInclusion } from "../../log/proofs.ts";
import { type TileName, tilePath, tilesOf } from "../../log/tiles.ts";
import { leafHash } from "../../log/tree-hash.ts";
import { fsckLog } from "./fsck.ts";
import type { LogAppend } from "./log-types.ts";
import { TelemetryLog } from "./telemetry-log.ts";
import { ForgetfulDisk } from "./testing/forgetful-disk.ts";
import {
  newSigner,
  SampleItems,
  sampleKeyId,
  sampleOptions,
  sampleOrigin,
} from "./testing/sample-log.ts";

let folder: string;
const signer = newSigner();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "telemetry-log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function headOf(note: string) {
  const opened = openCheckpoint({
    note,
    origin: sampleOrigin,
    publicKey: signer.publicKey,
    crypto,
  });
  if (!opened.ok) throw new Error(opened.problem.detail);
  return opened.value;
}

function leavesOf(items: readonly LogAppend[]): Uint8Array[] {
  return items.map((item) => leafHash(encodeEntry(item.entry), crypto));
}

/** What the specification says is in a tile. */
function tileOf(name: TileName, items: readonly LogAppend[]): Uint8Array {
  const from = name.index * 256;
  const numbers = Array.from({ length: name.width }, (_, i) => from + i);
  if (name.level === "entries") {
    return encodeEntryBundle(numbers.map((i) => encodeEntry((items[i] as LogAppend).entry)));
  }
  const width = 256 ** name.level;
  const leaves = leavesOf(items);
  const roots = numbers.map((i) => rootOf(leaves.slice(i * width, (i + 1) * width), crypto));
  return concatBytes(...roots);
}

describe("TelemetryLog", () => {
  it("gives each append its index and a signed checkpoint of a tree that holds it", async () => {
    const log = await TelemetryLog.open(sampleOptions(folder, { signer }));
    const source = new SampleItems(1);
    const batches = Array.from({ length: 40 }, (_, i) => source.take(1 + (i % 5)));
    const receipts = await Promise.all(batches.map((batch) => log.append(batch)));
    const items = batches.flat();
    const leaves = leavesOf(items);
    expect(log.size).toBe(items.length);
    expect(log.root).toEqual(rootOf(leaves, crypto));
    let next = 0;
    for (const [i, { firstIndex, checkpoint }] of receipts.entries()) {
      expect(firstIndex).toBe(next);
      next += batches[i]?.length ?? 0;
      const head = headOf(checkpoint);
      expect(head.size).toBeGreaterThanOrEqual(next);
      expect(head.root).toEqual(rootOf(leaves.slice(0, head.size), crypto));
    }
    await log.close();
  });

  it("joins appends that wait at the same time into one write and one fdatasync", async () => {
    const disk = new ForgetfulDisk();
    const log = await TelemetryLog.open(sampleOptions(folder, { signer, openFile: disk.open }));
    const source = new SampleItems(1);
    await Promise.all(Array.from({ length: 50 }, () => log.append([source.next()])));
    expect(disk.syncs).toBe(1);
    for (let i = 0; i < 3; i++) await log.append([source.next()]);
    expect(disk.syncs).toBe(4);
    await log.close();
  });

  it("reads back what was appended, from any place, also after it is opened again", async () => {
    const options = sampleOptions(folder, { signer, segmentMax_bytes: 20_000 });
    const log = await TelemetryLog.open(options);
    const source = new SampleItems(2);
    const items: LogAppend[] = [];
    for (let i = 0; i < 30; i++) {
      const batch = source.take(17);
      items.push(...batch);
      await log.append(batch);
      if (i % 7 === 0) await log.publish();
    }
    const expected = items.map((item, index) => ({
      index,
      ...item,
      entryBytes: encodeEntry(item.entry),
    }));
    const check = async (view: TelemetryLog): Promise<void> => {
      expect(await view.read({ from: 0, limit: 10_000 })).toEqual(expected);
      for (const from of [0, 1, 16, 17, 255, 256, 300, 509]) {
        expect(await view.read({ from, limit: 3 })).toEqual(expected.slice(from, from + 3));
      }
      expect(await view.read({ from: 510, limit: 5 })).toEqual([]);
      expect(await view.read({ from: 3, limit: 0 })).toEqual([]);
    };
    await check(log);
    await log.close();
    const again = await TelemetryLog.open(options);
    await check(again);
    expect(again.root).toEqual(rootOf(leavesOf(items), crypto));
    await again.close();
  });

  it("proves every entry in every published or unpublished tree", async () => {
    const log = await TelemetryLog.open(sampleOptions(folder, { signer }));
    const source = new SampleItems(3);
    const heads: { size: number; root: Uint8Array }[] = [];
    const items: LogAppend[] = [];
    for (const count of [1, 100, 155, 1, 3, 256, 70]) {
      const batch = source.take(count);
      items.push(...batch);
      heads.push(headOf((await log.append(batch)).checkpoint));
      if (count > 90) await log.publish();
    }
    const leaves = leavesOf(items);
    for (const { size, root } of heads) {
      for (let index = 0; index < size; index += 1 + (index % 41)) {
        const path = await log.inclusionPath({ index, size });
        const leaf = leaves[index] as Uint8Array;
        expect(verifyInclusion({ leaf, index, size, path, root, crypto })).toBe(true);
      }
      for (const earlier of heads.filter((head) => head.size <= size)) {
        const path = await log.consistencyPath({ from: earlier.size, to: size });
        expect(verifyConsistency({ from: earlier, to: { size, root }, path, crypto })).toBe(true);
      }
    }
    await expect(log.inclusionPath({ index: 5, size: 5 })).rejects.toMatchObject({
      code: "LOG_RANGE",
    });
    await expect(log.consistencyPath({ from: 0, to: 587 })).rejects.toMatchObject({
      code: "LOG_RANGE",
    });
    await log.close();
  });

  it("publishes tiles that hold the tree, and serves narrower ones out of wider ones", async () => {
    const log = await TelemetryLog.open(sampleOptions(folder, { signer }));
    const items = new SampleItems(4).take(600);
    for (const end of [200, 256, 400, 600]) {
      await log.append(items.slice(log.size, end));
      const head = await log.publish();
      expect(headOf(head.note)).toMatchObject({ size: end, root: head.root });
    }
    for (const size of [1, 200, 256, 300, 400, 512, 600]) {
      for (const name of tilesOf(size)) {
        const bytes = await log.tile(tilePath(name));
        expect(toHex(bytes ?? new Uint8Array())).toBe(toHex(tileOf(name, items)));
      }
    }
    for (const path of [
      "tile/0/003",
      "tile/0/002.p/89",
      "tile/3/000",
      "vkey",
      "../x",
      "tile/0/2",
    ]) {
      expect(await log.tile(path)).toBeUndefined();
    }
    await log.close();
  });

  it("publishes by itself before the tiles it owes fill the memory", async () => {
    const log = await TelemetryLog.open(sampleOptions(folder, { signer, unpublishedMax: 1_000 }));
    const source = new SampleItems(5);
    for (let i = 0; i < 3; i++) await log.append(source.take(600));
    expect(log.published.size).toBe(1_200);
    await log.close();
    expect(log.published.size).toBe(1_800);
  });

  it("takes nothing more while the tiles it owes can't be written", async () => {
    const log = await TelemetryLog.open(sampleOptions(folder, { signer, unpublishedMax: 10 }));
    const source = new SampleItems(5);
    await log.append(source.take(20));
    writeFileSync(join(folder, "tile"), "in the way");
    const items = source.take(1);
    await expect(log.append(items)).rejects.toMatchObject({ code: "DISK_ERROR" });
    await expect(log.publish()).rejects.toMatchObject({ code: "DISK_ERROR" });
    expect({ size: log.size, published: log.published.size }).toEqual({ size: 20, published: 0 });
    rmSync(join(folder, "tile"));
    expect((await log.append(items)).firstIndex).toBe(20);
    await log.close();
    expect((await fsckLog(folder)).ok).toBe(true);
  });

  it("finds entries by key, stream and sequence, and the end of each chain", async () => {
    const options = sampleOptions(folder, { signer });
    const log = await TelemetryLog.open(options);
    const items = new SampleItems(6).take(300);
    await log.append(items);
    const check = (view: TelemetryLog): void => {
      for (const [index, { entry }] of items.entries()) expect(view.find(entry)).toBe(index);
      const last = items.findLast(({ entry }) => equalBytes(entry.keyId, sampleKeyId(2)))?.entry;
      expect(view.lastOf(sampleKeyId(2), "urgent")).toEqual({
        sequence: last?.sequence,
        commitment: last?.commitment,
      });
      expect(view.lastOf(sampleKeyId(2), "telemetry")).toBeUndefined();
      expect(view.lastOf(sampleKeyId(9), "urgent")).toBeUndefined();
      expect(
        view.find({ keyId: sampleKeyId(0), stream: "telemetry", sequence: 999 }),
      ).toBeUndefined();
    };
    check(log);
    await log.close();
    const again = await TelemetryLog.open(options);
    check(again);
    await again.close();
  });

  it("refuses what it could not keep, taking nothing", async () => {
    const log = await TelemetryLog.open(sampleOptions(folder, { signer }));
    const good = new SampleItems(7).next();
    const bad: LogAppend[] = [
      { ...good, frame: Uint8Array.of(1, 2, 3) },
      { ...good, accepted_ms: -1 },
      { ...good, accepted_ms: Number.NaN },
      { ...good, vehicleId: "" },
      { ...good, vehicleId: "x".repeat(256) },
      { ...good, entry: { ...good.entry, sequence: 0 } },
      { ...good, entry: { ...good.entry, keyId: new Uint8Array(3) } },
    ];
    for (const item of bad) {
      await expect(log.append([good, item])).rejects.toMatchObject({ code: "ENTRY_INVALID" });
    }
    expect(log.size).toBe(0);
    expect(headOf((await log.append([])).checkpoint).size).toBe(0);
    await log.append([good]);
    await log.close();
    await expect(log.append([good])).rejects.toMatchObject({ code: "LOG_CLOSED" });
    await log.close();
  });

  it("refuses more than may wait for the disk", async () => {
    const log = await TelemetryLog.open(sampleOptions(folder, { signer, backlogMax_bytes: 1_000 }));
    const source = new SampleItems(8);
    const taken = log.append(source.take(50));
    await expect(log.append(source.take(1))).rejects.toMatchObject({ code: "LOG_BACKLOG" });
    await taken;
    await log.append(source.take(1));
    expect(log.size).toBe(51);
    await log.close();
  });

  it("refuses the log of another key or origin and a name that can't be one", async () => {
    await (await TelemetryLog.open(sampleOptions(folder, { signer }))).close();
    await expect(TelemetryLog.open(sampleOptions(folder))).rejects.toMatchObject({
      code: "LOG_KEY_MISMATCH",
    });
    const origin = "voltfog/test/log/unit-2";
    await expect(
      TelemetryLog.open(sampleOptions(folder, { signer, origin })),
    ).rejects.toMatchObject({ code: "LOG_KEY_MISMATCH" });
    const spaced = sampleOptions(join(folder, "other"), { signer, origin: "two words" });
    await expect(TelemetryLog.open(spaced)).rejects.toMatchObject({ code: "ORIGIN_INVALID" });
  });
});
