import { defaultEngine, type EngineChoice } from "@voltfog/ledger";
import { mutationsOf } from "./mutations.ts";
import { runSeeds } from "./run-seeds.ts";

/** What became of one known mistake. */
export interface GateRow {
  readonly mutation: string;
  /** Checkers that may object to it. */
  readonly rightCheckers: readonly string[];
  readonly scenarios: number;
  readonly caught: { readonly seed: number; readonly checker: string } | null;
  /** Scenarios that another checker objected to. */
  readonly otherObjections: number;
  readonly replay: string | null;
}

export interface GateRun {
  readonly rows: readonly GateRow[];
  readonly caught: number;
  readonly total: number;
}

/**
 * Builds every known mistake that the engine can make into the voters, one after the other, and runs the seeds from 0 until the
 * right checker objects. `progress` is told of each scenario.
 */
export function runGate(options: {
  /** `poa` where not given. */
  engine?: EngineChoice;
  scenariosMax: number;
  progress: (mutation: string, done: number) => void;
}): GateRun {
  const { engine = defaultEngine } = options;
  const rows = Object.entries(mutationsOf(engine)).map(([mutation, { caughtBy }]): GateRow => {
    const run = runSeeds({
      engine,
      seeds: { from: 0, to: options.scenariosMax - 1 },
      mutation,
      voters: undefined,
      progress: (done) => options.progress(mutation, done),
    });
    const { caught } = run;
    return {
      mutation,
      rightCheckers: caughtBy,
      scenarios: run.scenarios.length,
      caught,
      otherObjections: run.violations - (caught === null ? 0 : 1),
      replay: caught === null ? null : (run.scenarios.at(-1)?.replay ?? null),
    };
  });
  return { rows, caught: rows.filter(({ caught }) => caught !== null).length, total: rows.length };
}
