import { systemClock } from "@voltfog/runtime/node";
import type { SiteProcess } from "../site/site-processes.ts";
import { getJson } from "./http-json.ts";

const step_ms = 250;

/** The parts of a unit's status, and of the cloud's view of it, that say how far it has come. */
interface UnitProgress {
  readonly id?: string;
  readonly log?: { readonly size?: number; readonly finalSize?: number };
  readonly eventsPending?: number;
  readonly cursor?: number;
  readonly finalSize?: number;
}

/** What is still on its way from the units to finality and the store; empty when all has arrived. */
async function unsettled(processes: readonly SiteProcess[]): Promise<readonly string[]> {
  const waits: string[] = [];
  const sizes = new Map<string, number>();
  for (const unit of processes.filter(({ role }) => role === "rsu")) {
    const { log, eventsPending } = (await answer(unit, "/v1/status")) as UnitProgress;
    sizes.set(unit.id, log?.size ?? 0);
    if (log?.size !== log?.finalSize) waits.push(`${unit.id}: log not final`);
    if (eventsPending !== 0) waits.push(`${unit.id}: events not final`);
  }
  const cloud = processes.find(({ role }) => role === "cloud");
  if (cloud !== undefined) waits.push(...(await cloudWaits(cloud, sizes)));
  return waits;
}

/** The cloud must have stored each log to its end and verified all of it as final. */
async function cloudWaits(
  cloud: SiteProcess,
  sizes: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const views = (await answer(cloud, "/v1/units")) as readonly UnitProgress[];
  return [...sizes].flatMap(([unitId, size]) => {
    const view = views.find(({ id }) => id === unitId);
    if ((view?.cursor ?? 0) < size) return [`cloud: log of ${unitId} not stored`];
    return (view?.finalSize ?? 0) < size ? [`cloud: log of ${unitId} not verified as final`] : [];
  });
}

async function answer(process: SiteProcess, path: string): Promise<unknown> {
  return getJson(`http://127.0.0.1:${process.ports.http}${path}`);
}

/** Waits until nothing is on its way any more, at most so long; gives what still is. */
export async function settle(options: {
  processes: readonly SiteProcess[];
  limit_ms: number;
}): Promise<readonly string[]> {
  const end_ms = systemClock.monotonic_ms() + options.limit_ms;
  for (;;) {
    const waits = await unsettled(options.processes).catch((thrown) => [String(thrown)]);
    if (waits.length === 0 || systemClock.monotonic_ms() >= end_ms) return waits;
    await new Promise<void>((resolve) => systemClock.after(step_ms, resolve));
  }
}
