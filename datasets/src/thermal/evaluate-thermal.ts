import { type ThermalVerdict, thermalRules } from "@voltfog/battery";
import {
  CodedError,
  type Facts,
  type Goal,
  normal,
  quantile,
  reportRow,
  SeededRandom,
} from "@voltfog/runtime";
import type { Evaluated, Evaluation } from "../evaluation/evaluation.ts";
import type { Predictions } from "../evaluation/predictions.ts";
import { readThermalRuns, type ThermalFile, type ThermalRun } from "./thermal-runs.ts";
import { runaway_degC } from "./train-thermal.ts";
import { watchRun } from "./watch-run.ts";

const goals: Readonly<Record<string, Goal>> = {
  "thermal.recall": { sense: "at-least", goal: 1 },
  "thermal.lead_s.median": { sense: "at-least", goal: 5.5, moonshot: 7 },
  "thermal.lead_s.p10": { sense: "at-least", goal: 2, moonshot: 3 },
  "thermal.false_alerts": { sense: "at-most", goal: 0 },
};

/** `voltfog evaluate thermal`. */
export const evaluateThermal: Evaluation = {
  name: "thermal",
  summary: "Score the thermal alert on tests of real cells that ran away, or on normal drives",
  flags: [
    {
      name: "data",
      value: "FILE",
      summary: "tests like cell_abuse_indentation, or drives like lg_hg2_drive_1hz, plain or .gz",
      isRequired: true,
    },
    {
      name: "sensor-noise",
      value: "DEGC",
      summary: "σ of noise that every drive's sensor has from its 900th row on",
      fallback: "0",
    },
    { name: "seed", value: "S", summary: "of that noise", fallback: "1" },
  ],
  examples: [
    "voltfog evaluate thermal --data tests.csv.gz",
    "voltfog evaluate thermal --data drive_25c.csv.gz --sensor-noise 2",
    "voltfog evaluate thermal --data drive_40c.csv.gz --json --predictions alerts.csv",
  ],
  run: async ({ flags, progress }) => {
    const file = readThermalRuns(flags["data"] ?? "");
    const noise_degC = numberOf("sensor-noise", flags["sensor-noise"], 50);
    const seed = numberOf("seed", flags["seed"], 1e9);
    const random = new SeededRandom(seed);
    const watched = file.runs.map((recorded, i) => {
      const run = file.kind === "drive" ? withNoise(recorded, { noise_degC, random }) : recorded;
      progress({ done: i, total: file.runs.length, doing: run.id });
      return { run, verdicts: watchRun(run, thermalRules) };
    });
    return {
      findings: findingsOf(file, watched, { noise_degC, seed }),
      predictions: predictionsOf(watched),
    };
  },
};

/** A sensor that becomes noisy while the cell is driven. */
const noisyFrom = 900;

function withNoise(run: ThermalRun, o: { noise_degC: number; random: SeededRandom }): ThermalRun {
  if (o.noise_degC === 0) return run;
  const cell_degC = run.cell_degC.map((value, row) =>
    row < noisyFrom ? value : value + o.noise_degC * normal(o.random),
  );
  return { ...run, cell_degC };
}

function numberOf(name: string, text: string | undefined, most: number): number {
  const value = Number(text ?? "0");
  if (text !== "" && value >= 0 && value <= most) return value;
  throw new CodedError({
    code: "FLAG_INVALID",
    message: `--${name} is ${JSON.stringify(text ?? "")}`,
    remedy: `give a number from 0 to ${most}`,
  });
}

interface Watched {
  readonly run: ThermalRun;
  readonly verdicts: readonly ThermalVerdict[];
}

/** What came of one run. */
interface Outcome {
  readonly id: string;
  /** First alert of tier 2 or 3, and the first reading at which the runaway is there. */
  readonly alert_s: number | undefined;
  readonly runaway_s: number | undefined;
  readonly lead_s: number | undefined;
  readonly cause: string | undefined;
  readonly probability: number;
}

function outcomeOf({ run, verdicts }: Watched): Outcome {
  const alert = verdicts.findIndex(({ tier }) => tier >= 2);
  const runaway = run.cell_degC.findIndex((value) => value >= runaway_degC);
  const alert_s = run.t_s[alert];
  const runaway_s = run.t_s[runaway];
  const isInTime = alert_s !== undefined && runaway_s !== undefined && alert_s <= runaway_s;
  return {
    id: run.id,
    alert_s,
    runaway_s,
    lead_s: isInTime ? runaway_s - alert_s : undefined,
    cause: verdicts[alert]?.cause,
    probability: Math.max(0, ...verdicts.map(({ probability }) => probability)),
  };
}

function findingsOf(
  file: ThermalFile,
  watched: readonly Watched[],
  noise: { readonly noise_degC: number; readonly seed: number },
): Evaluated["findings"] {
  const outcomes = watched.map(outcomeOf);
  const runaways = outcomes.filter(({ runaway_s }) => runaway_s !== undefined);
  const leads = runaways.flatMap(({ lead_s }) => lead_s ?? []);
  const alerts = outcomes.filter(({ alert_s }) => alert_s !== undefined);
  const falseAlerts = file.kind === "drive" ? alerts.length : 0;
  const row = (metric: string, unit: string, value: number) =>
    reportRow({ metric, unit, values: [value], goal: goals[metric] });
  return {
    method: `Every run is read row by row; an alert uses rows up to its time only. A runaway is a test that reaches ${runaway_degC} °C, found when an alert of tier 2 or 3 came by then; its lead is the time between. ${file.kind === "drive" ? `The drives are of a cell in service: every run with an alert of tier 2 or 3 counts as false; the voltage that load lets one expect is the cell model's.${noise.noise_degC === 0 ? "" : ` From row ${noisyFrom} on every sensor has ${noise.noise_degC} °C of added noise (σ).`}` : "Tests that stay below have real shorts, so an alert on them is not false. The cell is at rest: the highest voltage of the window is what is expected."} No truth column is read: the files have none.`,
    inputs: { sha256: file.sha256, kind: file.kind, runs: outcomes.length, rules: thermalRules, goals, ...noise }, // biome-ignore format: one line
    rows: [
      ...(runaways.length === 0
        ? []
        : [row("thermal.recall", "ratio", leads.length / runaways.length)]),
      ...(leads.length === 0
        ? []
        : [
            row("thermal.lead_s.median", "s", quantile(leads, 0.5)),
            row("thermal.lead_s.p10", "s", quantile(leads, 0.1)),
          ]),
      row("thermal.false_alerts", "alerts", falseAlerts),
    ],
    items: outcomes.map((outcome): Facts => ({ ...outcome })),
  };
}

function predictionsOf(watched: readonly Watched[]): Predictions {
  return {
    columns: ["id", "t_s", "estimate", "tier"],
    rows: {
      *[Symbol.iterator]() {
        for (const { run, verdicts } of watched) {
          for (const [row, { probability, tier }] of verdicts.entries()) {
            const t_s = run.t_s[row];
            yield [run.id, Number.isFinite(t_s) ? t_s : undefined, probability, tier];
          }
        }
      },
    },
  };
}
