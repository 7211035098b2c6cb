import { defaultEngine, type EngineChoice, engineText } from "@voltfog/ledger";
import { mix } from "./keyed-hash.ts";
import type { Mutation } from "./mutation.ts";
import { mutations } from "./mutations.ts";
import { simulate } from "./simulate.ts";

/** One run of many, as a row. */
export interface Scenario {
  readonly seed: number;
  readonly n: number;
  /** Final blocks at the correct voter that has fewest. */
  readonly heights: number;
  readonly messages: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly traceHash: string;
  /** The checker that objected first, null where every invariant held. */
  readonly violated: string | null;
  readonly problem: string | null;
  readonly replay: string;
}

export interface SeedRange {
  readonly from: number;
  /** The last one, included. */
  readonly to: number;
}

export interface SimulationRun {
  /** As the command line writes it. */
  readonly engine: string;
  readonly mutation: string | null;
  readonly seeds: SeedRange;
  readonly scenarios: readonly Scenario[];
  /** Sums over all scenarios. */
  readonly faults: Readonly<Record<string, number>>;
  /** Over the scenarios' own hashes, in order. */
  readonly traceHash: string;
  readonly violations: number;
  /** The first scenario that a checker objected to which may object to this mutation. */
  readonly caught: { readonly seed: number; readonly checker: string } | null;
}

export interface SeedsOptions {
  /** `poa` where not given. */
  readonly engine?: EngineChoice;
  readonly seeds: SeedRange;
  /** A name out of {@link mutations} that the engine can have. */
  readonly mutation: string | undefined;
  /** By the seed four numbers from the least that tolerates a liar where not given. */
  readonly voters: number | undefined;
  readonly progress: (done: number) => void;
}

/**
 * Runs the seeds in order. With a mutation the run ends at the first seed that a checker for it objects to;
 * the checkers see events alone and never the mutation's name.
 */
export function runSeeds(options: SeedsOptions): SimulationRun {
  const { seeds } = options;
  const rightCheckers = mutationOf(options)?.caughtBy ?? [];
  const scenarios: Scenario[] = [];
  let caught: SimulationRun["caught"] = null;
  for (let seed = seeds.from; seed <= seeds.to && caught === null; seed++) {
    const scenario = runSeed(seed, options);
    scenarios.push(scenario);
    const { violated: checker } = scenario;
    if (checker !== null && rightCheckers.includes(checker)) caught = { seed, checker };
    options.progress(scenarios.length);
  }
  const hashes = scenarios.map(({ traceHash }) => Number.parseInt(traceHash, 16));
  return {
    engine: engineText(options.engine ?? defaultEngine),
    mutation: options.mutation ?? null,
    seeds,
    scenarios,
    faults: sumOf(scenarios.map(({ faults }) => faults)),
    traceHash: hashes.reduce(mix, 1).toString(16).padStart(8, "0"),
    violations: scenarios.filter(({ violated }) => violated !== null).length,
    caught,
  };
}

function runSeed(seed: number, options: SeedsOptions): Scenario {
  const { engine = defaultEngine, voters, mutation: name } = options;
  const mutation = mutationOf(options);
  const report = simulate({
    ...{ seed, engine },
    ...(voters === undefined ? {} : { voters }),
    ...(mutation === undefined ? {} : { mutation }),
  });
  const [first] = report.violations;
  const flags = [
    ...(voters === undefined ? [] : ["--n", voters]),
    ...(name === undefined ? [] : ["--mutation", name]),
  ];
  return {
    seed,
    n: report.voters,
    heights: report.height,
    messages: report.messages,
    faults: report.faults,
    traceHash: report.traceHash,
    violated: first?.invariant ?? null,
    problem: first?.problem ?? null,
    replay: [
      `voltfog simulate chain --engine ${engineText(engine)} --seeds ${seed}..${seed}`,
      ...flags,
    ].join(" "),
  };
}

function mutationOf({ mutation }: SeedsOptions): Mutation | undefined {
  return mutation === undefined ? undefined : mutations[mutation];
}

function sumOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [kind, count] of counts.flatMap((one) => Object.entries(one))) {
    sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}
