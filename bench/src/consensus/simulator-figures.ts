import { runGate, runSeeds } from "@voltfog/consensus/simulation";
import type { ExperimentContext } from "../report/experiment.ts";

export interface SimulatorFigures {
  readonly scenarios: number;
  readonly scenariosPerCpuHour: number;
  readonly violations: number;
  /** undefined where the gate was left out. */
  readonly gate: { readonly caught: number; readonly total: number } | undefined;
}

const gateScenarios = 10_000;

/** Scenarios of the true engine in an hour of one core, and whether every known mistake is caught. */
export function simulatorFigures({ isQuick, progress }: ExperimentContext): SimulatorFigures {
  const scenarios = isQuick ? 60 : 400;
  const start = process.cpuUsage();
  const run = runSeeds({
    seeds: { from: 0, to: scenarios - 1 },
    mutation: undefined,
    voters: undefined,
    progress: () => {},
  });
  const { user, system } = process.cpuUsage(start);
  const cpu_h = (user + system) / 3.6e9;
  const gate = isQuick
    ? undefined
    : runGate({
        scenariosMax: gateScenarios,
        progress: (mutation, done) => {
          if (done % 50 === 0) progress({ done, total: gateScenarios, doing: mutation });
        },
      });
  const { violations } = run;
  return { scenarios, scenariosPerCpuHour: scenarios / cpu_h, violations, gate };
}
