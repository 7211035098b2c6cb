import { type Clock, CodedError } from "@voltfog/runtime";
import type { CountedSite } from "./counted-site.ts";

interface Status {
  readonly connectedVehicles: readonly string[];
  readonly functions: readonly {
    readonly id: string;
    readonly vehicles: readonly string[] | null;
    readonly standby: readonly { readonly vehicleId: string; readonly held: boolean }[];
  }[];
  readonly estimates: readonly { readonly vehicleId: string; readonly at_ms: number }[];
}

interface Placements {
  readonly attachments: readonly {
    readonly vehicleId: string;
    readonly unitId: string;
    readonly standbyUnitId: string | null;
    readonly phase: string;
  }[];
}

/** What one kill of one unit led to. */
export interface KillRun {
  readonly unitId: string;
  /** Seconds from the signal until each of the unit's vehicles was served elsewhere. */
  readonly serving_s: readonly number[];
}

const poll_ms = 20;
const settleLimit_ms = 120_000;
const servingLimit_ms = 30_000;

/** Resolves when every vehicle is settled with a standby that holds all of its functions' state. */
export async function untilSettled(o: {
  site: CountedSite;
  units: readonly string[];
  vehicles: number;
  clock: Clock;
}): Promise<void> {
  const end_ms = o.clock.monotonic_ms() + settleLimit_ms;
  while (!(await isSettled(o))) {
    if (o.clock.monotonic_ms() > end_ms) {
      const message = `no standby for every vehicle within ${settleLimit_ms / 1000} s`;
      throw new CodedError({ code: "SITE_NOT_SETTLED", message });
    }
    await pause(o.clock, 200);
  }
}

async function isSettled(o: {
  site: CountedSite;
  units: readonly string[];
  vehicles: number;
}): Promise<boolean> {
  const placements = await o.site.ask<Placements>("controller", "/v1/placements");
  const attachments = placements?.attachments ?? [];
  if (attachments.length < o.vehicles) return false;
  if (!attachments.every((one) => one.phase === "settled" && one.standbyUnitId !== null)) {
    return false;
  }
  const statuses = await Promise.all(o.units.map((id) => o.site.ask<Status>(id, "/v1/status")));
  const connected = statuses.flatMap((status) => status?.connectedVehicles ?? []);
  const copies = statuses.flatMap(
    (status) => status?.functions.flatMap((one) => one.standby) ?? [],
  );
  const vehicles = new Set(copies.map(({ vehicleId }) => vehicleId));
  return (
    statuses.every((status) => status !== undefined) &&
    new Set(connected).size === o.vehicles &&
    vehicles.size === o.vehicles &&
    copies.every(({ held }) => held)
  );
}

/**
 * Kills a unit's process with signal 9 and polls the others from outside. A vehicle is served elsewhere when
 * it is connected there, functions there have it, and one of them gives an estimate for a sample taken after
 * the kill: that sample's frame was logged and acknowledged there, for the dead unit took nothing any more.
 */
export async function killUnit(o: {
  site: CountedSite;
  unitId: string;
  others: readonly string[];
  clock: Clock;
}): Promise<KillRun> {
  const { site, unitId, others, clock } = o;
  const status = await site.ask<Status>(unitId, "/v1/status");
  const victims = status?.connectedVehicles ?? [];
  const pid = site.pidOf(unitId);
  if (pid === undefined || victims.length === 0) {
    throw new CodedError({ code: "NO_VICTIM", message: `${unitId} has no process or no vehicle` });
  }
  const killed = { wall_ms: clock.wall_ms(), monotonic_ms: clock.monotonic_ms() };
  process.kill(pid, "SIGKILL");
  const served = new Map<string, number>();
  while (served.size < victims.length) {
    const statuses = await Promise.all(others.map((id) => site.ask<Status>(id, "/v1/status")));
    const spent_ms = clock.monotonic_ms() - killed.monotonic_ms;
    for (const vehicle of victims) {
      const isServed = statuses.some((one) => serves(one, vehicle, killed.wall_ms));
      if (isServed && !served.has(vehicle)) served.set(vehicle, spent_ms / 1000);
    }
    if (spent_ms > servingLimit_ms) {
      const message = `vehicles of ${unitId} were not served within ${servingLimit_ms / 1000} s`;
      throw new CodedError({ code: "NOT_SERVED", message });
    }
    await pause(clock, poll_ms);
  }
  return { unitId, serving_s: [...served.values()] };
}

function serves(status: Status | undefined, vehicle: string, after_ms: number): boolean {
  if (status?.connectedVehicles.includes(vehicle) !== true) return false;
  return (
    status.functions.some(({ vehicles }) => vehicles?.includes(vehicle) === true) &&
    status.estimates.some((one) => one.vehicleId === vehicle && one.at_ms > after_ms)
  );
}

function pause(clock: Clock, pause_ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(pause_ms, resolve));
}
