import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CountedSite, startCountedSite } from "../faults/counted-site.ts";
import { DelayingProxy } from "./delaying-proxy.ts";
import { eventually } from "./running-site.ts";
import { portOf } from "./site-clients.ts";

/**
 * The controller of a real site: functions by the pack's condition, standbys that hold state, a hand-over to
 * a faster unit, and a unit that is killed. What is lost is counted from the disk at the end.
 */
interface Placements {
  readonly attachments: readonly {
    readonly vehicleId: string;
    readonly unitId: string;
    readonly standbyUnitId: string | null;
    readonly phase: string;
    readonly functions: readonly { readonly id: string; readonly because: string }[];
  }[];
}

interface Topology {
  readonly links: readonly { from: string; to: string; latency_ms: number | null }[];
  readonly vehicles: readonly {
    readonly vehicleId: string;
    readonly latencies: readonly { readonly unitId: string; readonly latency_ms: number }[];
  }[];
}

interface History {
  readonly moves: readonly { vehicleId: string; from: string; to: string; trigger: string }[];
}

interface UnitStatus {
  readonly connectedVehicles: readonly string[];
  readonly functions: readonly {
    readonly vehicles: readonly string[] | null;
    readonly standby: readonly { readonly vehicleId: string; readonly held: boolean }[];
  }[];
  readonly estimates: readonly { readonly vehicleId: string; readonly at_ms: number }[];
}

const units = ["unit-1", "unit-2", "unit-3"];
const vehicles = 6;
const delay_ms = 150;
let site: CountedSite;
/** By unit, before its backbone and its broker. */
const proxies = new Map<string, readonly DelayingProxy[]>();

beforeAll(async () => {
  site = await startCountedSite(
    ...["--units", "3", "--vehicles", `${vehicles}`, "--rate", "10", "--frame-age", "500ms"],
  );
  const passed: [string, string][] = [];
  for (const unit of units) {
    const ports = ["backbone", "mqtt"].map((listener) => portOf(site, unit, listener));
    const made = await Promise.all(ports.map((port) => DelayingProxy.to(port)));
    proxies.set(unit, made);
    for (const [i, port] of ports.entries()) passed.push([`:${port}`, `:${made[i]?.port}`]);
  }
  // Everybody reaches the units through proxies that do not delay yet.
  for (const id of ["controller", "fleet"]) {
    const path = join(site.dataDir, "config", `${id}.json`);
    let text = readFileSync(path, "utf8");
    for (const [port, proxy] of passed) text = text.replaceAll(port, proxy);
    const settings = JSON.parse(text) as Record<string, unknown>;
    // A vehicle may move again soon after it came.
    const quick = id === "controller" ? { moveCooldown_ms: 1000 } : {};
    writeFileSync(path, JSON.stringify({ ...settings, ...quick }));
    await site.signal(id, "SIGKILL");
  }
  await untilHeld();
});
afterAll(async () => {
  await site?.stop();
  for (const proxy of [...proxies.values()].flat()) proxy.close();
});

test("functions are chosen for each pack with a reason, and another unit holds their state", async () => {
  const { attachments } = await placements();
  for (const { unitId, standbyUnitId, functions } of attachments) {
    const ids = functions.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["thermal-alert", "charge-guard"]));
    expect(functions.every(({ because }) => because.length > 5)).toBe(true);
    expect(units).toContain(standbyUnitId);
    expect(standbyUnitId).not.toBe(unitId);
  }
  await eventually("packs in different conditions to have different functions", async () => {
    const all = (await placements()).attachments.map(({ functions }) => functions);
    const chosen = new Set(all.map((functions) => functions.map(({ id }) => id).join()));
    return chosen.size > 1 ? true : undefined;
  });
});

test("a proxy that delays one pair shows in the latencies, and its vehicles are handed over", async () => {
  const far = await fullest();
  const away = (await status(far)).connectedVehicles;
  for (const proxy of proxies.get(far) ?? []) proxy.delay_ms = delay_ms;
  await eventually("the delay between units to be measured", async () => {
    const { links } = await topology();
    const slow = links.filter(({ latency_ms }) => (latency_ms ?? 0) >= 2 * delay_ms);
    return slow.length > 0 && slow.every(({ to }) => to === far) ? true : undefined;
  });
  await eventually("the delay between vehicles and the unit to be measured", async () => {
    const ways = (await topology()).vehicles.flatMap(({ latencies }) => latencies);
    const slow = ways.filter(({ latency_ms }) => latency_ms >= 2 * delay_ms);
    return slow.length === vehicles && slow.every(({ unitId }) => unitId === far)
      ? true
      : undefined;
  });
  await eventually("its vehicles to be served elsewhere", async () => {
    const { attachments } = await placements();
    const left = attachments.filter(({ unitId }) => unitId === far);
    const settled = attachments.every(({ phase }) => phase === "settled");
    const { connectedVehicles } = await status(far);
    return left.length === 0 && settled && connectedVehicles.length === 0 ? true : undefined;
  });
  const { moves } = await history();
  for (const vehicleId of away) {
    const move = { vehicleId, from: far, trigger: "faster" };
    expect(moves).toContainEqual(expect.objectContaining(move));
  }
});

test("a unit is killed: its vehicles are served by the units that stood by, and nothing is lost", async () => {
  for (const proxy of [...proxies.values()].flat()) proxy.delay_ms = 0;
  await untilHeld();
  const before = new Map((await placements()).attachments.map((one) => [one.vehicleId, one]));
  const victim = await fullest();
  const victims = (await status(victim)).connectedVehicles;
  const killed_ms = Date.now();
  await site.signal(victim, "SIGKILL");
  for (const vehicleId of victims) {
    const heir = before.get(vehicleId)?.standbyUnitId ?? "";
    await eventually(`${vehicleId} to be served by ${heir}`, async () => {
      const { connectedVehicles, functions, estimates } = await status(heir);
      const serves = functions.some((one) => one.vehicles?.includes(vehicleId));
      const fresh = estimates.some((one) => one.vehicleId === vehicleId && one.at_ms > killed_ms);
      return connectedVehicles.includes(vehicleId) && serves && fresh ? true : undefined;
    });
  }
  await untilHeld();
  const report = await site.count();
  expect(report).toMatchObject({ unexplainedLoss: 0, framesRefused: {} });
  expect(report.samplesSent).toBeGreaterThan(100);
});

/** Every vehicle is settled, and a standby holds the state of all of its functions. */
async function untilHeld(): Promise<void> {
  await eventually("every vehicle to have a standby that holds its state", async () => {
    const { attachments } = await placements();
    const settled = attachments.filter(
      ({ phase, standbyUnitId }) => phase === "settled" && standbyUnitId !== null,
    );
    const statuses = await Promise.all(units.map(status));
    const functions = statuses.flatMap((one) => one.functions);
    const connected = attachments.filter(({ unitId, vehicleId }) =>
      statuses[units.indexOf(unitId)]?.connectedVehicles.includes(vehicleId),
    );
    if (connected.length < vehicles) return undefined;
    const copies = functions.flatMap(({ standby }) => standby);
    const held = new Set(copies.filter((one) => one.held).map(({ vehicleId }) => vehicleId));
    return settled.length === vehicles && held.size === vehicles && copies.every((one) => one.held)
      ? true
      : undefined;
  });
}

/** The unit that serves most vehicles. */
async function fullest(): Promise<string> {
  const { attachments } = await placements();
  const counts = units.map((unit) => attachments.filter(({ unitId }) => unitId === unit).length);
  return units[counts.indexOf(Math.max(...counts))] ?? "";
}

const silent: UnitStatus = { connectedVehicles: [], functions: [], estimates: [] };

async function status(unit: string): Promise<UnitStatus> {
  return (await site.ask<UnitStatus>(unit, "/v1/status")) ?? silent;
}

async function placements(): Promise<Placements> {
  return (await site.ask<Placements>("controller", "/v1/placements")) ?? { attachments: [] };
}

async function topology(): Promise<Topology> {
  const none = { links: [], vehicles: [] };
  return (await site.ask<Topology>("controller", "/v1/topology")) ?? none;
}

async function history(): Promise<History> {
  return (await site.ask<History>("controller", "/v1/placements/history")) ?? { moves: [] };
}
