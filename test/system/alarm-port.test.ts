import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FrameView, LinkView } from "../../cloud/src/api/responses.ts";
import { eventually, type RunningSite, startSite } from "./running-site.ts";
import { portOf } from "./site-clients.ts";
import { ThrottlingProxy } from "./throttling-proxy.ts";

/**
 * The agent's two connections to the unit of a real site, each through a proxy: one for telemetry, one for
 * alarms. The packs replay a cell that warms up by 3 °C/s every 16 s, which is an alarm each time.
 */
const vehicles = ["vehicle-01", "vehicle-02", "vehicle-03", "vehicle-04"];
const period_s = 16;
const warming_s = 4;
let site: RunningSite;
let telemetry: ThrottlingProxy;
let alarms: ThrottlingProxy;

beforeAll(async () => {
  site = await startSite("--units", "1", "--vehicles", "4", "--rate", "10", "--frame-age", "500ms");
  telemetry = await ThrottlingProxy.to(portOf(site, "unit-1", "mqtt"));
  alarms = await ThrottlingProxy.to(portOf(site, "unit-1", "urgent"));
  const cycle = join(site.dataDir, "warming.csv");
  writeFileSync(cycle, warmingCycle());
  const path = join(site.dataDir, "config", "fleet.json");
  const settings = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  expect(settings["urgentUnits"], "up names the unit's port of alarms").toEqual([
    `unit-1@127.0.0.1:${portOf(site, "unit-1", "urgent")}`,
  ]);
  const changed = {
    ...{ controllerUrl: "", replayFiles: [cycle] },
    units: [`unit-1@127.0.0.1:${telemetry.port}`],
    urgentUnits: [`unit-1@127.0.0.1:${alarms.port}`],
  };
  writeFileSync(path, JSON.stringify({ ...settings, ...changed }));
  const pid = await eventually("the fleet to run", () => site.pidOf("fleet"));
  process.kill(pid, "SIGKILL");
  const changed_ms = Date.now();
  for (const stream of ["telemetry", "urgent"] as const) {
    await eventually(`${stream} through its proxy`, () => newer(stream, changed_ms));
  }
});
afterAll(async () => {
  await site?.stop();
  telemetry?.close();
  alarms?.close();
});

test("alarms come over their own port, also while the connection of telemetry carries nothing", async () => {
  telemetry.rate_bytes_per_s = 0;
  const full_ms = Date.now();
  const raised = await eventually("an alarm that was raised since", () => newer("urgent", full_ms));
  expect(raised.alarm).toBe("temperature-rise");
  for (const vehicle of vehicles) {
    const [newest] = await framesOf(vehicle, "telemetry");
    expect(newest?.wall_ms ?? 0, `no reading of ${vehicle} passed`).toBeLessThanOrEqual(full_ms);
  }
  telemetry.rate_bytes_per_s = Number.POSITIVE_INFINITY;
  for (const vehicle of vehicles) {
    await eventually(`telemetry of ${vehicle} to go on`, () =>
      newer("telemetry", full_ms, [vehicle]),
    );
  }
  const links = (await (await fetch(`${site.web}/v1/links?state=open`)).json()) as LinkView[];
  expect(links, "frames that are missing").toEqual([]);
});

async function newer(
  stream: FrameView["stream"],
  after_ms: number,
  of: readonly string[] = vehicles,
): Promise<FrameView | undefined> {
  const newest = await Promise.all(of.map(async (vehicle) => (await framesOf(vehicle, stream))[0]));
  return newest.find((frame) => (frame?.wall_ms ?? 0) > after_ms);
}

/** Newest first. */
async function framesOf(vehicle: string, stream: string): Promise<readonly FrameView[]> {
  const path = `v1/vehicles/${vehicle}/frames?stream=${stream}&limit=1`;
  const response = await fetch(new URL(path, site.web));
  return response.ok ? ((await response.json()) as FrameView[]) : [];
}

function warmingCycle(): string {
  const rows = Array.from({ length: 200 * period_s }, (_, t_s) => {
    const at_s = t_s % period_s;
    const up = Math.min(at_s, warming_s) * 3;
    const down = Math.max(0, at_s - warming_s) * ((3 * warming_s) / (period_s - warming_s));
    return ["25", "warming", t_s, "3.7", "0", (25 + up - down).toFixed(2), "-1"].join();
  });
  return `ambient_c,profile,t_s,v,i,temp,ah\n${rows.join("\n")}\n`;
}
