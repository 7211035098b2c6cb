import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FrameErasure } from "@voltfog/runtime/node";
import { readRecords } from "@voltfog/runtime/node";
import { expect, test } from "vitest";
import { queuedFrames } from "../testing/read-frames.ts";
import {
  temporaryFolder,
  testCut,
  testOutboxOptions,
  testSigner,
} from "../testing/test-vehicle.ts";
import { eraseOutbox } from "./erase-outbox.ts";
import { decodeStoredFrame, outboxFileKind } from "./journal-record.ts";
import { openOutbox } from "./open-outbox.ts";

const signer = testSigner();

/** A vehicle's folder with three frames that no unit has acknowledged. */
async function folderOfThree(): Promise<string> {
  const folder = temporaryFolder();
  const outbox = await openOutbox(testOutboxOptions(folder, { signer }));
  for (const [first, last] of [
    [1, 2],
    [3, 4],
    [5, 6],
  ] as const) {
    outbox.writer.offer(testCut(first, last));
    await outbox.writer.settle();
  }
  await outbox.close();
  return folder;
}

function order(over: Partial<FrameErasure>): FrameErasure {
  return {
    ...{ vehicleId: "vehicle-01", keyIds: [], stream: "telemetry", from: 2, to: 2 },
    ...{ isWhole: false, by: "a", reason: "b", ordered_ms: 1 },
    ...over,
  };
}

async function frames(folder: string): Promise<readonly Buffer[]> {
  const path = join(folder, "outbox", "telemetry-00000001.seg");
  const { records } = await readRecords({ path, kind: outboxFileKind });
  return records.map(({ payload }) => {
    const stored = decodeStoredFrame(payload);
    return Buffer.from(stored.ok ? stored.value.frame : []);
  });
}

function isOnDisk(folder: string, bytes: Buffer): boolean {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .some((item) => readFileSync(join(item.parentPath, item.name)).includes(bytes));
}

test("an erased frame is in no file of the vehicle, and the others go out", async () => {
  const folder = await folderOfThree();
  const [, second = Buffer.alloc(0)] = await frames(folder);
  expect(isOnDisk(folder, second)).toBe(true);
  expect(await eraseOutbox(folder, order({}))).toBe(1);
  expect(isOnDisk(folder, second)).toBe(false);
  const outbox = await openOutbox(testOutboxOptions(folder, { signer }));
  const queued = await queuedFrames(outbox.queues.telemetry);
  expect(queued.map(({ header }) => header.sequence)).toEqual([1, 3]);
  // No unit has it: the agent says so with its next frames, as of any frame that a disk lost.
  expect(outbox.recovered.lost.map(({ sequence }) => sequence)).toEqual([2]);
  await outbox.close();
});

test("a whole vehicle leaves an empty outbox; a second time there is nothing to erase", async () => {
  const folder = await folderOfThree();
  expect(await eraseOutbox(folder, order({ isWhole: true }))).toBe(3);
  expect(await frames(folder)).toEqual([]);
  expect(await eraseOutbox(folder, order({ isWhole: true }))).toBe(0);
  expect(await eraseOutbox(join(folder, "nobody"), order({}))).toBe(0);
});
