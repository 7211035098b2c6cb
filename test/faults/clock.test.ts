import { afterEach, beforeEach, expect, test } from "vitest";
import type { StoredEntry } from "../../packages/ledger/src/node/index.ts";
import { decodePayload, openFrame, type Payload } from "../../packages/messages/src/index.ts";
import { eventually } from "../system/running-site.ts";
import { FakeClock } from "./fake-clock.ts";
import { HandRunSite } from "./hand-run-site.ts";
import { readLogged } from "./logged-entries.ts";

const vehicles = 3;
const hour_s = 3600;
let clock: FakeClock;
let site: HandRunSite;

beforeEach(async () => {
  clock = new FakeClock();
  site = await HandRunSite.make({ units: 1, vehicles });
  await site.startReady("unit-1");
  site.start("fleet", clock.environment);
  await site.ready("fleet");
});
afterEach(async () => {
  await site?.remove();
  clock?.remove();
});

test("a clock that jumps ahead of the unit's is refused with entries until it is right again", async () => {
  await acceptedMore(2 * vehicles);
  clock.set(600);
  await refusedMore(4 * vehicles);
  clock.set(0);
  await acceptedMore(4 * vehicles);
  const { count, frames } = await end();
  const refused = count.framesRefused["TIME_IN_FUTURE"] ?? 0;
  expect(refused).toBeGreaterThanOrEqual(4 * vehicles);
  expect(Object.keys(count.framesRefused)).toEqual(["TIME_IN_FUTURE"]);
  expect(count.samplesRefused).toBeGreaterThan(0);
  expect(count.samplesDurable + count.samplesRefused).toBe(count.samplesSent);
  expect(frames.filter(({ ahead_s }) => ahead_s > 300)).toHaveLength(refused);
  for (const { kind, ahead_s } of frames) expect(kind === "refused").toBe(ahead_s > 300);
});

test("a clock that is set back is accepted, and its frames stay in their order", async () => {
  await acceptedMore(2 * vehicles);
  clock.set(-hour_s);
  await acceptedMore(4 * vehicles);
  const { count, frames } = await end();
  expect(count.framesRefused).toEqual({});
  expect(count.samplesDurable).toBe(count.samplesSent);
  const back = frames.filter(({ ahead_s }) => ahead_s < -hour_s + 60);
  // Each vehicle's frame of the moment of the change holds times of before and after.
  expect(back.length).toBeGreaterThanOrEqual(3 * vehicles);
  expect(frames.length - back.length).toBeGreaterThanOrEqual(2 * vehicles);
});

test("an agent that starts with a clock ahead is let in, and each of its frames is refused with an entry", async () => {
  await acceptedMore(2 * vehicles);
  clock.set(hour_s);
  await site.end("fleet", "SIGKILL");
  site.start("fleet", clock.environment);
  await refusedMore(4 * vehicles);
  clock.set(0);
  await acceptedMore(4 * vehicles);
  const { count, frames } = await end();
  expect(count.framesRefused["TIME_IN_FUTURE"] ?? 0).toBeGreaterThanOrEqual(4 * vehicles);
  expect(Object.keys(count.framesRefused)).toEqual(["TIME_IN_FUTURE"]);
  // What the kill took is a gap that speaks of the wrong time too: it is on record as refused.
  expect(count.samplesDurable + count.samplesRefused).toBe(count.samplesSent);
  for (const { kind, ahead_s } of frames) expect(kind === "refused").toBe(ahead_s > 300);
});

test("an agent that starts with its clock set back is let in, and all it sends is accepted", async () => {
  await acceptedMore(2 * vehicles);
  clock.set(-hour_s);
  await site.end("fleet", "SIGKILL");
  site.start("fleet", clock.environment);
  await acceptedMore(4 * vehicles);
  const { count, frames } = await end();
  expect(count.framesRefused).toEqual({});
  expect(count.samplesDurable + count.samplesInGaps).toBe(count.samplesSent);
  const back = frames.filter(({ ahead_s }) => ahead_s < -hour_s + 60);
  expect(back.length).toBeGreaterThanOrEqual(3 * vehicles);
});

/** Ends both; nothing may be missing without explanation. Gives the count and how far ahead each frame's clock was. */
async function end(): Promise<{
  count: Awaited<ReturnType<HandRunSite["count"]>>;
  frames: readonly { kind: string; ahead_s: number }[];
}> {
  expect(await site.end("fleet", "SIGTERM")).toEqual({ code: 0, signal: null });
  expect(await site.end("unit-1", "SIGTERM")).toEqual({ code: 0, signal: null });
  const count = await site.count();
  expect(count).toMatchObject({ unexplainedLoss: 0, samplesInOutboxes: 0 });
  expect(count.samplesDurable).toBeGreaterThan(6 * vehicles);
  const entries = await readLogged(site.folderOf("unit-1"));
  const frames = entries.map(({ stored, entry: { kind } }) => {
    const ahead_s = (latest_ms(stored) - stored.accepted_ms) / 1000;
    return { kind, ahead_s };
  });
  return { count, frames };
}

/** The latest time that a frame speaks of: its own and those of what it holds. */
function latest_ms({ index, frame }: StoredEntry): number {
  const opened = frame && openFrame(frame);
  const payload = opened?.ok ? decodePayload(opened.value) : undefined;
  if (!opened?.ok || !payload?.ok) throw new Error(`entry ${index} has no frame`);
  return Math.max(opened.value.header.wall_ms, ...timesIn(payload.value));
}

function timesIn(payload: Payload): readonly number[] {
  switch (payload.type) {
    case "telemetry":
      return payload.samples.map(({ wall_ms }) => wall_ms);
    case "alarm":
      return [payload.wall_ms];
    case "gap":
      return [payload.to_ms];
  }
}

interface UnitStatus {
  readonly log: { readonly size: number };
  readonly refusals: Readonly<Record<string, number>>;
}

async function unit(): Promise<UnitStatus> {
  return eventually("the unit to answer", () => site.ask<UnitStatus>("unit-1", "/v1/status"));
}

async function logSize(): Promise<number> {
  return (await unit()).log.size;
}

async function refused(): Promise<number> {
  return (await unit()).refusals["TIME_IN_FUTURE"] ?? 0;
}

async function refusedMore(frames: number): Promise<void> {
  const before = await refused();
  await eventually(`${frames} frames to be refused`, async () => {
    return (await refused()) >= before + frames || undefined;
  });
}

async function acceptedMore(frames: number): Promise<void> {
  const accepted = async (): Promise<number> => (await logSize()) - (await refused());
  const before = await accepted();
  await eventually(`${frames} more frames to be accepted`, async () => {
    return (await accepted()) >= before + frames || undefined;
  });
}
