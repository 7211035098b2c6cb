import { rmSync } from "node:fs";
import type { Payload } from "@voltfog/messages";
import { ManualClock, SeededRandom, silentLogger } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createFrameSealer } from "../framing/frame-sealer.ts";
import { chainFaults, queuedFrames, type ReadFrame } from "../testing/read-frames.ts";
import {
  startTime_ms,
  temporaryFolder,
  testAlarm,
  testCut,
  testOutboxOptions,
  testSigner,
  testVehicleId,
} from "../testing/test-vehicle.ts";
import type { FrameQueue } from "./frame-queue.ts";
import { FrameWriter } from "./frame-writer.ts";
import { openEdgeJournal } from "./journal-reader.ts";
import { decodeJournalRecord, type JournalRecord, noCommitment } from "./journal-record.ts";
import { type Outbox, openOutbox } from "./open-outbox.ts";

const signer = testSigner();
const seal = createFrameSealer({
  vehicleId: testVehicleId,
  signer,
  crypto: nodeCrypto,
  random: new SeededRandom(1),
  clockQuality: () => "unknown",
});

async function acknowledgeAll(queue: FrameQueue): Promise<void> {
  queue.rewind();
  for (let stored = await queue.next(); stored !== undefined; stored = await queue.next()) {
    queue.acknowledge(stored.record.sequence);
  }
}

test("what does not fit becomes one gap with exactly its numbers, samples and times", async () => {
  const folder = temporaryFolder();
  const roomMax = { telemetry: 6, urgent: 100 };
  const { writer, queues, close } = await openOutbox(
    testOutboxOptions(folder, { signer, roomMax }),
  );
  for (const from of [1, 4, 7, 10, 13]) writer.offer(testCut(from, from + 2));
  await writer.settle();
  expect(queues.telemetry.samples).toBe(6);
  expect(writer.gapOpen("telemetry")).toBe(true);
  await acknowledgeAll(queues.telemetry);
  writer.offer(testCut(16, 18));
  await writer.settle();
  const [gap, next] = await queuedFrames(queues.telemetry);
  expect(gap?.header.sequence).toBe(6);
  expect(gap?.payload).toEqual({
    type: "gap",
    firstSequence: 3,
    lastSequence: 5,
    samples: 9,
    from_ms: startTime_ms + 7000,
    to_ms: startTime_ms + 15_000,
    cause: "outbox-full",
  });
  expect(next?.header.sequence).toBe(7);
  await close();
});

test("a gap that no sample follows is declared when it is asked for", async () => {
  const roomMax = { telemetry: 3, urgent: 100 };
  const { writer, queues, close } = await openOutbox(
    testOutboxOptions(temporaryFolder(), { signer, roomMax }),
  );
  writer.offer(testCut(1, 3));
  writer.offer(testCut(4, 6));
  const empty = { telemetry: undefined };
  writer.offer(testCut(6, 6, { ...empty, closeGap: "when-there-is-room" }));
  await writer.settle();
  expect(writer.gapOpen("telemetry")).toBe(true); // There is no room for a full frame.
  writer.offer(testCut(6, 6, { ...empty, closeGap: "always" }));
  await writer.settle();
  expect(writer.gapOpen("telemetry")).toBe(false);
  const frames = await queuedFrames(queues.telemetry);
  expect(frames[1]?.payload).toMatchObject({ firstSequence: 2, lastSequence: 2, samples: 3 });
  await close();
});

test("a backlog of telemetry never takes the place of an alarm", async () => {
  const roomMax = { telemetry: 3, urgent: 2 };
  const { writer, queues, close } = await openOutbox(
    testOutboxOptions(temporaryFolder(), { signer, roomMax }),
  );
  for (const at of [1, 2, 3, 4, 5]) writer.offer(testCut(at, at, { alarms: [testAlarm(at)] }));
  await writer.settle();
  expect(queues.telemetry.frames).toBe(3);
  expect(queues.urgent.frames).toBe(2);
  await acknowledgeAll(queues.urgent);
  writer.offer(testCut(6, 6, { alarms: [testAlarm(6)] }));
  await writer.settle();
  const urgent = await queuedFrames(queues.urgent);
  expect(urgent[0]?.payload).toMatchObject({ type: "gap", firstSequence: 3, lastSequence: 5 });
  expect(urgent[1]?.payload).toMatchObject({ type: "alarm" });
  await close();
});

type Step =
  | { readonly do: "cut"; readonly samples: number; readonly alarm: boolean }
  | { readonly do: "settle" | "acknowledge" | "declare" | "kill" };
const cut: fc.Arbitrary<Step> = fc.record({
  do: fc.constant("cut" as const),
  samples: fc.integer({ min: 1, max: 4 }),
  alarm: fc.boolean(),
});
const other: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom("settle", "acknowledge", "declare", "kill"),
});

/** A vehicle that takes samples, delivers, declares and is killed as the steps say. */
class Run {
  readonly folder: string = temporaryFolder();
  readonly delivered = {
    telemetry: new Map<number, ReadFrame>(),
    urgent: new Map<number, ReadFrame>(),
  };
  taken = 0;
  #options = testOutboxOptions(this.folder, { signer, roomMax: { telemetry: 7, urgent: 2 } });
  #outbox: Outbox | undefined;

  async step(step: Step): Promise<void> {
    const outbox = await this.#open();
    const { boot, writer } = outbox;
    switch (step.do) {
      case "cut": {
        const alarms = step.alarm ? [testAlarm(this.taken)] : [];
        writer.offer(testCut(this.taken + 1, this.taken + step.samples, { boot, alarms }));
        this.taken += step.samples;
        return;
      }
      case "declare":
        writer.offer(
          testCut(this.taken, this.taken, { boot, telemetry: undefined, closeGap: "always" }),
        );
        return;
      case "settle":
        return await writer.settle();
      case "acknowledge":
        return await this.#deliver(outbox);
      case "kill":
        await writer.settle();
        return await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#outbox?.close();
    this.#outbox = undefined;
  }

  async #open(): Promise<Outbox> {
    this.#outbox ??= await openOutbox(this.#options);
    return this.#outbox;
  }

  async #deliver({ writer, queues }: Outbox): Promise<void> {
    await writer.settle();
    for (const stream of ["telemetry", "urgent"] as const) {
      for (const frame of await queuedFrames(queues[stream])) {
        this.delivered[stream].set(frame.header.sequence, frame);
      }
      await acknowledgeAll(queues[stream]);
    }
  }
}

async function journalledSamples(folder: string): Promise<number> {
  let samples = 0;
  for await (const frame of (await openEdgeJournal(folder)).frames()) {
    if (frame.kind === "telemetry" || frame.kind === "skipped") samples += frame.samples;
  }
  return samples;
}

test("whatever happens, every sample is in a frame or in a declared gap, and the chain holds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof({ weight: 3, arbitrary: cut }, other)), async (steps) => {
      const run = new Run();
      for (const step of steps) await run.step(step);
      for (const last of ["declare", "acknowledge"] as const) await run.step({ do: last });
      await run.close();
      for (const frames of Object.values(run.delivered)) {
        expect(chainFaults([...frames.values()])).toEqual([]);
      }
      const samples = [...run.delivered.telemetry.values()].map(({ payload }) =>
        payload.type === "telemetry" ? payload.samples.length : samplesLost(payload),
      );
      expect(samples.reduce((sum, count) => sum + count, 0)).toBe(run.taken);
      expect(await journalledSamples(run.folder)).toBe(run.taken);
      expect(await (await openEdgeJournal(run.folder)).openGapSamples()).toBe(0);
      rmSync(run.folder, { recursive: true });
    }),
    { numRuns: 60 },
  );
}, 60_000);

function samplesLost(payload: Payload): number {
  return payload.type === "gap" ? payload.samples : 0;
}

test("an open gap is known to the reader and survives a kill", async () => {
  const folder = temporaryFolder();
  const options = testOutboxOptions(folder, { signer, roomMax: { telemetry: 3, urgent: 2 } });
  const first = await openOutbox(options);
  for (const from of [1, 4, 7]) first.writer.offer(testCut(from, from + 2));
  await first.writer.settle();
  expect(await (await openEdgeJournal(folder)).openGapSamples()).toBe(6);
  await first.close();
  const second = await openOutbox(options);
  expect(second.writer.gapOpen("telemetry")).toBe(true);
  await acknowledgeAll(second.queues.telemetry);
  second.writer.offer(testCut(10, 12, { boot: 2 }));
  await second.writer.settle();
  const [gap] = await queuedFrames(second.queues.telemetry);
  expect(gap?.payload).toMatchObject({ firstSequence: 2, lastSequence: 3, samples: 6 });
  expect(await (await openEdgeJournal(folder)).openGapSamples()).toBe(0);
  await second.close();
});

/** A disk that can be switched off: queues and journal in memory. */
function failingDisk() {
  const state = { segments: true, journal: true };
  const records: JournalRecord[] = [];
  const published: number[] = [];
  const queue = () => {
    let appended = 0;
    return {
      samples: 0,
      frames: 0,
      async append(frames: readonly unknown[]) {
        if (!state.segments) throw new Error("ENOSPC");
        appended += frames.length;
      },
      publish() {
        if (appended > 0) published.push(appended);
        appended = 0;
      },
    } as unknown as FrameQueue;
  };
  const clock = new ManualClock(startTime_ms);
  const lane = { sequence: 0, commitment: noCommitment, gap: undefined };
  const writer = new FrameWriter({
    queues: { telemetry: queue(), urgent: queue() },
    states: { telemetry: lane, urgent: lane },
    unjournalled: [],
    journal: {
      async append(payloads) {
        if (!state.journal) throw new Error("ENOSPC");
        for (const payload of payloads) {
          const record = decodeJournalRecord(payload);
          if (record.ok) records.push(record.value);
        }
      },
    },
    seal,
    clock,
    logger: silentLogger,
    roomMax: { telemetry: 1000, urgent: 100 },
    onJournalled: () => {},
  });
  return { state, records, published, clock, writer };
}

test("a full disk becomes a declared gap with cause disk-error once it has space again", async () => {
  const disk = failingDisk();
  disk.writer.offer(testCut(1, 2));
  await disk.writer.settle();
  disk.state.segments = false;
  disk.state.journal = false;
  for (const at of [3, 4, 5]) {
    disk.writer.offer(testCut(at, at));
    await disk.writer.settle();
  }
  disk.state.segments = true;
  disk.state.journal = true;
  disk.writer.offer(testCut(6, 7));
  await disk.writer.settle();
  expect(disk.records).toMatchObject([
    { kind: "telemetry", sequence: 1, samples: 2 },
    { kind: "skipped", firstSequence: 2, sequence: 4, samples: 3, cause: "disk-error" },
    { kind: "gap", firstSequence: 2, sequence: 5, samples: 3, cause: "disk-error" },
    { kind: "telemetry", sequence: 6, samples: 2 },
  ]);
});

test("frames are not sent before the journal has them", async () => {
  const disk = failingDisk();
  disk.state.journal = false;
  disk.writer.offer(testCut(1, 2));
  await new Promise((resolve) => setImmediate(resolve));
  expect(disk.published).toEqual([]);
  disk.state.journal = true;
  disk.clock.advance(1000);
  await disk.writer.settle();
  expect(disk.published).toEqual([1]);
  expect(disk.records).toMatchObject([{ kind: "telemetry", sequence: 1 }]);
});

test("a disk that hangs costs bounded memory, and what it costs is declared", async () => {
  const disk = failingDisk();
  disk.state.journal = false;
  for (let at = 1; at <= 200; at++) disk.writer.offer(testCut(at, at));
  await new Promise((resolve) => setImmediate(resolve));
  disk.state.journal = true;
  disk.clock.advance(1000);
  await disk.writer.settle();
  disk.writer.offer(testCut(201, 201));
  await disk.writer.settle();
  const kept = disk.records.filter(({ kind }) => kind === "telemetry");
  const gaps = disk.records.filter(({ kind }) => kind === "gap");
  expect(gaps).toHaveLength(1);
  expect(kept.length).toBeLessThan(200);
  const explained = kept.length + gaps.reduce((sum, { samples }) => sum + samples, 0);
  expect(explained).toBe(201);
});
