import {
  type ClassScoreSummary,
  ClassScores,
  type ModelKind,
  noStatus,
} from "@voltfog/forecasting";
import { assert, type Clock, quantile } from "@voltfog/runtime";
import { OnnxModel } from "@voltfog/runtime/onnx";
import { blendStart } from "./fit-boosting.ts";
import { fitHorizon } from "./fit-model.ts";
import type { RowSplit } from "./split-rows.ts";
import type { TrainingRows } from "./training-rows.ts";

export interface ScoredModel {
  readonly name: string;
  readonly scores: ClassScoreSummary;
  /** Row by row of the test: probability of each class. */
  readonly shares: Float32Array;
}

export interface TimedModel extends ScoredModel {
  readonly fit_s: number;
  /** One point asked alone: median and 99th percentile. */
  readonly predict_ms: { readonly p50: number; readonly p99: number };
}

/** Single predictions that are timed. */
const timed = 400;

/** Fits a kind of model, exports it, and scores what its ONNX file says of the test rows. */
export async function fittedModel(
  kind: ModelKind,
  { train, test }: RowSplit,
  o: { seed: number; clock: Clock },
): Promise<TimedModel> {
  const start_ms = o.clock.monotonic_ms();
  const { onnx } = fitHorizon(kind, train, { seed: o.seed, onStep: () => {} });
  const fit_s = (o.clock.monotonic_ms() - start_ms) / 1000;
  const session = await OnnxModel.open({ name: kind, bytes: onnx });
  const values = inputsOf(kind, test);
  const rows = test.table.rowCount;
  const shares = await session.run({ values, rows });
  const width = values.length / rows;
  const took_ms: number[] = [];
  for (let row = 0; row < Math.min(rows, timed + 50); row++) {
    const one = values.slice(row * width, (row + 1) * width);
    const before_ms = o.clock.monotonic_ms();
    await session.run({ values: one, rows: 1 });
    if (row >= 50) took_ms.push(o.clock.monotonic_ms() - before_ms);
  }
  await session.close();
  const times = Float64Array.from(took_ms);
  const predict_ms = { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
  return { name: kind, scores: scoresOf(test, shares), shares, fit_s, predict_ms };
}

/** What needs no training beyond counting. */
export function baselines({ test }: RowSplit): readonly ScoredModel[] {
  const { classCount, shares: overall, transitions, persistence } = test.tables;
  const most = overall.indexOf(Math.max(...overall));
  const rules: Readonly<Record<string, (row: number, c: number) => number>> = {
    majority: (_row, c) => (c === most ? 1 : 0),
    persistence: (row, c) => (c === lastOf(row) ? 1 : 0),
    transition: (row, c) => {
      const at = lastOf(row) * classCount;
      const sum = transitions.subarray(at, at + classCount).reduce((all, one) => all + one, 0);
      return ((transitions[at + c] ?? 0) + (overall[c] ?? 0)) / (sum + 1);
    },
    historical: (row, c) => test.habits[row * classCount + c] ?? 0,
    blend: (row, c) => {
      const kept = persistence[lastOf(row)] ?? 0;
      return (
        kept * (c === lastOf(row) ? 1 : 0) + (1 - kept) * (test.habits[row * classCount + c] ?? 0)
      );
    },
  };
  const lastOf = (row: number): number => {
    const last = test.last[row] ?? noStatus;
    return last === noStatus ? most : last;
  };
  return Object.entries(rules).map(([name, rule]) => {
    const shares = new Float32Array(test.table.rowCount * classCount).map((_, i) =>
      rule(Math.floor(i / classCount), i % classCount),
    );
    return { name, scores: scoresOf(test, shares), shares };
  });
}

function inputsOf(kind: ModelKind, rows: TrainingRows): Float32Array {
  if (kind !== "gbt") return rows.table.values;
  const { classCount } = rows.tables;
  const width = rows.table.names.length;
  const start = blendStart(rows);
  const inputs = new Float32Array(rows.table.rowCount * (width + classCount));
  for (let row = 0; row < rows.table.rowCount; row++) {
    const at = row * (width + classCount);
    inputs.set(rows.table.values.subarray(row * width, (row + 1) * width), at);
    inputs.set(start.subarray(row * classCount, (row + 1) * classCount), at + width);
  }
  return inputs;
}

function scoresOf(rows: TrainingRows, shares: Float32Array): ClassScoreSummary {
  const { classCount } = rows.tables;
  const scores = new ClassScores(classCount);
  for (const [row, truth] of rows.labels.entries()) {
    scores.add({ truth, probabilities: shares, at: row * classCount });
  }
  const summary = scores.summary();
  assert(summary !== undefined, "a split has rows to score");
  return summary;
}
