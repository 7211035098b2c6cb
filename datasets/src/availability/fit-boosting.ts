import { writeBlendStart } from "@voltfog/forecasting";
import {
  addTrees,
  type BoostedClasses,
  type BoostingRules,
  boostClasses,
  softmaxRows,
} from "./learning/boosted-classes.ts";
import { rowsBetween, type TrainingRows } from "./training-rows.ts";

export interface FittedBoosting {
  readonly model: BoostedClasses;
  /** Rounds that the later part of the rows chose. */
  readonly rounds: number;
  /** Mean log-loss on the later part, of the blend and of the model before it learnt from that part. */
  readonly validation: { readonly blend: number; readonly model: number; readonly rows: number };
}

/** The last share of the targets in time chooses the number of rounds. */
const validationShare = 0.25;
/** Rounds without improvement that end the search. */
const patience = 20;

/** Fits on the earlier rows, lets the later ones choose the rounds, then fits on all. */
export function fitBoosting(
  rows: TrainingRows,
  o: { rules: BoostingRules; onRound: (done: number, total: number) => void },
): FittedBoosting {
  const { rules } = o;
  const start = blendStart(rows);
  const count = rows.table.rowCount;
  const borderTime_ms = rows.target_ms[Math.floor(count * (1 - validationShare))] ?? 0;
  const border = rows.target_ms.findIndex((time_ms) => time_ms >= borderTime_ms);
  const early = rowsBetween(rows, 0, border);
  const late = rowsBetween(rows, border, count);
  const search = searchRounds({ rows: early, late, start, border, rules, onRound: o.onRound });
  const { classCount } = rows.tables;
  const total = rules.rounds + search.rounds;
  const model = boostClasses(
    { table: rows.table, labels: rows.labels, start },
    {
      classCount,
      rules: { ...rules, rounds: search.rounds },
      onRound: (round) => {
        o.onRound(rules.rounds + round + 1, total);
        return true;
      },
    },
  );
  return { model, rounds: search.rounds, validation: search.validation };
}

/** Log-probabilities of the blend for every row. */
export function blendStart(rows: TrainingRows): Float32Array {
  const { classCount, persistence } = rows.tables;
  const start = new Float32Array(rows.table.rowCount * classCount);
  for (let row = 0; row < rows.table.rowCount; row++) {
    writeBlendStart({
      last: rows.last[row] ?? 0,
      habit: rows.habits,
      habitAt: row * classCount,
      persistence,
      into: start,
      at: row * classCount,
    });
  }
  return start;
}

function searchRounds(o: {
  rows: TrainingRows;
  late: TrainingRows;
  start: Float32Array;
  border: number;
  rules: BoostingRules;
  onRound: (done: number, total: number) => void;
}): { rounds: number; validation: FittedBoosting["validation"] } {
  const { rows, late, rules } = o;
  const { classCount } = rows.tables;
  const scores = o.start.slice(o.border * classCount);
  const blend = logLoss(scores, late.labels, classCount);
  let best = { rounds: 1, loss: Number.POSITIVE_INFINITY };
  boostClasses(
    { table: rows.table, labels: rows.labels, start: o.start.slice(0, o.border * classCount) },
    {
      classCount,
      rules,
      onRound: (round, trees) => {
        addTrees({ trees, table: late.table, classCount, scores });
        const loss = logLoss(scores, late.labels, classCount);
        if (loss < best.loss) best = { rounds: round + 1, loss };
        o.onRound(round + 1, 2 * rules.rounds);
        return round + 1 - best.rounds < patience;
      },
    },
  );
  return {
    rounds: best.rounds,
    validation: { blend, model: best.loss, rows: late.table.rowCount },
  };
}

function logLoss(scores: Float32Array, labels: Uint8Array, classCount: number): number {
  const probabilities = new Float32Array(scores.length);
  softmaxRows(scores, classCount, probabilities);
  let sum = 0;
  for (const [row, label] of labels.entries()) {
    sum -= Math.log(Math.max(1e-6, probabilities[row * classCount + label] ?? 0));
  }
  return sum / Math.max(1, labels.length);
}
