import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunReport } from "../../cli/src/report/write-report.ts";
import type { FrameView, LinkView, VehicleView } from "../../cloud/src/api/responses.ts";
import { type CountedSite, startCountedSite } from "../faults/counted-site.ts";
import { eventually } from "./running-site.ts";

/**
 * Vehicles lose their unit twice. The first time they show the receipts of the unit that stands still
 * to another one; the second time their agent was killed too and its receipts are gone.
 */
type Frames = ReadonlyMap<string, readonly FrameView[]>;
let site: CountedSite;
let report: RunReport;
/** Frames of the vehicles that were attached to the unit that was stopped, by vehicle. */
let withReceipts: Frames;
let without: Frames;
let vehicles: readonly VehicleView[];
let openLinks: readonly LinkView[];

beforeAll(async () => {
  site = await startCountedSite("--rate", "10", "--frame-age", "1s");
  await site.untilReady();
  withReceipts = await framesOf(await roam("unit-1", async () => {}));
  const robbed = await roam("unit-2", async () => {
    await site.signal("fleet", "SIGKILL");
    for (const { id } of vehicles) {
      rmSync(join(site.dataDir, "fleet", id, "receipts"), { recursive: true, force: true });
    }
  });
  await eventually("all links to be closed", async () => {
    vehicles = (await site.ask("cloud", "/v1/vehicles")) ?? [];
    openLinks = (await site.ask("cloud", "/v1/links?state=open")) ?? [];
    const isClosed = openLinks.length === 0 && vehicles.every(({ links }) => links.open === 0);
    return vehicles.length === 12 && isClosed ? true : undefined;
  });
  without = await framesOf(robbed);
  report = await site.count();
});
afterAll(() => site?.stop());

test("nothing is lost, refused or counted twice", () => {
  expect(report.samplesSent).toBeGreaterThan(12 * 10 * 10);
  expect(report.unexplainedLoss).toBe(0);
  expect(report.framesRefused).toEqual({});
  expect(report.samplesDurable + report.samplesInGaps).toBe(report.samplesSent);
  expect(report.samplesStored).toBe(report.samplesDurable);
  expect(report.verified).toMatchObject({ failed: 0, reasons: [] });
});

test("with a receipt to show, the next unit links the first frame that it takes", () => {
  expect(withReceipts.size).toBeGreaterThan(0);
  for (const [vehicle, frames] of withReceipts) {
    const arrivals = arrivalsIn(frames);
    expect(arrivals.length, vehicle).toBeGreaterThan(0);
    expect(new Set(arrivals.map(({ link }) => link)), vehicle).toEqual(new Set(["linked"]));
  }
});

test("without one it takes the frame all the same, and the cloud finds what came before", () => {
  expect(without.size).toBeGreaterThan(0);
  for (const [vehicle, frames] of without) {
    expect(
      arrivalsIn(frames).map(({ link }) => link),
      vehicle,
    ).toContain("closed");
  }
});

test("no link stays open", () => {
  expect(openLinks).toEqual([]);
  for (const { id, links } of vehicles) expect(links.open, id).toBe(0);
  const closed = vehicles.reduce((sum, { links }) => sum + links.closed, 0);
  expect(closed).toBeGreaterThanOrEqual(without.size);
});

/**
 * Stops a unit until all its vehicles have sent to others, and lets it go on: what stood in its sockets
 * then comes into its log as well. Gives those vehicles.
 */
async function roam(unit: string, meanwhile: () => Promise<void>): Promise<readonly string[]> {
  vehicles = await eventually("every vehicle to be stored with a receipt on disk", async () => {
    const known = (await site.ask<VehicleView[]>("cloud", "/v1/vehicles")) ?? [];
    const kept = known.filter(({ id }) =>
      existsSync(join(site.dataDir, "fleet", id, "receipts", "telemetry")),
    );
    return kept.length === 12 ? known : undefined;
  });
  const attached = await eventually(`vehicles of ${unit}`, async () => {
    const status = await site.ask<{ connectedVehicles: string[] }>(unit, "/v1/status");
    return status?.connectedVehicles.length ? status.connectedVehicles : undefined;
  });
  await site.signal(unit, "SIGSTOP");
  await meanwhile();
  const before = new Map(vehicles.map((vehicle) => [vehicle.id, vehicle.received_ms ?? 0]));
  for (const id of attached) {
    await eventually(`${id} to send to another unit than ${unit}`, async () => {
      const vehicle = await site.ask<VehicleView>("cloud", `/v1/vehicles/${id}`);
      const moved = vehicle !== undefined && vehicle.unitId !== unit;
      return moved && (vehicle.received_ms ?? 0) > (before.get(id) ?? 0) ? true : undefined;
    });
  }
  await site.signal(unit, "SIGCONT");
  return attached;
}

async function framesOf(ids: readonly string[]): Promise<Frames> {
  const frames = new Map<string, readonly FrameView[]>();
  for (const id of ids) {
    const path = `/v1/vehicles/${id}/frames?limit=500`;
    const ask = (): Promise<FrameView[] | undefined> => site.ask<FrameView[]>("cloud", path);
    frames.set(id, await eventually(`frames of ${id}`, ask));
  }
  return frames;
}

/** The frames with which a vehicle came to a unit: their predecessor is not in that unit's log. */
function arrivalsIn(frames: readonly FrameView[]): readonly FrameView[] {
  const places = new Set(frames.map(({ unitId, sequence }) => `${unitId} ${sequence}`));
  return frames.filter(
    ({ unitId, sequence }) => sequence > 1 && !places.has(`${unitId} ${sequence - 1}`),
  );
}
