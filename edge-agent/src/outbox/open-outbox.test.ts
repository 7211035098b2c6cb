import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { recoveryCuts } from "../framing/recovery-cuts.ts";
import { chainFaults, queuedFrames } from "../testing/read-frames.ts";
import {
  startTime_ms,
  temporaryFolder,
  testAlarm,
  testCut,
  testOutboxOptions,
  testReading,
  testSigner,
} from "../testing/test-vehicle.ts";
import { openEdgeJournal } from "./journal-reader.ts";
import { type Outbox, type OutboxOptions, openOutbox } from "./open-outbox.ts";

const signer = testSigner();

/** The outbox of a killed agent as the disk has it: nothing is closed, a copy is opened. */
function killed(folder: string): string {
  const copy = temporaryFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

async function opened(folder: string, given: Partial<OutboxOptions> = {}): Promise<Outbox> {
  return await openOutbox(testOutboxOptions(folder, { signer, ...given }));
}

/** Opens as the agent does: what the earlier run left goes out first. */
async function restarted(folder: string, later_ms = 0): Promise<Outbox> {
  const outbox = await opened(folder, { clock: new ManualClock(startTime_ms + later_ms) });
  const { boot, lastSample, recovered } = outbox;
  const at = { wall_ms: startTime_ms + later_ms, monotonic_ms: 0 };
  const cuts = recoveryCuts({ recovered, boot, lastSample, frameSamplesMax: 64, at });
  for (const cut of cuts) outbox.writer.offer(cut);
  await outbox.writer.settle();
  return outbox;
}

test("the first start has no past: boot 1, sequence 1, nothing to declare", async () => {
  const folder = temporaryFolder();
  const outbox = await restarted(folder);
  outbox.writer.offer(testCut(1, 3, { alarms: [testAlarm(3)] }));
  await outbox.writer.settle();
  const [telemetry] = await queuedFrames(outbox.queues.telemetry);
  const [urgent] = await queuedFrames(outbox.queues.urgent);
  expect(telemetry?.header).toMatchObject({ boot: 1, sequence: 1, stream: "telemetry" });
  expect(urgent?.header).toMatchObject({ boot: 1, sequence: 1, stream: "urgent" });
  await outbox.close();
});

test("after a kill the chain goes on where it stood and the pause is declared", async () => {
  const folder = temporaryFolder();
  const first = await restarted(folder);
  first.writer.offer(testCut(1, 3, { alarms: [testAlarm(3)] }));
  first.writer.offer(testCut(4, 6));
  await first.writer.settle();
  const second = await restarted(killed(folder), 600_000);
  second.writer.offer(testCut(7, 9, { boot: 2, alarms: [testAlarm(9)] }));
  await second.writer.settle();

  const telemetry = await queuedFrames(second.queues.telemetry);
  expect(chainFaults(telemetry)).toEqual([]);
  expect(chainFaults(await queuedFrames(second.queues.urgent))).toEqual([]);
  expect(telemetry.map(({ header }) => header.boot)).toEqual([1, 1, 2, 2]);
  expect(telemetry[2]?.payload).toEqual({
    type: "gap",
    firstSequence: 0,
    lastSequence: 0,
    samples: 0,
    from_ms: startTime_ms + 6000,
    to_ms: startTime_ms + 600_000,
    cause: "agent-restart",
  });
  await first.close();
  await second.close();
});

test("samples that a killed agent had not framed come back in frames of their own run", async () => {
  const folder = temporaryFolder();
  const first = await restarted(folder);
  for (const number of [1, 2, 3])
    first.unframed.append({ ...testReading(number), number, boot: 1 });
  first.writer.offer(testCut(1, 3));
  await first.writer.settle();
  for (const number of [4, 5]) first.unframed.append({ ...testReading(number), number, boot: 1 });

  const second = await restarted(killed(folder));
  expect(second.lastSample).toBe(5);
  const frames = await queuedFrames(second.queues.telemetry);
  expect(chainFaults(frames)).toEqual([]);
  expect(frames.map(({ header, payload }) => [header.boot, payload.type])).toEqual([
    [1, "telemetry"],
    [1, "telemetry"],
    [2, "gap"],
  ]);
  const recovered = frames[1]?.payload;
  expect(
    recovered?.type === "telemetry" && recovered.samples.map(({ wall_ms }) => wall_ms),
  ).toEqual([startTime_ms + 4000, startTime_ms + 5000]);
  await first.close();
  await second.close();
});

test("a segment cut at any byte of its last frame keeps all frames before it", async () => {
  const folder = temporaryFolder();
  const outbox = await restarted(folder);
  outbox.writer.offer(testCut(1, 2));
  await outbox.writer.settle();
  const segment = join(folder, "outbox", "telemetry-00000001.seg");
  const before_bytes = statSync(segment).size;
  const journal_bytes = statSync(join(folder, "journal")).size;
  outbox.writer.offer(testCut(3, 4));
  await outbox.writer.settle();
  const after_bytes = statSync(segment).size;
  await outbox.close();
  expect(after_bytes - before_bytes).toBeGreaterThan(300);

  for (let end_bytes = before_bytes; end_bytes <= after_bytes; end_bytes++) {
    const copy = killed(folder);
    truncateSync(join(copy, "outbox", "telemetry-00000001.seg"), end_bytes);
    // A crash while the segment is written: the journal comes after it and has nothing yet.
    truncateSync(join(copy, "journal"), journal_bytes);
    const again = await restarted(copy);
    const frames = await queuedFrames(again.queues.telemetry);
    expect(chainFaults(frames)).toEqual([]);
    const kept = end_bytes === after_bytes ? 3 : 2;
    expect(frames.map(({ header }) => header.sequence)).toEqual(
      Array.from({ length: kept }, (_, i) => i + 1),
    );
    await again.close();
    rmSync(copy, { recursive: true });
  }
}, 60_000);

test("a journal cut at any byte of its last lines is filled up again from the outbox", async () => {
  const folder = temporaryFolder();
  const outbox = await restarted(folder);
  outbox.writer.offer(testCut(1, 2));
  await outbox.writer.settle();
  const journal = join(folder, "journal");
  const before_bytes = statSync(journal).size;
  outbox.writer.offer(testCut(3, 4, { alarms: [testAlarm(4)] }));
  await outbox.writer.settle();
  await outbox.close();
  const after_bytes = statSync(journal).size;

  for (let end_bytes = before_bytes; end_bytes <= after_bytes; end_bytes++) {
    const copy = killed(folder);
    truncateSync(join(copy, "journal"), end_bytes);
    const again = await restarted(copy);
    expect(again.lastSample).toBe(4);
    expect(chainFaults(await queuedFrames(again.queues.telemetry))).toEqual([]);
    expect(await queuedFrames(again.queues.urgent)).toHaveLength(1);
    const reader = await openEdgeJournal(copy);
    const samples = [];
    for await (const frame of reader.frames()) samples.push(frame.samples);
    expect(samples.sort()).toEqual([0, 0, 2, 2]); // alarm, restart, two frames
    await again.close();
    rmSync(copy, { recursive: true });
  }
}, 60_000);

test("a changed byte in a segment loses the frames from there on, and says so once", async () => {
  const folder = temporaryFolder();
  const outbox = await restarted(folder);
  for (const from of [1, 4, 7]) {
    outbox.writer.offer(testCut(from, from + 2));
    await outbox.writer.settle();
  }
  await outbox.close();
  const segment = join(folder, "outbox", "telemetry-00000001.seg");
  const content = readFileSync(segment);
  content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 0x40;
  writeFileSync(segment, content);

  const second = await restarted(folder);
  const frames = await queuedFrames(second.queues.telemetry);
  expect(frames.map(({ header }) => header.sequence)).toEqual([1, 4, 5]);
  expect(frames[1]?.payload).toMatchObject({ type: "gap", samples: 6, cause: "disk-error" });
  expect(frames[2]?.payload).toMatchObject({ type: "gap", samples: 0, cause: "agent-restart" });
  await second.close();

  const third = await restarted(folder);
  const causes = (await queuedFrames(third.queues.telemetry)).flatMap(({ payload }) =>
    payload.type === "gap" ? [payload.cause] : [],
  );
  expect(causes).toEqual(["disk-error", "agent-restart", "agent-restart"]);
  const reader = await openEdgeJournal(folder);
  let samples = 0;
  for await (const frame of reader.frames()) samples += frame.samples;
  expect(samples).toBe(9);
  await third.close();
});

test("a changed journal is refused: its numbers could be used twice", async () => {
  const folder = temporaryFolder();
  const outbox = await restarted(folder);
  outbox.writer.offer(testCut(1, 3));
  await outbox.writer.settle();
  await outbox.close();
  const journal = join(folder, "journal");
  const content = readFileSync(journal);
  content[80] = (content[80] ?? 0) ^ 1;
  writeFileSync(journal, content);
  await expect(opened(folder)).rejects.toMatchObject({ code: "RECORD_CORRUPT" });
});

test("acknowledged frames stay away after a restart, also when their segment is still there", async () => {
  const folder = temporaryFolder();
  const first = await restarted(folder);
  first.writer.offer(testCut(1, 3));
  first.writer.offer(testCut(4, 6));
  await first.writer.settle();
  const stored = await first.queues.telemetry.next();
  first.queues.telemetry.acknowledge(stored?.record.sequence ?? 0);
  const second = await restarted(killed(folder));
  const frames = await queuedFrames(second.queues.telemetry);
  expect(frames.map(({ header }) => header.sequence)).toEqual([2, 3]);
  expect(second.queues.telemetry.samples).toBe(3);
  await first.close();
  await second.close();
});

test("without the cursor acknowledged frames are sent again, and none is called lost", async () => {
  const folder = temporaryFolder();
  const first = await restarted(folder);
  first.writer.offer(testCut(1, 3));
  await first.writer.settle();
  const stored = await first.queues.telemetry.next();
  first.queues.telemetry.acknowledge(stored?.record.sequence ?? 0);
  await first.close();
  writeFileSync(join(folder, "outbox", "telemetry-acked"), "torn");
  const second = await restarted(folder);
  const frames = await queuedFrames(second.queues.telemetry);
  expect(frames.map(({ payload }) => payload.type)).toEqual(["telemetry", "gap"]);
  await second.close();
});

test("acknowledged segments are deleted and a full outbox is read in order through all of them", async () => {
  const folder = temporaryFolder();
  const outbox = await opened(folder, { segmentMax_bytes: 2000 });
  for (let from = 1; from <= 100; from += 2) outbox.writer.offer(testCut(from, from + 1));
  await outbox.writer.settle();
  const segments = (): number =>
    readdirSync(join(folder, "outbox")).filter((name) => name.endsWith(".seg")).length;
  expect(segments()).toBeGreaterThan(1);
  expect(chainFaults(await queuedFrames(outbox.queues.telemetry))).toEqual([]);
  for (let stored = await outbox.queues.telemetry.next(); stored !== undefined; ) {
    outbox.queues.telemetry.acknowledge(stored.record.sequence);
    stored = await outbox.queues.telemetry.next();
  }
  expect(outbox.queues.telemetry.frames).toBe(0);
  expect(segments()).toBe(1);
  await outbox.close();
});

test("an unfinished last sample in the file of unframed samples is left out", async () => {
  const folder = temporaryFolder();
  const first = await restarted(folder);
  for (const number of [1, 2]) first.unframed.append({ ...testReading(number), number, boot: 1 });
  await first.close();
  appendFileSync(join(folder, "unframed"), Buffer.from([0, 0, 0, 90, 1, 2, 3, 4, 9]));
  const second = await opened(folder);
  expect(second.recovered.samples.map(({ number }) => number)).toEqual([1, 2]);
  await second.close();
});
