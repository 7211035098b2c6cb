import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJournals } from "../../cli/src/report/read-journals.ts";
import { SeededRandom } from "../../packages/runtime/src/index.ts";
import { eventually } from "../system/running-site.ts";
import { type CountedSite, startCountedSite } from "./counted-site.ts";
import { faultSeed } from "./fault-seed.ts";

interface UnitStatus {
  readonly log: { readonly size: number; readonly finalSize: number };
}
interface ValidatorStatus {
  readonly height: number;
  readonly hash: string;
}
interface FleetStatus {
  readonly vehicles: readonly { readonly gapOpen: boolean; readonly outbox: { samples: number } }[];
}

const numbers = [1, 2, 3, 4];
const units = numbers.map((number) => `unit-${number}`);
const random = new SeededRandom(faultSeed);
/** In the order in which they are stopped. */
const drawn = numbers
  .map((number) => ({ id: `validator-${number}`, order: random.uniform() }))
  .sort((a, b) => a.order - b.order)
  .map(({ id }) => id);
const [first = "", second = "", third = "", fourth = ""] = drawn;

let site: CountedSite;

beforeAll(async () => {
  site = await startCountedSite(
    ...["--rate", "10", "--frame-age", "500ms", "--outbox-max", "64", "--seed", `${faultSeed}`],
  );
});
afterAll(() => site?.stop());

test(`while one of four validators is stopped the chain goes on, and it catches up (seed ${faultSeed})`, async () => {
  await site.signal(first, "SIGSTOP");
  const before = await heightOf(second);
  await eventually("five more blocks without it", async () => {
    return (await heightOf(second)) >= before + 5 || undefined;
  });
  await site.signal(first, "SIGCONT");
  const head = await heightOf(second);
  await eventually("the stopped one to catch up", async () => {
    return (await heightOf(first)) >= head || undefined;
  });
  expect(await hashAt(first, head)).toBe(await hashAt(second, head));
});

test(`while two of four are stopped frames are taken and none becomes final; later all do (seed ${faultSeed})`, async () => {
  await Promise.all([third, fourth].map((id) => site.signal(id, "SIGSTOP")));
  try {
    await framesWithoutFinality();
  } finally {
    await Promise.all([third, fourth].map((id) => site.signal(id, "SIGCONT")));
  }
  const taken = await sizes();
  const head = await heightOf(first);
  await eventually("everything of that time to be final", async () => {
    const now = await sizes();
    return now.every(({ finalSize }, i) => finalSize >= (taken[i]?.size ?? 0)) || undefined;
  });
  expect(await heightOf(first)).toBeGreaterThan(head);
});

async function framesWithoutFinality(): Promise<void> {
  const stopped = await heightOf(first);
  const before = await sizes();
  const grown = (now: readonly UnitStatus["log"][]): number =>
    now.reduce((sum, { size }, i) => sum + size - (before[i]?.size ?? 0), 0);
  // Vehicles choose their unit, so one of them may have none; all logs together must grow.
  const during = await eventually("forty more entries in the logs", async () => {
    const now = await sizes();
    return grown(now) >= 40 ? now : undefined;
  });
  // What a quorum had signed when the two were stopped may still arrive.
  expect(await heightOf(first)).toBeLessThanOrEqual(stopped + 1);
  const waiting = during.filter(({ size }, i) => size > (before[i]?.size ?? 0));
  expect(waiting.length).toBeGreaterThan(0);
  for (const { size, finalSize } of waiting) expect(finalSize).toBeLessThan(size);
}

test(`while all units are stopped the outboxes overflow, and the gaps that are declared are exact (seed ${faultSeed})`, async () => {
  await Promise.all(units.map((id) => site.signal(id, "SIGSTOP")));
  await eventually("every outbox to overflow", async () => {
    const vehicles = (await site.ask<FleetStatus>("fleet", "/v1/status"))?.vehicles ?? [];
    return (vehicles.length === 12 && vehicles.every(({ gapOpen }) => gapOpen)) || undefined;
  });
  await Promise.all(units.map((id) => site.signal(id, "SIGCONT")));
  await eventually("every gap to be declared", async () => {
    const vehicles = (await site.ask<FleetStatus>("fleet", "/v1/status"))?.vehicles ?? [];
    return (vehicles.length === 12 && !vehicles.some(({ gapOpen }) => gapOpen)) || undefined;
  });
  const report = await site.count();
  const journals = await readJournals(join(site.dataDir, "fleet"));
  const skipped = journals.map(({ skippedSamples }) => skippedSamples);
  expect(skipped).toHaveLength(12);
  for (const samples of skipped) expect(samples).toBeGreaterThan(0);
  expect(report.samplesInGaps).toBe(skipped.reduce((sum, samples) => sum + samples, 0));
  expect(report.gapsDeclared).toBeGreaterThanOrEqual(12);
  expect(report.unexplainedLoss).toBe(0);
  expect(report.samplesInOutboxes).toBe(0);
  expect(report.framesRefused).toEqual({});
  expect(report.samplesDurable + report.samplesInGaps).toBe(report.samplesSent);
  expect(report.samplesStored).toBe(report.samplesDurable);
  expect(report.verified.checked).toBeGreaterThan(100);
  expect(report.verified).toMatchObject({ failed: 0, reasons: [] });
});

async function heightOf(id: string): Promise<number> {
  const status = await eventually(`${id} to answer`, () =>
    site.ask<ValidatorStatus>(id, "/v1/status"),
  );
  return status.height;
}

async function hashAt(id: string, height: number): Promise<string> {
  const block = await eventually(`block ${height} of ${id}`, () =>
    site.ask<ValidatorStatus>(id, `/v1/blocks/${height}`),
  );
  return block.hash;
}

async function sizes(): Promise<readonly { size: number; finalSize: number }[]> {
  const found = units.map((id) =>
    eventually(`${id} to answer`, () => site.ask<UnitStatus>(id, "/v1/status")),
  );
  return (await Promise.all(found)).map(({ log }) => log);
}
