import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CountedSite, startCountedSite } from "../faults/counted-site.ts";
import { eventually, voltfog } from "./running-site.ts";

/** Functions of a running site: copies on standbys, a unit that dies, versions that come and go. */
interface Standby {
  readonly vehicleId: string;
  readonly at_ms: number | null;
  readonly held: boolean;
}

interface UnitStatus {
  readonly connectedVehicles: readonly string[];
  readonly functions: readonly {
    readonly id: string;
    readonly version: string;
    readonly standby: readonly Standby[];
    readonly failed: readonly { readonly version: string }[];
    readonly health: { readonly state: string; readonly samplesSeen: number };
  }[];
  readonly takeOvers: readonly {
    readonly vehicleId: string;
    readonly from: string;
    readonly states: string;
    readonly refusals: Readonly<Record<string, string>>;
  }[];
}

const units = ["unit-1", "unit-2", "unit-3", "unit-4"];
let site: CountedSite;
beforeAll(async () => {
  site = await startCountedSite("--rate", "10", "--frame-age", "1s");
  await site.untilReady();
});
afterAll(() => site?.stop());

const statusOf = (unit: string): Promise<UnitStatus | undefined> => site.ask(unit, "/v1/status");

async function statuses(): Promise<readonly UnitStatus[]> {
  return (await Promise.all(units.map(statusOf))).flatMap((status) => status ?? []);
}

test("every vehicle has a standby that holds what its functions keep", async () => {
  const held = await eventually("a held copy of every function of every vehicle", async () => {
    const standbys = (await statuses()).flatMap(({ functions }) =>
      functions.flatMap(({ id, standby }) => standby.map((one) => ({ id, ...one }))),
    );
    const whole = standbys.filter(({ held, at_ms }) => held && at_ms !== null);
    const vehicles = new Set(whole.map(({ vehicleId }) => vehicleId));
    return vehicles.size === 12 ? whole : undefined;
  });
  expect(new Set(held.map(({ id }) => id)).size).toBeGreaterThanOrEqual(3);
});

test("when a unit dies its vehicles are taken over with their states, and each says so on the chain", async () => {
  const serving = await Promise.all(
    units.map(async (id) => ({ id, vehicles: (await statusOf(id))?.connectedVehicles ?? [] })),
  );
  // On a busy machine one unit may be so slow from the start that it has none.
  const most = serving.reduce((a, b) => (b.vehicles.length > a.vehicles.length ? b : a));
  const { id: stopped, vehicles: lost } = most;
  expect(lost.length).toBeGreaterThan(0);
  await site.signal(stopped, "SIGSTOP");
  const reports = await eventually("its vehicles to be taken over", async () => {
    const others = await Promise.all(units.filter((id) => id !== stopped).map(statusOf));
    const taken = others.flatMap((status) => status?.takeOvers ?? []);
    const moved = taken.filter(({ vehicleId }) => lost.includes(vehicleId));
    return new Set(moved.map(({ vehicleId }) => vehicleId)).size === lost.length
      ? moved
      : undefined;
  });
  await site.signal(stopped, "SIGCONT");
  expect(reports.filter(({ states }) => states === "none")).toEqual([]);
  for (const { refusals } of reports) expect(refusals).toEqual({});
  await eventually("a take-over that is final", async () => {
    type Event = { class: string; condition: string; final: unknown };
    const path = "/v1/events?class=function-change&limit=200";
    const events = (await site.ask<Event[]>("cloud", path)) ?? [];
    const isSaid = events.some((event) => event.condition === "take over" && event.final !== null);
    return isSaid ? true : undefined;
  });
});

/** Another version of an alert function, which only counts and throws when it has counted far enough. */
function counting(version: string, throwsAt: number): string {
  const range = { default: 10, min: 1, max: 10, unit: "Hz", description: "as before" };
  const margin = { default: 0, min: 0, max: 15, unit: "degC", description: "as before" };
  const manifest = {
    ...{
      id: "thermal-alert",
      version,
      inputs: ["telemetry"],
      rate_Hz: 10,
      cpu: 0.1,
      memory_MB: 64,
    },
    ...{ latencyClass: "alert", cpuPerVehicle: 0.0003, memoryPerVehicle_MB: 0.05 },
    settings: [
      { name: "rate_Hz", ...range },
      { name: "margin_degC", ...margin },
    ],
    readsStatesOf: ["9.0.0"],
  };
  const path = join(site.dataDir, `counting-${version}.mjs`);
  writeFileSync(
    path,
    `export const networkFunction = {
      manifest: ${JSON.stringify(manifest)},
      start() {
        const counts = new Map();
        return {
          onSample({ vehicleId }) {
            const count = (counts.get(vehicleId) ?? 0) + 1;
            counts.set(vehicleId, count);
            if (count > ${throwsAt}) throw new Error("enough");
          },
          stateOf: (id) => (counts.has(id) ? { count: counts.get(id) } : undefined),
          adopt(id, { count }) {
            counts.set(id, count);
            return { ok: true, value: undefined };
          },
        };
      },
    };`,
  );
  return path;
}

async function running(version: string): Promise<true> {
  return eventually(`thermal-alert ${version} on every unit`, async () => {
    const versions = (await statuses()).map(
      ({ functions }) => functions.find(({ id }) => id === "thermal-alert")?.version,
    );
    const isEverywhere = versions.length === 4 && versions.every((one) => one === version);
    return isEverywhere ? true : undefined;
  });
}

test("a version is deployed by one command, one that fails is taken back, and rollback ends it", async () => {
  const data = ["--data", site.dataDir];
  const deploy = async (module: string): Promise<void> => {
    expect(await voltfog("functions", "deploy", module, ...data)).toMatchObject({ code: 0 });
  };
  const [first] = await statuses();
  const own = first?.functions.find(({ id }) => id === "thermal-alert")?.version ?? "";
  await deploy(counting("9.0.0", 1e9));
  await running("9.0.0");
  // It passes the trial of four minutes at one sample a second, and fails in service at ten.
  await deploy(counting("9.1.0", 250));
  await eventually("9.1.0 to be taken back", async () => {
    const failed = (await statuses()).flatMap(({ functions }) =>
      functions.flatMap((one) => (one.id === "thermal-alert" ? one.failed : [])),
    );
    return failed.some(({ version }) => version === "9.1.0") ? true : undefined;
  });
  for (const version of ["9.1.0", "9.0.0"]) {
    const rolledBack = await voltfog("functions", "rollback", "thermal-alert", ...data);
    expect(rolledBack.stdout).toContain(`thermal-alert ${version} is out of service`);
  }
  await running(own);
});
