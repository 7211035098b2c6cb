import { join } from "node:path";
import { driversEvaluation } from "../drivers/drivers-evaluation.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { evaluations } from "../evaluation/evaluations.ts";

/** One evaluation with its flags, as the report page runs it. */
export interface ReportJob {
  /** Stem of the result's file. */
  readonly name: string;
  readonly title: string;
  readonly evaluation: Evaluation;
  readonly flags: Readonly<Record<string, string>>;
  /** What to type for this result alone; DIR is the root of the datasets. */
  readonly command: string;
}

interface Plan {
  readonly name: string;
  readonly title: string;
  readonly task: string;
  /** Values of flags; those that begin with "@" are files below the root. */
  readonly flags: Readonly<Record<string, string>>;
}

const ambients = [
  ["n20c", "−20 °C"],
  ["0c", "0 °C"],
  ["10c", "10 °C"],
  ["25c", "25 °C"],
  ["40c", "40 °C"],
] as const;
const starts = [
  ["true", "true start", {}],
  ["off", "start 10 points off", { "initial-error": "-10" }],
  ["bias", "0.1 A of bias", { "current-bias": "0.1" }],
] as const;

const plans: readonly Plan[] = [
  ...ambients.flatMap(([file, at]) =>
    starts.map(
      ([start, said, flags]): Plan => ({
        name: `soc-${file}-${start}`,
        title: `State of charge, LG HG2 at ${at}, ${said}`,
        task: "soc",
        flags: { data: `@lg_hg2_drive_1hz/drive_${file}.csv.gz`, chemistry: "nmc", ...flags },
      }),
    ),
  ),
  {
    name: "soc-lfp-off",
    title: "State of charge, A123 (LFP), start 10 points off",
    task: "soc",
    flags: {
      data: "@a123_dynamic_1hz/dynamic.csv.gz",
      chemistry: "lfp",
      "initial-error": "-10",
    },
  },
  ...(["nmc", "lfp", "lmo"] as const).map(
    (chemistry): Plan => ({
      name: `soc-left-out-${chemistry}`,
      title: `State of charge at temperatures left out of the fit, ${chemistry.toUpperCase()}`,
      task: "soc-left-out",
      flags: { datasets: "@", chemistry },
    }),
  ),
  {
    name: "soc-lmo-off",
    title:
      "State of charge, Nissan Leaf (LMO), start 10 points off; the runs that it was fitted to",
    task: "soc",
    flags: { data: "@nissan_leaf_cell/hppc.csv.gz", chemistry: "lmo", "initial-error": "-10" },
  },
  {
    name: "capacity",
    title: "Capacity from a start 10 % wrong, CALCE",
    task: "capacity",
    flags: { data: "@calce_cs2/cycles.csv" },
  },
  ...["xjtu", "hust", "mit", "tju"].map(
    (dataset): Plan => ({
      name: `soh-${dataset}`,
      title: `State of health, ${dataset.toUpperCase()}`,
      task: "soh",
      flags: { data: `@battery_cycles_387/${dataset}.csv.gz` },
    }),
  ),
  {
    name: "rul",
    title: "Remaining life, Severson",
    task: "rul",
    flags: {
      curves: "@severson_early_cycles/discharge_curves.csv.gz",
      capacity: "@severson_early_cycles/capacity_cycles_2_100.csv.gz",
      lives: "@severson_early_cycles/cycle_lives.csv",
    },
  },
  {
    name: "second-life",
    title: "Second life: state of health from a pulse",
    task: "second-life",
    flags: { data: "@pulsebat_second_life/pulses_5s.csv.gz" },
  },
  {
    name: "thermal-tests",
    title: "Thermal alert on cells that ran away",
    task: "thermal",
    flags: { data: "@cell_abuse_indentation/tests.csv.gz" },
  },
  ...ambients.map(
    ([file, at]): Plan => ({
      name: `thermal-${file}`,
      title: `Thermal alert on normal drives at ${at}`,
      task: "thermal",
      flags: { data: `@lg_hg2_drive_1hz/drive_${file}.csv.gz` },
    }),
  ),
  ...ambients.flatMap(([file, at]) =>
    ["0.5", "2"].map(
      (noise): Plan => ({
        name: `thermal-${file}-noise-${noise.replace(".", "p")}`,
        title: `Thermal alert on normal drives at ${at}, a sensor with ${noise} °C of noise`,
        task: "thermal",
        flags: { data: `@lg_hg2_drive_1hz/drive_${file}.csv.gz`, "sensor-noise": noise },
      }),
    ),
  ),
  ...["balancing", "charging", "faults"].map(
    (task): Plan => ({
      name: task,
      title: `${task[0]?.toUpperCase()}${task.slice(1)}, simulated packs`,
      task,
      // Seeds that no rule was chosen on: docs/specs/pack-simulator.md says which were looked at.
      flags: { seeds: task === "faults" ? "131..140" : "101..110" },
    }),
  ),
  {
    name: "maintenance",
    title: "Maintenance, simulated fleet histories",
    task: "maintenance",
    flags: { seeds: "101..102" },
  },
  {
    name: "drivers",
    title: "Drivers who look for a charger, simulated demand on real sites",
    task: "drivers",
    flags: { seeds: "1..5" },
  },
];

/** What can be scored, with the command that does it. */
const scored: readonly (readonly [command: string, Evaluation])[] = [
  ...evaluations.map((evaluation) => ["evaluate", evaluation] as const),
  ["simulate", driversEvaluation],
];

/** Everything that the page shows, in its order. */
export function reportJobs(root: string): readonly ReportJob[] {
  return plans.flatMap(({ name, title, task, flags }) => {
    const found = scored.find(([, one]) => one.name === task);
    if (found === undefined) return [];
    const [command, evaluation] = found;
    const fallbacks = evaluation.flags.flatMap((flag) =>
      flag.fallback === undefined ? [] : [[flag.name, flag.fallback]],
    );
    const placed = Object.entries(flags).map(([flag, value]) => [flag, placedAt(root, value)]);
    const typed = Object.entries(flags).map(
      ([flag, value]) => ` --${flag} ${placedAt("DIR", value)}`,
    );
    return [
      {
        name,
        title,
        evaluation,
        flags: Object.fromEntries([...fallbacks, ...placed]) as Record<string, string>,
        command: `voltfog ${command} ${task}${typed.join("")}`,
      },
    ];
  });
}

function placedAt(root: string, value: string): string {
  return value.startsWith("@") ? join(root, value.slice(1)) : value;
}
