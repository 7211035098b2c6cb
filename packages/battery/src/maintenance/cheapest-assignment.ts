import { assert } from "@voltfog/runtime";

/** Stands for a pair that cannot be; far above any money. */
const forbidden = 1e15;

/**
 * The column of each row so that the sum of costs is least and no column is taken twice: the Hungarian method
 * with potentials, one shortest augmenting path per row. Exact up to the rounding of doubles. Rows of equal
 * length, at least as many columns as rows; infinite costs are taken only where nothing else is left.
 * Cost: rows² · columns.
 */
export function cheapestAssignment(costs: readonly ArrayLike<number>[]): readonly number[] {
  const columns = costs[0]?.length ?? 0;
  assert(costs.length === 0 || columns >= costs.length, "every row can have a column");
  const state: Matching = {
    costs,
    rowPrice: new Float64Array(costs.length + 1),
    columnPrice: new Float64Array(columns + 1),
    // Column 0 is a door through which each new row comes in; rows count from 1.
    rowOf: new Int32Array(columns + 1),
  };
  for (let row = 1; row <= costs.length; row++) augment(state, row);
  const chosen = new Array<number>(costs.length).fill(-1);
  for (let column = 1; column <= columns; column++) {
    const row = state.rowOf[column] ?? 0;
    if (row > 0) chosen[row - 1] = column - 1;
  }
  return chosen;
}

interface Matching {
  readonly costs: readonly ArrayLike<number>[];
  readonly rowPrice: Float64Array;
  readonly columnPrice: Float64Array;
  readonly rowOf: Int32Array;
}

/** Finds the cheapest way to give one more row a column, and goes it. */
function augment(state: Matching, row: number): void {
  const { rowOf } = state;
  const columns = rowOf.length - 1;
  const least = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
  const from = new Int32Array(columns + 1);
  const isDone = new Uint8Array(columns + 1);
  rowOf[0] = row;
  let at = 0;
  while (rowOf[at] !== 0) {
    isDone[at] = 1;
    const { next, step } = reach(state, { at, least, from, isDone });
    shift(state, { least, isDone, step });
    at = next;
  }
  while (at !== 0) {
    const before = from[at] ?? 0;
    rowOf[at] = rowOf[before] ?? 0;
    at = before;
  }
}

interface Search {
  readonly at: number;
  readonly least: Float64Array;
  readonly from: Int32Array;
  readonly isDone: Uint8Array;
}

/** The nearest column that is not reached yet. */
function reach(state: Matching, search: Search): { readonly next: number; readonly step: number } {
  const { costs, rowPrice, columnPrice, rowOf } = state;
  const { at, least, from, isDone } = search;
  const row = rowOf[at] ?? 0;
  const own = costs[row - 1] ?? [];
  let next = 0;
  let step = Number.POSITIVE_INFINITY;
  for (let column = 1; column < rowOf.length; column++) {
    if (isDone[column] === 1) continue;
    const cost = weighed(own[column - 1]);
    const reduced = cost - (rowPrice[row] ?? 0) - (columnPrice[column] ?? 0);
    if (reduced < (least[column] ?? 0)) {
      least[column] = reduced;
      from[column] = at;
    }
    const far = least[column] ?? 0;
    if (far < step) [next, step] = [column, far];
  }
  return { next, step };
}

function shift(
  state: Matching,
  o: { readonly least: Float64Array; readonly isDone: Uint8Array; readonly step: number },
): void {
  const { rowPrice, columnPrice, rowOf } = state;
  for (let column = 0; column < rowOf.length; column++) {
    if (o.isDone[column] === 1) {
      const row = rowOf[column] ?? 0;
      rowPrice[row] = (rowPrice[row] ?? 0) + o.step;
      columnPrice[column] = (columnPrice[column] ?? 0) - o.step;
    } else o.least[column] = (o.least[column] ?? 0) - o.step;
  }
}

/** NaN is no cost that could be weighed, and would never end the search. */
function weighed(cost: number | undefined): number {
  return cost === undefined || Number.isNaN(cost) ? forbidden : Math.min(forbidden, cost);
}
