import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite, voltfogMain } from "./running-site.ts";
import { portOf } from "./site-clients.ts";

/** Two controllers of one site, real processes: one leads, and what the other wants is refused by the units. */
interface Topology {
  readonly controllerId: string;
  readonly term: number;
  readonly role: "leading" | "passive";
}

interface UnitStatus {
  readonly term: number;
  readonly leader: { readonly id: string } | null;
  readonly assignmentVersion: number;
  readonly connectedVehicles: readonly string[];
}

let site: RunningSite;
let second: ChildProcess;
let secondPort: number;

beforeAll(async () => {
  site = await startSite("--units", "3", "--vehicles", "6", "--log-level", "info");
  secondPort = await freePort();
  second = spawn(
    process.execPath,
    [
      ...[voltfogMain, "controller", "--config", join(site.dataDir, "config", "controller.json")],
      ...["--id", "controller-2", "--data-dir", join(site.dataDir, "controller-2")],
      ...["--http-port", String(secondPort), "--backbone-port", "0"],
    ],
    { stdio: "ignore" },
  );
  await eventually("both controllers to have found their roles", async () => {
    const roles = [(await first())?.role, (await other())?.role];
    return roles.join() === "leading,passive" ? true : undefined;
  });
});
afterAll(async () => {
  second?.kill("SIGKILL");
  await site?.stop();
});

test("a controller whose leader stands still takes over in a new term, and what the old one then wants is refused", async () => {
  const before = await first();
  const term = before?.term ?? 0;
  signal("SIGSTOP");
  await eventually("the second to lead", async () =>
    (await other())?.role === "leading" ? true : undefined,
  );
  await eventually("every unit to have an assignment of the new term", async () => {
    const units = await statuses();
    const led = units.every((unit) => unit.leader?.id === "controller-2");
    return led && units.every((unit) => unit.term === term + 1) ? true : undefined;
  });
  const placed = await statuses();
  signal("SIGCONT");
  await eventually("the old leader to see that it is fenced", async () =>
    (await first())?.role === "passive" ? true : undefined,
  );
  expect(await ready(portOf(site, "controller", "http"))).toEqual([
    503,
    { ready: false, missing: [`passive: controller-2 leads in term ${term + 1}`] },
  ]);
  const log = readFileSync(join(site.dataDir, "logs", "controller.log"), "utf8");
  expect(log).toContain("controller is passive");
  for (const [i, unit] of (await statuses()).entries()) {
    expect(unit).toMatchObject({ term: term + 1, leader: { id: "controller-2" } });
    expect(unit.connectedVehicles).toEqual(placed[i]?.connectedVehicles);
  }
});

test("when the leader is killed, the passive one takes over in a term above", async () => {
  const term = (await other())?.term ?? 0;
  second.kill("SIGKILL");
  await eventually("the first to lead again", async () => {
    const now = await first();
    return now?.role === "leading" && now.term === term + 1 ? true : undefined;
  });
  await eventually("every unit to obey it", async () => {
    const units = await statuses();
    return units.every((unit) => unit.leader?.id === "controller") ? true : undefined;
  });
  const connected = (await statuses()).flatMap(({ connectedVehicles }) => connectedVehicles);
  expect(new Set(connected).size).toBe(6);
  expect(await ready(portOf(site, "controller", "http"))).toEqual([
    200,
    { ready: true, missing: [] },
  ]);
});

const first = (): Promise<Topology | undefined> =>
  ask<Topology>(portOf(site, "controller", "http"), "/v1/topology");
const other = (): Promise<Topology | undefined> => ask<Topology>(secondPort, "/v1/topology");

async function statuses(): Promise<readonly UnitStatus[]> {
  const ports = [1, 2, 3].map((n) => portOf(site, `unit-${n}`, "http"));
  const all = await Promise.all(ports.map((port) => ask<UnitStatus>(port, "/v1/status")));
  return all.filter((one) => one !== undefined);
}

async function ask<T>(port: number, path: string): Promise<T | undefined> {
  try {
    const signal = AbortSignal.timeout(2000);
    return (await (await fetch(`http://127.0.0.1:${port}${path}`, { signal })).json()) as T;
  } catch {
    return undefined; // It stands still or is gone.
  }
}

async function ready(port: number): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/ready`);
  return [answer.status, await answer.json()];
}

function signal(name: "SIGSTOP" | "SIGCONT"): void {
  const pid = site.pidOf("controller");
  if (pid === undefined) throw new Error("the controller does not run");
  process.kill(pid, name);
}
