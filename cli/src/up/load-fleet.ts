import { join } from "node:path";
import { loadFleetHistory } from "@voltfog/cloud";
import { systemClock } from "@voltfog/runtime/node";
import type { CommandContext } from "../command-context.ts";
import { complaint } from "../complaint.ts";
import { progressText } from "../progress-text.ts";
import type { SitePaths } from "../site/site-folder.ts";

/** A simulated fleet that is shown beside the site's own vehicles. */
export interface ShownFleet {
  readonly vehicles: number;
  readonly days: number;
}

/** Two years. */
const usualFleet: ShownFleet = { vehicles: 200, days: 731 };
const limits = { vehicles: 2000, days: 3653 };

/** "history", or "history:20x60" for 20 vehicles over 60 days. FLEET_UNKNOWN. */
export function parseFleet(text: string): ShownFleet {
  if (text === "history") return usualFleet;
  const [, vehicles = "", days = ""] = /^history:(\d{1,5})x(\d{1,5})$/.exec(text) ?? [];
  const fleet = { vehicles: Number(vehicles), days: Number(days) };
  const isInside = fleet.vehicles <= limits.vehicles && fleet.days <= limits.days;
  if (fleet.vehicles > 0 && fleet.days > 0 && isInside) return fleet;
  throw complaint({
    code: "FLEET_UNKNOWN",
    what: `--fleet is ${JSON.stringify(text)}`,
    remedy: "write history, or history:20x60 for 20 vehicles over 60 days",
  });
}

/**
 * Puts a simulated fleet's history where the cloud will find it, with a bar. What is there already is passed
 * over, so a second start costs nothing and a load that was interrupted goes on. Before the cloud starts.
 */
export async function loadFleet(o: {
  fleet: ShownFleet;
  seed: number;
  paths: SitePaths;
  context: CommandContext;
  interrupted: Promise<string>;
}): Promise<void> {
  const { fleet, seed, paths, context } = o;
  const stop = new AbortController();
  void o.interrupted.then(() => stop.abort());
  const every = Math.max(1, Math.round(fleet.vehicles / 40));
  await loadFleetHistory({
    ...{ dataDir: join(paths.root, "cloud"), seed, ...fleet, clock: systemClock },
    onVehicle: (done) => {
      const doing = `simulated vehicles over ${fleet.days} days`;
      if (done % every !== 0 && done !== fleet.vehicles) return;
      context.terminal.progress(progressText({ done, total: fleet.vehicles, doing }));
    },
    signal: stop.signal,
  });
  context.terminal.progressDone();
}
