import type { Instance } from "./instance.ts";

/** The cheapest allowed units of every function, cheapest first, and what any other unit costs at least. */
export interface Candidates {
  /** Units of function i stand from start[i] to start[i + 1]. */
  readonly start: Int32Array;
  readonly unit: Int32Array;
  readonly cost: Float64Array;
  /** No allowed unit outside the list costs function i less; Infinity where all are in it. */
  readonly beyond: Float64Array;
}

/** At most `listMax` units for each function. Time: one pass over the costs. */
export function candidatesOf(instance: Instance, listMax: number): Candidates {
  const { functions, units } = instance;
  const width = Math.min(listMax, units);
  const start = new Int32Array(functions + 1);
  const unit = new Int32Array(functions * width);
  const cost = new Float64Array(functions * width);
  const beyond = new Float64Array(functions).fill(Number.POSITIVE_INFINITY);
  const row = new ShortList(width);
  for (let i = 0; i < functions; i++) {
    const from = start[i] ?? 0;
    row.fill(instance.cost, i * units, units);
    for (let place = 0; place < row.length; place++) {
      unit[from + place] = row.units[place] ?? 0;
      cost[from + place] = row.costs[place] ?? 0;
    }
    beyond[i] = row.beyond;
    start[i + 1] = from + row.length;
  }
  return { start, unit, cost, beyond };
}

/** The lowest of a row by insertion: most entries are refused by one comparison. */
class ShortList {
  readonly units: Int32Array;
  readonly costs: Float64Array;
  length = 0;
  beyond = 0;

  constructor(width: number) {
    this.units = new Int32Array(width);
    this.costs = new Float64Array(width);
  }

  fill(values: Float64Array, from: number, count: number): void {
    this.length = 0;
    this.beyond = Number.POSITIVE_INFINITY;
    const width = this.units.length;
    for (let j = 0; j < count; j++) {
      const value = values[from + j] ?? 0;
      if (value === Number.POSITIVE_INFINITY) continue;
      if (this.length < width) this.#insert(j, value, this.length++);
      else this.#replaceLast(j, value);
    }
  }

  #replaceLast(j: number, value: number): void {
    const last = this.units.length - 1;
    const worst = this.costs[last] ?? 0;
    if (value >= worst) {
      if (value < this.beyond) this.beyond = value;
      return;
    }
    if (worst < this.beyond) this.beyond = worst;
    this.#insert(j, value, last);
  }

  /** Equal costs stay in the order of the units. */
  #insert(j: number, value: number, end: number): void {
    let place = end;
    while (place > 0 && (this.costs[place - 1] ?? 0) > value) {
      this.costs[place] = this.costs[place - 1] ?? 0;
      this.units[place] = this.units[place - 1] ?? 0;
      place--;
    }
    this.costs[place] = value;
    this.units[place] = j;
  }
}
