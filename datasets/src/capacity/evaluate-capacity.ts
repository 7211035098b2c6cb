import { CodedError, type Facts, type Goal, reportRow, SeededRandom } from "@voltfog/runtime";
import type { Evaluation } from "../evaluation/evaluation.ts";
import { numberOrMissing, readDataFile } from "../learning/data-file.ts";
import { followCapacity } from "./capacity-trial.ts";

/** A trial begins at every so many-th cycle, told too much and told too little. */
const everyCycle = 25;
const cycles = 10;
/** Below this share of the first capacity a cell is out of service, and its last cycles jump. */
const inService = 0.7;
/** Share of the charge that a cycle moves. */
const deep = 0.9;
const shallow = 0.5;
const goal: Goal = { sense: "at-most", goal: 2, moonshot: 1 };

interface Trial {
  readonly cell: string;
  readonly cycle: number;
  readonly startFactor: number;
  readonly depth: number;
  readonly error_pct: number;
  readonly low_Ah: number;
  readonly high_Ah: number;
  readonly estimate_Ah: number;
  readonly truth_Ah: number;
}

/** `voltfog evaluate capacity`. */
export const evaluateCapacity: Evaluation = {
  name: "capacity",
  summary: "Score the twin's capacity estimate on recorded lives of cells, from a wrong start",
  flags: [
    {
      name: "data",
      value: "FILE",
      summary: "cycles with cell, cycle and capacity_ah, like cycles.csv of calce_cs2",
      isRequired: true,
    },
    { name: "start-error", value: "PP", summary: "how wrong the start is told", fallback: "10" },
    { name: "seed", value: "S", summary: "of the sensors' errors", fallback: "1" },
  ],
  examples: ["voltfog evaluate capacity --data cycles.csv"],
  run: ({ flags }) => {
    const startError = numberOf("start-error", flags["start-error"], 20) / 100;
    const seed = numberOf("seed", flags["seed"], 1e9);
    const { lives, sha256 } = readLives(flags["data"] ?? "");
    const random = new SeededRandom(seed);
    const trials = [deep, shallow].flatMap((depth) =>
      [...lives].flatMap(([cell, capacity_Ah]) =>
        trialsOf({ cell, capacity_Ah, depth, startError, random }),
      ),
    );
    return Promise.resolve({
      findings: {
        method: `Each cell's measured capacity over its life (until ${100 * inService} % of the first) is the truth. Every ${everyCycle} cycles a capacity tracker of the twin (total least squares, forgetting 0.98) is told ${100 * startError} % too much and too little, and follows ${cycles} cycles from 95 % of charge down by the depth and back at C/2. The file holds no currents and voltages, so these are simulated: a charge estimate is off by 1 point σ the same way in every cycle and by 1 point σ anew at each end, the current sensor by up to 0.5 % and 0.1 A of 150 Ah. Cycles of 90 % are the headline, those of 50 % stand beside. Nothing was fitted to the file.`,
        inputs: { sha256, seed, startError_pct: 100 * startError, cycles, everyCycle },
        rows: rowsOf(trials, [...lives.keys()]),
        items: trials.map((trial): Facts => ({ ...trial })),
      },
      predictions: {
        columns: ["id", "estimate", "low", "high"],
        rows: trials.map((trial) => [
          `${trial.cell} ${trial.cycle} ${trial.startFactor} ${trial.depth}`,
          ...[trial.estimate_Ah, trial.low_Ah, trial.high_Ah],
        ]),
      },
    });
  },
};

function trialsOf(o: {
  cell: string;
  capacity_Ah: readonly number[];
  depth: number;
  startError: number;
  random: SeededRandom;
}): readonly Trial[] {
  const trials: Trial[] = [];
  for (let cycle = 0; cycle + cycles < o.capacity_Ah.length; cycle += everyCycle) {
    const capacity_Ah = o.capacity_Ah.slice(cycle, cycle + cycles);
    const truth_Ah = capacity_Ah.at(-1) ?? 0;
    for (const startFactor of [1 + o.startError, 1 - o.startError]) {
      const said = followCapacity({ ...o, capacity_Ah, startFactor }).at(-1);
      if (said === undefined) continue;
      const { capacity_Ah: estimate_Ah, low_Ah, high_Ah } = said;
      const error_pct = 100 * (estimate_Ah / truth_Ah - 1);
      const about = { cell: o.cell, cycle: cycle + 1, startFactor, depth: o.depth };
      trials.push({ ...about, error_pct, estimate_Ah, low_Ah, high_Ah, truth_Ah });
    }
  }
  return trials;
}

function rowsOf(trials: readonly Trial[], cells: readonly string[]) {
  const row = (metric: string, value: number, own?: Goal, unit = "%") =>
    reportRow({ metric, unit, values: [value], goal: own });
  const whole = trials.filter(({ depth }) => depth === deep);
  const half = trials.filter(({ depth }) => depth === shallow);
  if (whole.length === 0) return [];
  const perCell = cells.map((cell) => rms(whole.filter((trial) => trial.cell === cell)));
  return [
    row("capacity.error_pct.rms.worst_cell", Math.max(...perCell), goal),
    ...cells.map((cell, i) => row(`capacity.error_pct.rms.${cell}`, perCell[i] ?? 0)),
    row("capacity.error_pct.max", Math.max(...whole.map(({ error_pct }) => Math.abs(error_pct)))),
    row("capacity.interval_coverage", coverage(whole), undefined, ""),
    row("capacity.shallow.error_pct.rms", rms(half)),
    row("capacity.shallow.interval_coverage", coverage(half), undefined, ""),
  ];
}

function rms(trials: readonly Trial[]): number {
  const squares = trials.reduce((sum, { error_pct }) => sum + error_pct ** 2, 0);
  return Math.sqrt(squares / Math.max(1, trials.length));
}

function coverage(trials: readonly Trial[]): number {
  const inside = trials.filter((o) => o.truth_Ah >= o.low_Ah && o.truth_Ah <= o.high_Ah);
  return inside.length / Math.max(1, trials.length);
}

function readLives(path: string): { lives: ReadonlyMap<string, number[]>; sha256: string } {
  const { rows, sha256 } = readDataFile({ path, columns: ["cell", "cycle", "capacity_ah"] });
  const lives = new Map<string, number[]>();
  for (const [i, row] of rows.entries()) {
    const capacity_Ah = numberOrMissing(row["capacity_ah"], `${path}, row ${i + 2}`);
    const life = lives.get(row["cell"] ?? "") ?? [];
    lives.set(row["cell"] ?? "", life);
    if (capacity_Ah >= inService * (life[0] ?? 0)) life.push(capacity_Ah);
  }
  return { lives, sha256 };
}

function numberOf(name: string, text: string | undefined, most: number): number {
  const value = Number(text);
  if (text !== "" && value >= 0 && value <= most) return value;
  throw new CodedError({
    code: "FLAG_INVALID",
    message: `--${name} is ${JSON.stringify(text ?? "")}`,
    remedy: `give a number from 0 to ${most}`,
  });
}
