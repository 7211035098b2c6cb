import { join } from "node:path";
import { type Facts, type Findings, type Goal, reportRow, rounded } from "@voltfog/runtime";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";
import { startCountedSite } from "./counted-site.ts";
import { type FlappingRun, simulateFlapping } from "./flapping.ts";
import { type KillRun, killUnit, untilSettled } from "./kill-unit.ts";

const goals: Readonly<Record<string, Goal>> = {
  "failover.serving_s": { sense: "at-most", goal: 3, moonshot: 1 },
  "failover.lost": { sense: "at-most", goal: 0 },
  "flapping.moves_per_h": { sense: "at-most", goal: 0 },
};

const units = ["unit-1", "unit-2", "unit-3", "unit-4"];
const vehicles = 8;
const flags = [
  ...["--units", "4", "--vehicles", `${vehicles}`, "--rate", "10", "--frame-age", "200ms"],
  ...["--log-level", "warn"],
];

interface SiteRun {
  readonly kills: readonly KillRun[];
  readonly lost: number;
  readonly sent: number;
}

/** How soon a dead unit's vehicles are served elsewhere, what is lost, and whether noise moves anybody. */
export const failoverExperiment: Experiment = {
  name: "failover",
  summary:
    "A unit killed in a running site: time until served elsewhere, losses; moves under noise",
  run: async (context) => {
    const seeds = context.isQuick ? [1] : [1, 2, 3, 4, 5];
    const flapping = seeds.map((seed) => simulateFlapping(seed));
    return findingsOf(await killUnits(context), flapping);
  },
};

async function killUnits(context: ExperimentContext): Promise<SiteRun> {
  const { self, clock, isQuick, progress } = context;
  const site = await startCountedSite({ self, clock, folder: join(context.folder, "run"), flags });
  const settled = { site, units, vehicles, clock };
  const kills: KillRun[] = [];
  const total = isQuick ? 2 : 8;
  try {
    for (let done = 0; done < total; done++) {
      progress({ done, total, doing: "a unit is killed" });
      await untilSettled(settled);
      const unitId = await fullestUnit(site);
      const others = units.filter((id) => id !== unitId);
      kills.push(await killUnit({ site, unitId, others, clock }));
    }
    await untilSettled(settled);
    return { kills, ...(await site.count()) };
  } finally {
    await site.stop();
  }
}

/** A unit that came back has no vehicles: the next victim is one that serves. */
async function fullestUnit(site: Awaited<ReturnType<typeof startCountedSite>>): Promise<string> {
  const counts = await Promise.all(
    units.map(async (id) => {
      const status = await site.ask<{ connectedVehicles: readonly string[] }>(id, "/v1/status");
      return { id, count: status?.connectedVehicles.length ?? 0 };
    }),
  );
  return counts.reduce((a, b) => (b.count > a.count ? b : a)).id;
}

function findingsOf(run: SiteRun, flapping: readonly FlappingRun[]): Findings {
  const row = (metric: string, unit: string, values: readonly number[]) =>
    reportRow({ metric, unit, values, goal: goals[metric] });
  const serving_s = run.kills.map((kill) => Math.max(...kill.serving_s));
  return {
    method: `A site of voltfog up with ${units.length} units and ${vehicles} vehicles at 10 samples a second, frames of a fifth of a second, all its ${2 * units.length + 3} processes on this machine. The unit with most vehicles is killed with signal 9, ${run.kills.length} times, each time after every vehicle had a standby that holds its functions' state; the supervisor starts it again. The others are polled from outside every 20 ms: a vehicle is served when it is connected elsewhere, functions there have it and one gave an estimate for a sample taken after the kill. serving_s is that of the slowest vehicle of each kill, lost the samples that the disk of vehicles and units leaves unexplained at the end. Flapping is simulated: the controller's own book and latency table on a simulated clock, 40 vehicles and ${units.length} units 30 to 100 ms away, ${flapping.length} seeds; an hour of ±10 % noise on every measurement, then the fullest unit 60 % slower for good, ten minutes, and another hour of noise.`,
    inputs: { units: units.length, vehicles, kills: run.kills.length, goals },
    rows: [
      row("failover.serving_s", "s", serving_s),
      row("failover.lost", "samples", [run.lost]),
      row("failover.sent", "samples", [run.sent]),
      row(
        "flapping.moves_per_h",
        "moves",
        flapping.map((one) => one.movesPerHour),
      ),
      row(
        "flapping.moves_after_60_pct",
        "moves",
        flapping.map((one) => one.movesAfterChange),
      ),
      row(
        "flapping.worth_moving",
        "vehicles",
        flapping.map((one) => one.worthMoving),
      ),
      row(
        "flapping.moves_per_h_after",
        "moves",
        flapping.map((one) => one.movesPerHourAfter),
      ),
    ],
    items: [...run.kills.map(killItem), ...flapping.map((one, i) => ({ seed: i + 1, ...one }))],
  };
}

function killItem({ unitId, serving_s }: KillRun): Facts {
  return { killed: unitId, vehicles: serving_s.length, serving_s: serving_s.map(rounded) };
}
