import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CountedSite, startCountedSite } from "../faults/counted-site.ts";
import { DelayingProxy } from "./delaying-proxy.ts";
import { eventually } from "./running-site.ts";
import { portOf } from "./site-clients.ts";

/**
 * The backbone between the controller and the units of a real site is cut, without a word to either side.
 * Vehicles reach all of them all the time. What is lost is counted from the disk at the end.
 */
interface Placements {
  readonly attachments: readonly {
    readonly vehicleId: string;
    readonly unitId: string;
    readonly standbyUnitId: string | null;
    readonly phase: string;
  }[];
}

interface Topology {
  readonly units: readonly { readonly id: string; readonly alive: boolean }[];
}

interface UnitStatus {
  readonly assignmentVersion: number;
  readonly connectedVehicles: readonly string[];
  readonly estimates: readonly { readonly vehicleId: string; readonly at_ms: number }[];
}

interface History {
  readonly moves: readonly unknown[];
}

const units = ["unit-1", "unit-2", "unit-3"];
const vehicles = 6;
let site: CountedSite;
const proxies = new Map<string, DelayingProxy>();

beforeAll(async () => {
  site = await startCountedSite(
    ...["--units", "3", "--vehicles", `${vehicles}`, "--rate", "10", "--frame-age", "500ms"],
  );
  const path = join(site.dataDir, "config", "controller.json");
  let text = readFileSync(path, "utf8");
  for (const unit of units) {
    const port = portOf(site, unit, "backbone");
    const proxy = await DelayingProxy.to(port);
    proxies.set(unit, proxy);
    text = text.replaceAll(`:${port}`, `:${proxy.port}`);
  }
  writeFileSync(path, text);
  await site.signal("controller", "SIGKILL");
  await settledEverywhere();
});
afterAll(async () => {
  await site?.stop();
  for (const proxy of proxies.values()) proxy.close();
});

test("cut off from every unit, the controller moves nobody, and the units go on as they were told", async () => {
  const before = await settledEverywhere();
  const told = await assignments();
  const moves = await movesMade();
  const cut_ms = Date.now();
  for (const proxy of proxies.values()) proxy.cut();
  await aliveAre([]);
  await eventually("every vehicle to be served after the cut", async () => {
    const statuses = await Promise.all(units.map(status));
    const served = statuses.flatMap(({ estimates }) =>
      estimates.filter(({ at_ms }) => at_ms > cut_ms + 5000).map(({ vehicleId }) => vehicleId),
    );
    return new Set(served).size === vehicles ? true : undefined;
  });
  expect(await assignments()).toEqual(told);
  for (const proxy of proxies.values()) proxy.heal();
  await aliveAre(units);
  expect(await settledEverywhere()).toEqual(before);
  expect(await movesMade()).toBe(moves);
});

test("cut off from one unit, its vehicles move once and stay when it is back, and nothing is lost", async () => {
  const before = await settledEverywhere();
  const far = before.get("vehicle-01") ?? "";
  const away = [...before].filter(([, unit]) => unit === far).map(([vehicle]) => vehicle);
  const moves = await movesMade();
  proxies.get(far)?.cut();
  await aliveAre(units.filter((unit) => unit !== far));
  const during = await settledEverywhere();
  for (const [vehicle, unit] of during) {
    if (away.includes(vehicle)) expect(unit).not.toBe(far);
    else expect(unit).toBe(before.get(vehicle));
  }
  proxies.get(far)?.heal();
  await aliveAre(units);
  expect(await settledEverywhere()).toEqual(during);
  expect(await movesMade()).toBe(moves + away.length);
  const report = await site.count();
  expect(report).toMatchObject({ unexplainedLoss: 0, framesRefused: {} });
  expect(report.samplesSent).toBeGreaterThan(100);
});

/** Where each vehicle belongs, once all are connected there. */
function settledEverywhere(): Promise<ReadonlyMap<string, string>> {
  return eventually("every vehicle to be connected to its unit", async () => {
    const placed = await site.ask<Placements>("controller", "/v1/placements");
    const statuses = await Promise.all(units.map(status));
    const settled = (placed?.attachments ?? []).filter(
      ({ vehicleId, unitId, phase }) =>
        phase === "settled" &&
        statuses[units.indexOf(unitId)]?.connectedVehicles.includes(vehicleId),
    );
    if (settled.length < vehicles) return undefined;
    return new Map(settled.map(({ vehicleId, unitId }) => [vehicleId, unitId]));
  });
}

function aliveAre(expected: readonly string[]): Promise<true> {
  return eventually(`the controller to hear ${expected.join() || "nobody"}`, async () => {
    const topology = await site.ask<Topology>("controller", "/v1/topology");
    const alive = topology?.units.filter((unit) => unit.alive).map(({ id }) => id);
    return alive?.join() === expected.join() ? true : undefined;
  });
}

async function assignments(): Promise<readonly number[]> {
  return (await Promise.all(units.map(status))).map(({ assignmentVersion }) => assignmentVersion);
}

async function movesMade(): Promise<number> {
  const path = "/v1/placements/history?limit=1000";
  return (await site.ask<History>("controller", path))?.moves.length ?? -1;
}

const silent: UnitStatus = { assignmentVersion: -1, connectedVehicles: [], estimates: [] };

async function status(unit: string): Promise<UnitStatus> {
  return (await site.ask<UnitStatus>(unit, "/v1/status")) ?? silent;
}
