import { afterEach, beforeEach, expect, test } from "vitest";
import { readJournals } from "../../cli/src/report/read-journals.ts";
import { openStoreReader } from "../../cloud/src/index.ts";
import { fsckLog } from "../../packages/ledger/src/node/index.ts";
import { gapCauses } from "../../packages/messages/src/index.ts";
import { eventually } from "../system/running-site.ts";
import { HandRunSite } from "./hand-run-site.ts";
import { readLogged } from "./logged-entries.ts";
import { SmallDisk } from "./small-disk.ts";

interface Vehicle {
  readonly frames: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly gapOpen: boolean;
}

interface LogLine {
  readonly phrase?: string;
  readonly vehicleId?: string;
  readonly stream?: string;
}

const vehicles = 3;
const orderly = { code: 0, signal: null };
let disk: SmallDisk;
let site: HandRunSite;

beforeEach(async () => {
  disk = new SmallDisk(8 * 1024 * 1024);
  site = await HandRunSite.make({ units: 1, vehicles });
});
afterEach(async () => {
  await site?.remove();
  disk?.remove();
});

test("a unit whose disk is full acknowledges nothing and forgets nothing, and takes all once there is room", async () => {
  site.configure("unit-1", { dataDir: disk.data });
  await site.startReady("unit-1", "fleet");
  await acknowledgedMore(4 * vehicles);
  disk.fill();
  await refusedMore("unit-1", 6);
  const full = { acknowledged: await acknowledged(), size: await logSize() };
  await framesMore(4 * vehicles);
  expect({ acknowledged: await acknowledged(), size: await logSize() }).toEqual(full);

  await site.end("unit-1", "SIGKILL");
  await site.startReady("unit-1");
  await refusedMore("unit-1", 6);
  expect({ acknowledged: await acknowledged(), size: await logSize() }).toEqual(full);

  disk.free();
  await acknowledgedMore(12 * vehicles);
  expect(await site.end("fleet", "SIGTERM")).toEqual(orderly);
  expect(await site.end("unit-1", "SIGTERM")).toEqual(orderly);
  const count = await site.count();
  expect(count.samplesSent).toBeGreaterThan(50 * vehicles);
  expect(count).toMatchObject({
    samplesDurable: count.samplesSent,
    unexplainedLoss: 0,
    samplesInOutboxes: 0,
    gapsDeclared: 0,
    framesRefused: {},
  });
  expect(await fsckLog(`${disk.data}/log`)).toMatchObject({ ok: true });
});

test("an agent whose disk is full goes on sampling and declares exactly what it could not keep", async () => {
  site.configure("fleet", { dataDir: disk.data });
  await site.startReady("unit-1", "fleet");
  await acknowledgedMore(4 * vehicles);
  disk.fill();
  await refusedMore("fleet", 6 * vehicles);
  disk.free();
  await gapsDeclared();
  await acknowledgedMore(4 * vehicles);
  expect(await site.end("fleet", "SIGTERM")).toEqual(orderly);
  expect(await site.end("unit-1", "SIGTERM")).toEqual(orderly);

  const count = await site.count();
  const journals = await readJournals(disk.data);
  const skipped = journals.map(({ skippedSamples }) => skippedSamples);
  expect(skipped).toHaveLength(vehicles);
  expect(Math.max(...skipped)).toBeGreaterThan(10);
  // A vehicle whose last frame found room and whose journal did not waits for the journal: it loses nothing.
  const losers = journals.filter(({ skippedSamples }) => skippedSamples > 0);
  expect(losers.map(({ vehicleId }) => vehicleId).sort()).toEqual(vehiclesThatCouldNotWrite());
  expect(count.samplesInGaps).toBe(skipped.reduce((sum, samples) => sum + samples, 0));
  expect(count.samplesDurable).toBeGreaterThan(20 * vehicles);
  expect(count.samplesDurable + count.samplesInGaps).toBe(count.samplesSent);
  expect(count).toMatchObject({ unexplainedLoss: 0, samplesInOutboxes: 0, framesRefused: {} });
});

test("an agent killed on a full disk starts there again, and says that it was away", async () => {
  site.configure("fleet", { dataDir: disk.data });
  await site.startReady("unit-1", "fleet");
  await acknowledgedMore(4 * vehicles);
  disk.fill();
  await refusedMore("fleet", 2 * vehicles);
  await site.end("fleet", "SIGKILL");
  disk.fill();
  site.start("fleet");
  await refusedMore("fleet", 2 * vehicles);
  disk.free();
  await gapsDeclared();
  await acknowledgedMore(4 * vehicles);
  expect(await site.end("fleet", "SIGTERM")).toEqual(orderly);
  expect(await site.end("unit-1", "SIGTERM")).toEqual(orderly);
  const count = await site.count();
  expect(count.samplesDurable + count.samplesInGaps).toBe(count.samplesSent);
  expect(count).toMatchObject({ unexplainedLoss: 0, samplesInOutboxes: 0, framesRefused: {} });
  const restarts = (await readLogged(site.folderOf("unit-1")))
    .map(({ entry }) => entry)
    .filter((entry) => entry.kind === "gap" && gapCauses[entry.cause] === "agent-restart");
  expect(restarts).toHaveLength(vehicles);
});

test("a cloud whose disk is full keeps its place, and stores what the unit holds once there is room", async () => {
  site.configure("cloud", { dataDir: disk.data });
  await site.startReady("unit-1");
  site.start("cloud");
  await site.startReady("fleet");
  await eventually("the first entries", async () => (await stored()) > 0 || undefined);
  disk.fill();
  const failures = (): number => site.log("cloud").split('"code":"STORE_FAILED"').length - 1;
  await eventually("a commit to fail", () => failures() > 0 || undefined);
  const place = await stored();
  await framesMore(4 * vehicles);
  expect(await stored()).toBe(place);

  disk.free();
  await eventually("the cloud to go on", async () => (await stored()) > place || undefined);
  expect(await site.end("fleet", "SIGTERM")).toEqual(orderly);
  const size = await logSize();
  await eventually("the rest", async () => (await stored()) === size || undefined);
  expect(await site.end("cloud", "SIGTERM")).toEqual(orderly);
  expect(await site.end("unit-1", "SIGTERM")).toEqual(orderly);
  const count = await site.count();
  const reader = await openStoreReader(disk.data);
  expect(await reader.samplesStored()).toBe(count.samplesSent);
  await reader.close();
});

/** Waits until a process has refused so many more times for lack of space. */
async function refusedMore(id: string, times: number): Promise<void> {
  const refusals = (): number => site.log(id).split('"code":"DISK_FULL"').length - 1;
  const before = refusals();
  await eventually(`${times} refusals of ${id}`, () => refusals() >= before + times || undefined);
}

function vehiclesThatCouldNotWrite(): readonly string[] {
  const found = new Set<string>();
  for (const line of site.log("fleet").split("\n")) {
    const { phrase, vehicleId, stream } = (line === "" ? {} : JSON.parse(line)) as LogLine;
    const isLoss = phrase === "frames not kept" && stream !== "urgent";
    if (isLoss && vehicleId !== undefined) found.add(vehicleId);
  }
  return [...found].sort();
}

async function fleet(): Promise<readonly Vehicle[]> {
  const status = await eventually("the fleet to answer", () =>
    site.ask<{ vehicles: readonly Vehicle[] }>("fleet", "/v1/status"),
  );
  expect(status.vehicles).toHaveLength(vehicles);
  return status.vehicles;
}

async function gapsDeclared(): Promise<void> {
  await eventually("every gap to be declared", async () => {
    return (await fleet()).every(({ gapOpen }) => !gapOpen) || undefined;
  });
}

async function acknowledged(): Promise<number> {
  return (await fleet()).reduce((sum, vehicle) => sum + vehicle.acknowledged, 0);
}

async function cut(): Promise<number> {
  return (await fleet())
    .flatMap(({ frames }) => Object.values(frames))
    .reduce((sum, frames) => sum + frames, 0);
}

async function acknowledgedMore(frames: number): Promise<void> {
  const before = await acknowledged();
  await eventually(`${frames} more frames to be acknowledged`, async () => {
    return (await acknowledged()) >= before + frames || undefined;
  });
}

async function framesMore(frames: number): Promise<void> {
  const before = await cut();
  await eventually(`${frames} more frames to be cut`, async () => {
    return (await cut()) >= before + frames || undefined;
  });
}

async function stored(): Promise<number> {
  const units = await eventually("the cloud to answer", () =>
    site.ask<readonly { readonly cursor: number }[]>("cloud", "/v1/units"),
  );
  return units[0]?.cursor ?? 0;
}

async function logSize(): Promise<number> {
  const status = await eventually("the unit to answer", () =>
    site.ask<{ log: { size: number } }>("unit-1", "/v1/status"),
  );
  return status.log.size;
}
