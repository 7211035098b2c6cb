import { type Instance, roundingRatio } from "./instance.ts";

/** A mixed-integer model by columns, as HiGHS takes it. Rows: functions, cpu, memory, places, groups. */
export interface LinearModel {
  readonly pairFunction: Int32Array;
  readonly pairUnit: Int32Array;
  readonly numCols: number;
  readonly numRows: number;
  readonly colCost: Float64Array;
  readonly colLower: Float64Array;
  readonly colUpper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly integrality: Int32Array;
  readonly matrix: {
    readonly format: "csc";
    readonly numRows: number;
    readonly numCols: number;
    readonly starts: Int32Array;
    readonly indices: Int32Array;
    readonly values: Float64Array;
  };
}

/** A column of the model while it is built. */
interface Column {
  readonly cost: number;
  readonly upper: number;
  readonly integer: boolean;
  readonly rows: readonly number[];
  readonly values: readonly number[];
}

/**
 * One column x = 0 or 1 for each pair that `keeps` lets through; each function once, each capacity as a share
 * of itself (so that tolerances are relative), each group once per unit. With `isElastic` costs are those of
 * what is missing only: capacities and group rules may be broken at a cost of the share of all capacity.
 */
export function linearModel(options: {
  instance: Instance;
  keeps: (i: number, j: number) => boolean;
  isElastic: boolean;
}): LinearModel {
  const { instance, isElastic } = options;
  const { functions, units } = instance;
  const pairs = pairsOf(options);
  const groupRows = groupRowsOf(instance, pairs);
  const firstGroup = functions + 3 * units;
  const numRows = firstGroup + groupRows.length;
  const rowOfGroup = new Map(
    groupRows.map(({ group, unit }, place) => [group * units + unit, firstGroup + place]),
  );
  const columns = pairs.map(({ i, j }) => pairColumn({ instance, rowOfGroup, i, j, isElastic }));
  const elastic = isElastic ? slackColumns(instance, groupRows) : [];
  const packed = pack([...columns, ...elastic], numRows);
  const rowLower = new Float64Array(numRows).fill(Number.NEGATIVE_INFINITY);
  rowLower.fill(1, 0, functions);
  const rowUpper = new Float64Array(numRows).fill(1);
  // The solver's tolerance is the allowance that the capacities here already hold.
  rowUpper.fill(1 - roundingRatio, functions, firstGroup);
  return {
    ...packed,
    pairFunction: Int32Array.from(pairs, ({ i }) => i),
    pairUnit: Int32Array.from(pairs, ({ j }) => j),
    rowLower,
    rowUpper,
  };
}

interface Pair {
  readonly i: number;
  readonly j: number;
}

function pairsOf(options: {
  instance: Instance;
  keeps: (i: number, j: number) => boolean;
}): readonly Pair[] {
  const { functions, units, cost } = options.instance;
  const pairs: Pair[] = [];
  for (let i = 0; i < functions; i++) {
    for (let j = 0; j < units; j++) {
      const isAllowed = (cost[i * units + j] ?? 0) < Number.POSITIVE_INFINITY;
      if (isAllowed && options.keeps(i, j)) pairs.push({ i, j });
    }
  }
  return pairs;
}

/** Groups on units where at least two of them could meet. */
function groupRowsOf(
  instance: Instance,
  pairs: readonly Pair[],
): readonly { group: number; unit: number }[] {
  const counts = new Map<number, number>();
  for (const { i, j } of pairs) {
    const group = instance.group[i] ?? -1;
    const key = group * instance.units + j;
    if (group >= 0) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([key]) => ({ group: Math.floor(key / instance.units), unit: key % instance.units }));
}

function pairColumn(options: {
  instance: Instance;
  rowOfGroup: ReadonlyMap<number, number>;
  i: number;
  j: number;
  isElastic: boolean;
}): Column {
  const { instance, rowOfGroup, i, j } = options;
  const { functions, units } = instance;
  const rows = [i];
  const values = [1];
  const add = (row: number, value: number): void => {
    if (value === 0) return;
    rows.push(row);
    values.push(value);
  };
  add(functions + j, shareOf(instance.cpu[i] ?? 0, instance.cpuMax[j] ?? 0));
  add(functions + units + j, shareOf(instance.memory[i] ?? 0, instance.memoryMax[j] ?? 0));
  add(functions + 2 * units + j, shareOf(1, instance.functionsMax[j] ?? 0));
  const groupRow = rowOfGroup.get((instance.group[i] ?? -1) * units + j);
  if (groupRow !== undefined) add(groupRow, 1);
  const cost = options.isElastic ? 0 : (instance.cost[i * units + j] ?? 0);
  return { cost, upper: 1, integer: true, rows, values };
}

function slackColumns(
  instance: Instance,
  groupRows: readonly { group: number; unit: number }[],
): readonly Column[] {
  const { functions, units, cpuMax, memoryMax, functionsMax } = instance;
  const upper = Number.POSITIVE_INFINITY;
  const slack = (row: number, cost: number, integer = false): Column => ({
    cost,
    upper,
    integer,
    rows: [row],
    values: [-1],
  });
  const shares = (capacity: Float64Array, from: number): Column[] => {
    const all = sumOf(capacity);
    return [...capacity].flatMap((value, j) =>
      isLimit(value) ? [slack(from + j, value / all)] : [],
    );
  };
  return [
    ...shares(cpuMax, functions),
    ...shares(memoryMax, functions + units),
    ...shares(functionsMax, functions + 2 * units),
    // A broken rule weighs more than any capacity that could be missing.
    ...groupRows.map((_, place) => slack(functions + 3 * units + place, 10 * functions, true)),
  ];
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + (isLimit(value) ? value : 0), 0);
}

function isLimit(value: number): boolean {
  return value > 0 && value < Number.POSITIVE_INFINITY;
}

function pack(
  columns: readonly Column[],
  numRows: number,
): Pick<
  LinearModel,
  "numCols" | "numRows" | "colCost" | "colLower" | "colUpper" | "integrality" | "matrix"
> {
  const numCols = columns.length;
  const starts = new Int32Array(numCols + 1);
  for (const [place, { rows }] of columns.entries()) {
    starts[place + 1] = (starts[place] ?? 0) + rows.length;
  }
  const indices = new Int32Array(starts[numCols] ?? 0);
  const values = new Float64Array(indices.length);
  for (const [place, column] of columns.entries()) {
    indices.set(column.rows, starts[place]);
    values.set(column.values, starts[place]);
  }
  return {
    numCols,
    numRows,
    colCost: Float64Array.from(columns, ({ cost }) => cost),
    colLower: new Float64Array(numCols),
    colUpper: Float64Array.from(columns, ({ upper }) => upper),
    integrality: Int32Array.from(columns, ({ integer }) => (integer ? 1 : 0)),
    matrix: { format: "csc", numRows, numCols, starts, indices, values },
  };
}

/** A need as a share of what is there; nothing needed is nothing, also of an empty unit. */
function shareOf(need: number, there: number): number {
  return need === 0 ? 0 : need / there;
}
