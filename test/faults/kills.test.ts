import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repeatedInLog, repeatedInStore } from "../../cli/src/report/repeated-frames.ts";
import type { RunReport } from "../../cli/src/report/write-report.ts";
import { openLogReader } from "../../packages/ledger/src/node/index.ts";
import { SeededRandom } from "../../packages/runtime/src/index.ts";
import { eventually } from "../system/running-site.ts";
import { type CountedSite, startCountedSite } from "./counted-site.ts";
import { faultSeed } from "./fault-seed.ts";

/** How often each role is killed. A unit or validator is drawn anew each time. */
const plan = { fleet: 3, unit: 4, validator: 4, controller: 2, cloud: 3 };
/** Between two kills; some fall into the start of what was killed before. */
const pauseMax_ms = 3000;

const units = ["unit-1", "unit-2", "unit-3", "unit-4"];
const framesLeast = 250;

const random = new SeededRandom(faultSeed);
const victims: string[] = [];
let site: CountedSite;
let report: RunReport;

beforeAll(async () => {
  site = await startCountedSite("--rate", "10", "--frame-age", "1s", "--seed", `${faultSeed}`);
  for (const id of shuffled()) {
    await pause(random.uniform() * pauseMax_ms);
    await site.signal(id, "SIGKILL");
    victims.push(id);
  }
  await site.untilReady();
  // A busy machine spends the time on starts: there must be something to count.
  await eventually("frames enough in the logs", async () => {
    const sizes = await Promise.all(units.map((unit) => logSize(unit)));
    return sizes.reduce((sum, size) => sum + size, 0) > framesLeast || undefined;
  });
  await pause(3000);
  report = await site.count();
});
afterAll(() => site?.stop());

test(`every role was killed, and the supervisor brought each one back (seed ${faultSeed})`, () => {
  expect(victims).toHaveLength(16);
  for (const id of new Set(victims)) {
    const deaths = victims.filter((victim) => victim === id).length;
    expect(count(`${id} died (SIGKILL)`), id).toBe(deaths);
    expect(count(`${id} runs again`), id).toBeGreaterThan(0);
  }
});

test(`all that was sampled is durable, stored and provable (seed ${faultSeed})`, () => {
  expect(report.samplesSent).toBeGreaterThan(12 * 10 * 10);
  expect(report.unexplainedLoss).toBe(0);
  expect(report.samplesInOutboxes).toBe(0);
  expect(report.framesRefused).toEqual({});
  expect(report.samplesDurable + report.samplesInGaps).toBe(report.samplesSent);
  expect(report.samplesStored).toBe(report.samplesDurable);
  expect(report.verified.checked).toBeGreaterThan(100);
  expect(report.verified).toMatchObject({ failed: 0, reasons: [] });
});

test(`nothing was taken twice (seed ${faultSeed})`, async () => {
  let entries = 0;
  for (const unit of units) {
    const log = await repeatedInLog(await openLogReader(join(site.dataDir, unit, "log")));
    expect(log.repeated, unit).toEqual([]);
    entries += log.looked;
  }
  const store = await repeatedInStore(join(site.dataDir, "cloud"));
  expect(store.repeated).toEqual([]);
  for (const looked of [entries, store.looked]) expect(looked).toBeGreaterThan(100);
});

/** Process ids in the order in which they are killed. */
function shuffled(): readonly string[] {
  const anyOf = (role: string): string => `${role}-${1 + Math.floor(random.uniform() * 4)}`;
  const ids = Object.entries(plan).flatMap(([role, times]) =>
    Array.from({ length: times }, () =>
      role === "unit" || role === "validator" ? anyOf(role) : role,
    ),
  );
  return ids
    .map((id) => ({ id, order: random.uniform() }))
    .sort((a, b) => a.order - b.order)
    .map(({ id }) => id);
}

async function logSize(unit: string): Promise<number> {
  const status = await site.ask<{ log: { size: number } }>(unit, "/v1/status");
  return status?.log.size ?? 0;
}

function count(text: string): number {
  return site.said().split(text).length - 1;
}

function pause(time_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time_ms));
}
