import { assert } from "@voltfog/runtime";

/**
 * The columns of a prediction file, a subset of these in this order; p_<class> stand in place of
 * estimate where the answer is a distribution.
 */
export type PredictionColumn =
  | "id"
  | "t_s"
  | "ts_local"
  | "horizon_min"
  | "estimate"
  | `p_${string}`
  | "low"
  | "high"
  | "tier";

/** One row per scored item, in the order of the input; never from a truth column. */
export interface Predictions {
  readonly columns: readonly PredictionColumn[];
  readonly rows: Iterable<readonly (string | number | undefined)[]>;
}

/** The file as CSV (RFC 4180) with a header; an absent value is an empty field. Numbers keep ten digits. */
export function* predictionLines(predictions: Predictions): Generator<string> {
  yield `${predictions.columns.join()}\n`;
  for (const row of predictions.rows) {
    assert(row.length === predictions.columns.length, "a prediction has a field for every column");
    yield `${row.map(field).join()}\n`;
  }
}

function field(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") {
    assert(Number.isFinite(value), "a prediction is finite or absent");
    return String(Number(value.toPrecision(10)));
  }
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
