import { runGate, runSeeds } from "@voltfog/consensus/simulation";
import { CodedError, type Facts, type Findings, type Goal, reportRow } from "@voltfog/runtime";
import type { Experiment, ExperimentContext } from "../report/experiment.ts";

const goals: Readonly<Record<string, Goal>> = {
  "sim.scenarios_per_cpu_h": { sense: "at-least", goal: 100_000, moonshot: 1_000_000 },
  "sim.violations": { sense: "at-most", goal: 0 },
};
const gateScenarios = 10_000;
/** Scenarios between two looks at the clock. */
const chunk = 500;

type Run = ReturnType<typeof runSeeds>;

/** The true engine through many seeds, then every known mistake until it is caught. */
export const simulatorExperiment: Experiment = {
  name: "simulator",
  summary: "The consensus engine through seeded faults and liars, and its known mistakes caught",
  flags: [
    {
      name: "seeds",
      value: "count",
      description: "scenarios of the true engine, from seed 0; a quick run takes a hundredth",
      fallback: "100000",
    },
  ],
  run: async (context) => {
    const asked = Number(context.flags["seeds"]);
    if (!Number.isInteger(asked) || asked < 1 || asked > 1_000_000) {
      throw new CodedError({
        code: "FLAG_INVALID",
        message: "--seeds does not read",
        remedy: "--seeds is a whole number from 1 to 1000000",
      });
    }
    const count = context.isQuick ? Math.ceil(asked / 100) : asked;
    return findings({ count, ...cleanSeeds(count, context), gate: gateOf(context) });
  },
};

interface Clean {
  readonly runs: readonly Run[];
  readonly perCpuHour: readonly number[];
}

function cleanSeeds(count: number, { progress }: ExperimentContext): Clean {
  const runs: Run[] = [];
  const perCpuHour: number[] = [];
  for (let from = 0; from < count; from += chunk) {
    progress({ done: from, total: count, doing: "simulating the true engine" });
    const start = process.cpuUsage();
    const to = Math.min(count, from + chunk) - 1;
    const run = runSeeds({
      ...{ seeds: { from, to }, mutation: undefined, voters: undefined, progress: () => {} },
    });
    const { user, system } = process.cpuUsage(start);
    perCpuHour.push((3.6e9 * run.scenarios.length) / (user + system));
    // Rows of what went well are counted, not kept: a hundred thousand of them are too many.
    const counted = run.scenarios.map((row) =>
      row.violated === null ? { ...row, faults: {} } : row,
    );
    runs.push({ ...run, scenarios: counted });
  }
  return { runs, perCpuHour };
}

function gateOf({ isQuick, progress }: ExperimentContext): ReturnType<typeof runGate> | undefined {
  if (isQuick) return undefined;
  return runGate({
    scenariosMax: gateScenarios,
    progress: (mutation, done) => {
      if (done % 50 === 0) progress({ done, total: gateScenarios, doing: mutation });
    },
  });
}

function findings(
  o: Clean & { readonly count: number; readonly gate: ReturnType<typeof runGate> | undefined },
): Findings {
  const scenarios = o.runs.flatMap((run) => run.scenarios);
  const heights = scenarios.map((row) => row.heights);
  const row = (metric: string, unit: string, values: readonly number[]) =>
    reportRow({ metric, unit, values, goal: goals[metric] });
  const { gate } = o;
  return {
    method: `voltfog simulate chain --engine poa --seeds 0..${o.count - 1}: real engines of 4 to 7 voters (up to 9 after joins) on virtual time, at least 20 final blocks and 3 planned faults of 2 kinds in each scenario, signatures by a keyed hash; scenarios_per_cpu_h is the median over chunks of ${chunk}, user and system time of one process. Then voltfog simulate chain --gate: each known mistake in the seeds 0..${gateScenarios - 1} until a checker objects that may object to it${gate === undefined ? "; left out of a quick run" : ""}.`,
    inputs: { engine: "poa", seeds: `0..${o.count - 1}`, gateScenarios, goals },
    rows: [
      row("sim.scenarios_per_cpu_h", "1/h", o.perCpuHour),
      row("sim.scenarios", "scenarios", [scenarios.length]),
      row("sim.violations", "scenarios", [o.runs.reduce((sum, run) => sum + run.violations, 0)]),
      row("sim.final_blocks", "blocks", [heights.reduce((sum, each) => sum + each, 0)]),
      row("sim.messages", "messages", [scenarios.reduce((sum, each) => sum + each.messages, 0)]),
      ...(gate === undefined
        ? []
        : [
            row("sim.mutations_caught", "mutations", [gate.caught]),
            row("sim.mutations_total", "mutations", [gate.total]),
          ]),
    ],
    items: [
      { faults: faultsOf(o.runs) },
      ...scenarios.filter(({ violated }) => violated !== null).map((each): Facts => ({ ...each })),
      ...(gate?.rows ?? []).map(
        ({ rightCheckers, caught, ...rest }): Facts => ({
          ...rest,
          rightCheckers: rightCheckers.join(", "),
          caughtBy: caught?.checker ?? null,
        }),
      ),
    ],
  };
}

function faultsOf(runs: readonly Run[]): Facts {
  const sums: Record<string, number> = {};
  for (const { faults } of runs) {
    for (const [kind, count] of Object.entries(faults)) sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}
