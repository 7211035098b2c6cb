import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { SampleCount } from "../../cli/src/report/count-samples.ts";
import { readJournals } from "../../cli/src/report/read-journals.ts";
import { countSite, type RunReport } from "../../cli/src/report/write-report.ts";
import { sitePaths } from "../../cli/src/site/site-folder.ts";
import { eventually } from "../system/running-site.ts";
import { HandRunSite } from "./hand-run-site.ts";
import { readLogged } from "./logged-entries.ts";

const vehicles = 3;
let site: HandRunSite;
/** The whole site's folder once more, for a test to damage. */
let copy: string;
/** The unit's folder as it was half way. */
let older: string;

interface FleetStatus {
  readonly vehicles: readonly { readonly outbox: { readonly frames: number } }[];
}

/** A unit that took frames, was restarted, took more and ended; and vehicles that went on, then were killed. */
beforeAll(async () => {
  site = await HandRunSite.make({ units: 1, vehicles });
  older = mkdtempSync(join(tmpdir(), "voltfog-older-"));
  await site.startReady("unit-1", "fleet");
  await loggedUpTo(20);
  await site.end("unit-1", "SIGTERM");
  cpSync(site.folderOf("unit-1"), older, { recursive: true });
  await site.startReady("unit-1");
  await loggedUpTo(45);
  await site.end("unit-1", "SIGTERM");
  await eventually("frames in every outbox", async () => {
    const status = await site.ask<FleetStatus>("fleet", "/v1/status");
    return status?.vehicles.every(({ outbox }) => outbox.frames >= 5) || undefined;
  });
  await site.end("fleet", "SIGKILL");
});
afterAll(async () => {
  await site?.remove();
  rmSync(older, { recursive: true, force: true });
});

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "voltfog-planted-"));
  cpSync(site.paths.root, copy, { recursive: true });
  return () => rmSync(copy, { recursive: true });
});

/** What `voltfog up --report` counts. */
function count(): Promise<RunReport> {
  const facts = { seed: 1, duration_ms: 0, notes: [] };
  return countSite({ paths: sitePaths(copy), facts });
}

/** Samples that the kill left outside any frame: no declaration speaks of them before the next start. */
async function unframed(): Promise<number> {
  const journals = await readJournals(join(copy, "fleet"));
  return journals.reduce((sum, { unframedSamples }) => sum + unframedSamples, 0);
}

function removeOutbox(vehicle: string): void {
  const outbox = join(copy, "fleet", vehicle, "outbox");
  for (const name of readdirSync(outbox)) {
    if (name.endsWith(".seg")) rmSync(join(outbox, name));
  }
}

async function loggedUpTo(frames: number): Promise<void> {
  await eventually(`${frames} entries`, async () => {
    const status = await site.ask<{ log: { size: number } }>("unit-1", "/v1/status");
    return (status?.log.size ?? 0) >= frames || undefined;
  });
}

test("untouched, every sample is durable, waits in an outbox or for its frame", async () => {
  const found = await count();
  expect(found.samplesDurable).toBeGreaterThan(vehicles * 10);
  expect(found.samplesInOutboxes).toBeGreaterThan(vehicles * 10);
  expect(found.unexplainedLoss).toBe(await unframed());
});

test("an older copy in the place of a log is counted as a loss of what came after it, to the sample", async () => {
  const before = await readLogged(join(copy, "unit-1"));
  rmSync(join(copy, "unit-1"), { recursive: true });
  cpSync(older, join(copy, "unit-1"), { recursive: true });
  const left = (await readLogged(join(copy, "unit-1"))).length;
  expect(left).toBeGreaterThanOrEqual(20);
  // Frames whose acknowledgement was under way when the unit ended are still in the outbox.
  const outboxes = (await readJournals(join(copy, "fleet"))).flatMap(({ outbox }) => [...outbox]);
  const gone = before.slice(left).filter(({ counted }) => !outboxes.includes(counted.commitment));
  const samples = gone.reduce((sum, { counted }) => sum + counted.samples, 0);
  expect(samples).toBeGreaterThan(vehicles * 10);
  expect((await count()).unexplainedLoss).toBe(samples + (await unframed()));
});

test("a log that cannot be read explains nothing, and the count says so", async () => {
  const journal = join(copy, "unit-1", "log", "journal");
  const last = join(journal, readdirSync(journal).sort().at(-1) ?? "");
  truncateSync(last, Math.floor(statSync(last).size / 2));
  const { unexplainedLoss, samplesDurable, samplesSent, samplesInOutboxes, notes } = await count();
  expect(samplesDurable).toBe(0);
  expect(unexplainedLoss).toBe(samplesSent - samplesInOutboxes);
  expect(notes.filter((note) => note.startsWith("the log of unit-1 cannot be read"))).toHaveLength(
    1,
  );
});

test("frames that are gone from an outbox before any unit took them are counted as lost", async () => {
  const before = await count();
  for (const vehicle of readdirSync(join(copy, "fleet"))) removeOutbox(vehicle);
  const after = await count();
  expect(after.samplesInOutboxes).toBe(0);
  expect(after.unexplainedLoss).toBe(before.samplesInOutboxes + before.unexplainedLoss);
});

test("one vehicle's loss is not made up for by another's journal that knows too little", async () => {
  const [first = "", second = ""] = readdirSync(join(copy, "fleet")).sort();
  rmSync(join(copy, "fleet", second), { recursive: true });
  removeOutbox(first);
  const report = await count();
  const each = report.vehicles as SampleCount["vehicles"];
  expect(each).toHaveLength(vehicles - 1);
  const lost = each.find(({ vehicleId }) => vehicleId === first)?.unexplainedLoss ?? 0;
  expect(lost).toBeGreaterThan(10);
  expect(report.unexplainedLoss).toBeGreaterThanOrEqual(lost);
});
