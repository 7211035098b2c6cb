import {
  belibSites,
  type ChargerSite,
  DriverBenchmark,
  type PolicyName,
  type PolicyOutcome,
  policyNames,
} from "@voltfog/forecasting";
import { type Facts, type ReportRow, reportRow } from "@voltfog/runtime";
import { parse } from "csv-parse/sync";
import { readDatasetFile } from "../dataset-files.ts";
import { datasetRoot } from "../dataset-root.ts";
import type { Evaluated, Evaluation } from "../evaluation/evaluation.ts";
import { seedRange } from "../evaluation/seed-range.ts";

interface Setting {
  readonly utilisation: number;
  readonly requestsPerHour: number;
}

/** The first is the headline of the rows. */
const settings: readonly Setting[] = [
  { utilisation: 0.45, requestsPerHour: 120 },
  { utilisation: 0.8, requestsPerHour: 400 },
];
const hours = 4;

const method =
  "Simulated demand on the real positions and plugs of Belib' in Paris. Others come to each site as a Poisson stream " +
  "and go elsewhere when it is full; stays are lognormal with a mean of 110 min, as in the Belib' sessions of 2017; sites differ " +
  "in how busy they are (σ .15). Drivers ask at random places; every plug fits and stays do not depend on the plug, so only way and " +
  "wait tell policies apart. Every policy sees the same demand, the same feed of 5 minutes ago and the same others. A failed " +
  "arrival finds no free plug within 5 minutes. Regret: mean time from asking to plugging in, over that of a clairvoyant who " +
  "sends one driver after the other with the whole future known (negative where one after the other is not best). likely-free: the nearest " +
  "whose plug is free at arrival with probability .9. Half compliance: a random half goes to the nearest that is available now; ours-who-comply are the others, against the same drivers under nearest-available-now. " +
  "Headline: plugs taken 45 % of the time, drivers included, 120 requests an hour; 3 h lead-in, 4 h scored.";

interface Item extends Setting {
  readonly seed: number;
  readonly policy: PolicyName;
  readonly outcome: PolicyOutcome;
  readonly regret: number;
}

/** `voltfog simulate drivers`: where drivers end up who follow one policy or another. */
export const driversEvaluation: Evaluation = {
  name: "drivers",
  summary: "Send simulated drivers to the real Belib' chargers by six policies",
  flags: [
    { name: "seeds", value: "A..B", summary: "demands to draw, such as 1..9", fallback: "1..5" },
    {
      name: "datasets",
      value: "DIR",
      summary: "folder of the datasets; the shipped ones unless told",
    },
  ],
  examples: ["voltfog simulate drivers", "voltfog simulate drivers --seeds 11..20 --json"],
  async run({ flags, isQuick, progress }): Promise<Evaluated> {
    const seeds = seedRange(flags["seeds"]).slice(0, isQuick ? 1 : undefined);
    const sites = await readSites(flags["datasets"] ?? datasetRoot());
    const total = seeds.length * settings.length;
    const items: Item[] = [];
    for (const [i, seed] of seeds.entries()) {
      for (const [j, setting] of settings.entries()) {
        progress({ done: i * settings.length + j, total, doing: `demand ${seed}` });
        items.push(...runAll(sites, setting, seed));
      }
    }
    return {
      findings: {
        method,
        inputs: {
          seeds: flags["seeds"],
          hours,
          sites: sites.length,
          settings: settings.map((one) => ({ ...one })),
          isQuick,
        },
        rows: rowsOf(items),
        items: items.map(factsOf),
      },
      predictions: {
        columns: ["id", "estimate"],
        rows: items.map((item) => [
          `${item.seed}/${item.requestsPerHour}/${item.policy}`,
          item.outcome.reach_min,
        ]),
      },
    };
  },
};

async function readSites(root: string): Promise<readonly ChargerSite[]> {
  const bytes = await readDatasetFile({ root, id: "belib_pdc_2023", file: "points.csv" });
  const rows: Readonly<Record<string, string>>[] = parse(Buffer.from(bytes), { columns: true });
  return belibSites(rows);
}

function runAll(sites: readonly ChargerSite[], setting: Setting, seed: number): readonly Item[] {
  const benchmark = new DriverBenchmark(sites, { ...setting, seed, hours });
  const outcomes = policyNames.map((policy) => ({ policy, outcome: benchmark.run(policy) }));
  const best_min = outcomes.find(({ policy }) => policy === "clairvoyant")?.outcome.reach_min ?? 0;
  return outcomes.map((one) => ({
    ...setting,
    ...one,
    seed,
    regret: one.outcome.reach_min / best_min - 1,
  }));
}

function rowsOf(items: readonly Item[]): readonly ReportRow[] {
  const headline = items.filter(
    ({ requestsPerHour }) => requestsPerHour === settings[0]?.requestsPerHour,
  );
  const of = (policy: PolicyName): readonly Item[] =>
    headline.filter((item) => item.policy === policy);
  const rows = policyNames.flatMap((policy) => [
    row(
      `drivers.failed_arrivals_pct.${policy}`,
      "%",
      of(policy),
      ({ outcome }) => 100 * outcome.failed,
    ),
    row(
      `drivers.regret_pct.${policy}`,
      "%",
      of(policy),
      ({ regret }) => 100 * regret,
      goals[policy],
    ),
    row(`drivers.wait_min.${policy}`, "min", of(policy), ({ outcome }) => outcome.wait_min),
    row(`drivers.utilisation.${policy}`, "ratio", of(policy), ({ outcome }) => outcome.utilisation),
  ]);
  const reference = of("nearest-available-now");
  const saved = (name: string, policy: PolicyName, failedOf: FailedOf): ReportRow =>
    row(
      `drivers.failed_arrivals_ratio.${name}`,
      "ratio",
      of(policy),
      ({ seed, outcome }) => {
        const other = reference.find((one) => one.seed === seed)?.outcome;
        return failedOf(outcome) / ((other && failedOf(other)) || 1);
      },
      { sense: "at-most", goal: 0.3 },
    );
  return [
    ...rows,
    saved("ours", "ours", ({ failed }) => failed),
    saved("ours-half-compliance", "ours-half-compliance", ({ failed }) => failed),
    saved("ours-who-comply", "ours-half-compliance", ({ compliant }) => compliant.failed),
  ];
}

type FailedOf = (outcome: PolicyOutcome) => number;
type Goal = NonNullable<Parameters<typeof reportRow>[0]["goal"]>;

const goals: Partial<Readonly<Record<PolicyName, Goal>>> = {
  ours: { sense: "at-most", goal: 15, moonshot: 5 },
  "ours-half-compliance": { sense: "at-most", goal: 15, moonshot: 5 },
};

function row(
  metric: string,
  unit: string,
  items: readonly Item[],
  value: (item: Item) => number,
  goal?: Goal,
): ReportRow {
  const values = items.map(value);
  return reportRow({ metric, unit, values, ...(goal === undefined ? {} : { goal }) });
}

function factsOf({ outcome, ...item }: Item): Facts {
  const { compliant, ...all } = outcome;
  return {
    ...item,
    ...all,
    compliantFailed: compliant.failed,
    compliantReach_min: compliant.reach_min,
  };
}
