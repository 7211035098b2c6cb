import { faultHorizon_d, faultProbability, faultScore } from "@voltfog/battery";
import {
  type Facts,
  type Goal,
  quantile,
  type ReportRow,
  reportRow,
  SeededRandom,
} from "@voltfog/runtime";
import type { Evaluated, Evaluation } from "../evaluation/evaluation.ts";
import { seedRange, seedsFlag } from "../evaluation/seed-range.ts";
import {
  type DepotOutcome,
  type DepotPolicy,
  depotCosts,
  inspectedShare,
  replayDepot,
} from "./depot-replay.ts";
import { planTrials } from "./plan-trials.ts";
import { auroc, calibrationError } from "./risk-quality.ts";
import { scoreRows } from "./score-rows.ts";
import { type Judged, recordVehicle, type VehicleRecord } from "./vehicle-record.ts";

const vehicles = 200;
const quickVehicles = 60;
const days = 730;
const policies: readonly DepotPolicy[] = ["risk", "by-age", "by-soh", "random", "none"];

const method =
  "Simulated: per seed one fleet history (fleetHistory) of two years with five kinds of use, season, wear by the " +
  "model of docs/specs/pack-simulator.md, six kinds of faults that grow from an onset to a failure and one fault in " +
  "eight that is sudden and unforeseeable, workshop visits, recalibrations, gaps, sensor noise. Indicators are made " +
  "day by day from the rows a cloud store keeps; every estimate is causal. The fault model was fitted on seeds 1..2, " +
  "its probabilities on 3..4; priors and widths were chosen by looking at seed 1, and seed 11 was looked at once. SoH " +
  "and capacity: every 15 days from day 120; rows named sound leave out days with a fault. Attribution: changes over " +
  "90 days; unexplained_share is the sum of unexplained parts over the sum of total changes, both absolute; errors of " +
  "the parts are mean absolute ones against their truth, beside the mean absolute truth. Life: days until the cells " +
  "have 80 %, told a year and half a year before the end and on the last day; the truth goes on with the wear model " +
  `and the use of the last year. Risk: weekly, a fault that fails within ${faultHorizon_d} days. Scores: weeks with a ` +
  "fault that has grown half its way against weeks without any; safety counts short, connection and cooling, its " +
  `lead is from the first warning to the failure, 0 where none came. Depot: room for ` +
  `${100 * inspectedShare} % of the fleet a week; an inspection (${depotCosts.inspection_EUR} EUR) finds a fault that ` +
  `has grown a fifth of its way, a repair costs ${depotCosts.repair_EUR} EUR, a failure ${depotCosts.failure_EUR} EUR: ` +
  "assumptions. The estimator knows the cell type, and the model the kinds of fault, that the simulator has, which " +
  "flatters both.";

interface Fleet {
  readonly seed: number;
  readonly records: readonly VehicleRecord[];
}

/** `voltfog evaluate maintenance`: indicators, attribution, risk and depot on simulated fleets. */
export const evaluateMaintenance: Evaluation = {
  name: "maintenance",
  summary: "Indicators, attribution, fault risk and depot plans on simulated fleet histories",
  flags: [seedsFlag],
  examples: [
    "voltfog evaluate maintenance --seeds 101..102",
    "voltfog evaluate maintenance --seeds 101 --quick --json",
  ],
  async run({ flags, isQuick, progress }): Promise<Evaluated> {
    const asked = seedRange(flags["seeds"]);
    const seeds = isQuick ? asked.slice(0, 1) : asked;
    const count = isQuick ? quickVehicles : vehicles;
    const fleets = seeds.map((seed, n): Fleet => {
      const records = Array.from({ length: count }, (_, vehicle) => {
        const done = n * count + vehicle;
        progress({ done, total: seeds.length * count, doing: `fleet ${seed}` });
        return recordVehicle({ seed, vehicles: count, days }, vehicle);
      });
      return { seed, records };
    });
    const outcomes = fleets.map((fleet) => depotOutcomes(fleet));
    return {
      findings: {
        method,
        inputs: { seeds: flags["seeds"], seedsRun: seeds.length, vehicles: count, days, isQuick },
        rows: [
          ...indicatorRows(fleets),
          ...riskRows(fleets),
          ...scoreRows(fleets.flatMap(({ records }) => records)),
          ...depotRows(outcomes, count),
          ...planTrials(seeds),
        ],
        items: outcomes.flatMap((list, n) =>
          list.map((outcome): Facts => ({ seed: seeds[n], ...outcome })),
        ),
      },
      predictions: {
        columns: ["id", "estimate", "low", "high"],
        rows: fleets.flatMap(({ records }) =>
          records.flatMap(({ samples }) =>
            samples.map(({ seed, vehicle, day, features }) => {
              const { value, low, high } = faultProbability(faultScore(features));
              return [`${seed}/${vehicle}/${day}`, value, low, high];
            }),
          ),
        ),
      },
    };
  },
};

function row(metric: string, unit: string, values: readonly number[], goal?: Goal): ReportRow {
  return reportRow({ metric: `maintenance.${metric}`, unit, values, goal });
}

function indicatorRows(fleets: readonly Fleet[]): readonly ReportRow[] {
  const records = fleets.flatMap((fleet) => fleet.records);
  const changes = records.flatMap((record) => record.changes);
  const sumOf = (value: (change: (typeof changes)[number]) => number): number =>
    changes.reduce((sum, change) => sum + Math.abs(value(change)), 0);
  const total = sumOf(({ parts }) => parts.total);
  const points = (value: (change: (typeof changes)[number]) => number): readonly number[] => [
    (100 * sumOf(value)) / changes.length,
  ];
  const life = records.flatMap((record) => record.life);
  const soh = records.flatMap((record) => record.soh);
  return [
    row(
      "attribution.unexplained_share",
      "share",
      [sumOf(({ parts }) => parts.unexplained) / total],
      {
        sense: "at-most",
        goal: 0.2,
      },
    ),
    row("attribution.changes", "", [changes.length]),
    row("attribution.mean_change", "points", [(100 * total) / changes.length]),
    row(
      "attribution.ageing_error",
      "points",
      points(({ parts, trueAgeing }) => parts.ageing - trueAgeing),
    ),
    row(
      "attribution.true_ageing",
      "points",
      points(({ trueAgeing }) => trueAgeing),
    ),
    row(
      "attribution.temperature_error",
      "points",
      points(({ parts, trueCold }) => parts.temperature - trueCold),
    ),
    row(
      "attribution.true_temperature",
      "points",
      points(({ trueCold }) => trueCold),
    ),
    ...judgedRows("soh", soh),
    ...judgedRows(
      "soh.sound",
      soh.filter(({ isFaulty }) => !isFaulty),
    ),
    ...judgedRows(
      "cell_health",
      records.flatMap((record) => record.cells),
    ),
    row("life.error_median", "share", [
      quantile(
        life.map(({ estimate, truth }) => Math.abs(estimate.value - truth) / truth),
        0.5,
      ),
    ]),
    row("life.coverage", "share", [coverage(life)], { sense: "at-least", goal: 0.9 }),
    row("life.n", "", [life.length]),
  ];
}

function judgedRows(name: string, judged: readonly Judged[]): readonly ReportRow[] {
  const squares = judged.reduce(
    (sum, { estimate, truth }) => sum + (estimate.value - truth) ** 2,
    0,
  );
  const bias = judged.reduce((sum, { estimate, truth }) => sum + estimate.value - truth, 0);
  return [
    row(`${name}.rmse`, "points", [100 * Math.sqrt(squares / judged.length)]),
    row(`${name}.bias`, "points", [(100 * bias) / judged.length]),
    row(`${name}.coverage`, "share", [coverage(judged)], { sense: "at-least", goal: 0.9 }),
  ];
}

function coverage(judged: readonly Judged[]): number {
  const held = judged.filter(
    ({ estimate, truth }) => truth >= estimate.low && truth <= estimate.high,
  );
  return held.length / Math.max(1, judged.length);
}

function riskRows(fleets: readonly Fleet[]): readonly ReportRow[] {
  const records = fleets.flatMap((fleet) => fleet.records);
  const samples = records.flatMap((record) => record.samples);
  const growing = records.flatMap((record) => {
    const sudden = record.faults.filter(({ kind }) => kind === "sudden");
    return record.samples.filter(
      ({ day, fails }) =>
        !fails ||
        !sudden.some(({ failureDay }) => failureDay >= day && failureDay <= day + faultHorizon_d),
    );
  });
  const of = (list: typeof samples, score: (sample: (typeof samples)[number]) => number): number =>
    auroc(list.map((sample) => ({ score: score(sample), fails: sample.fails })));
  const byRisk = ({ features }: (typeof samples)[number]): number => faultScore(features);
  return [
    row("fault.auroc", "", [of(samples, byRisk)]),
    row("fault.auroc.without_sudden", "", [of(growing, byRisk)], { sense: "at-least", goal: 0.95 }),
    row("fault.auroc.by_age", "", [of(samples, ({ age_d }) => age_d)]),
    row("fault.auroc.by_soh", "", [of(samples, ({ capacityLeft }) => -capacityLeft)]),
    row("fault.base_rate", "share", [
      samples.filter(({ fails }) => fails).length / Math.max(1, samples.length),
    ]),
    row("fault.calibration_error", "share", [
      calibrationError(
        samples.map((sample) => ({
          chance: faultProbability(byRisk(sample)).value,
          fails: sample.fails,
        })),
      ),
    ]),
  ];
}

function depotOutcomes({ seed, records }: Fleet): readonly DepotOutcome[] {
  return policies.map((policy) =>
    replayDepot({ records, days, policy, random: new SeededRandom(seed) }),
  );
}

function depotRows(
  outcomes: readonly (readonly DepotOutcome[])[],
  count: number,
): readonly ReportRow[] {
  const years = (count * days) / 365;
  const of = (policy: DepotPolicy): readonly DepotOutcome[] =>
    outcomes.flatMap((list) => list.filter((one) => one.policy === policy));
  const risk = of("risk");
  const cost = (policy: DepotPolicy): readonly number[] =>
    of(policy).map(({ cost_EUR }) => cost_EUR / years);
  const precision = (policy: DepotPolicy): readonly number[] =>
    of(policy).map(({ found, inspections }) => found / Math.max(1, inspections));
  const baselines = outcomes.map((list) =>
    Math.min(...list.filter(({ policy }) => policy !== "risk").map(({ cost_EUR }) => cost_EUR)),
  );
  const leads = risk.flatMap(({ lead_d }) => lead_d);
  return [
    row("depot.precision", "share", precision("risk")),
    row("depot.precision.random", "share", precision("random")),
    row(
      "depot.found_of_growing",
      "share",
      risk.map(({ found, failedGrowing }) => found / Math.max(1, found + failedGrowing)),
    ),
    ...(leads.length > 0 ? [row("depot.lead", "d", leads)] : []),
    ...policies.map((policy) =>
      row(`depot.cost.${policy.replace("-", "_")}`, "EUR per vehicle-year", cost(policy)),
    ),
    row(
      "depot.saving_against_best_baseline",
      "share",
      risk.map(({ cost_EUR }, n) => 1 - cost_EUR / (baselines[n] ?? cost_EUR)),
    ),
  ];
}
