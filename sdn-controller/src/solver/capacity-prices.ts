import type { Candidates } from "./candidates.ts";
import type { Instance } from "./instance.ts";

/** A price for one unit of every unit's cpu and memory, and the bound that the prices prove: no placement costs less. */
export interface CapacityPrices {
  readonly bound: number;
  readonly cpuPrice: Float64Array;
  readonly memoryPrice: Float64Array;
}

/** One resource of all units during the search for prices. */
interface Market {
  readonly need: Float64Array;
  readonly capacity: Float64Array;
  /** Of one unit of the resource. */
  readonly price: Float64Array;
  /** What the functions take at these prices. */
  readonly taken: Float64Array;
  readonly best: Float64Array;
}

/**
 * Lagrangian relaxation of the capacities by subgradient steps (Fisher 1981; step length by Polyak).
 * For prices ≥ 0 every function goes alone to the unit with the lowest sum of cost and price, and the sum
 * of these, less the price of all capacity, is at most the optimum. Its best value is that of the linear
 * relaxation, as the rest is integral. Units outside a function's list count with `beyond`, at no price,
 * which keeps the bound true. Anti-affinity is left out, which keeps it true as well.
 */
export function priceCapacities(options: {
  instance: Instance;
  candidates: Candidates;
  /** Any cost known to be reachable, for the step length; a guess harms only speed. */
  target: number;
  steps: number;
}): CapacityPrices {
  const { instance, candidates, steps } = options;
  const cpu = market(instance.cpu, instance.cpuMax);
  const memory = market(instance.memory, instance.memoryMax);
  let bound = 0;
  let theta = 1.5;
  let sinceBetter = 0;
  for (let done = 0; done < steps && theta > 1e-3; done++) {
    let value = demand({ instance, candidates, cpu, memory });
    sinceBetter = value > bound * (1 + 1e-5) ? 0 : sinceBetter + 1;
    if (value > bound) {
      bound = value;
      cpu.best.set(cpu.price);
      memory.best.set(memory.price);
    }
    if (sinceBetter >= 8) {
      theta /= 2;
      sinceBetter = 0;
      cpu.price.set(cpu.best);
      memory.price.set(memory.best);
      value = demand({ instance, candidates, cpu, memory });
    }
    const square = squareOf(cpu) + squareOf(memory);
    if (square === 0) break; // Nothing is short and nothing that has a price is idle: the bound is best.
    const length = (theta * (Math.max(options.target, bound * 1.002) - value)) / square;
    raise(cpu, length);
    raise(memory, length);
  }
  return { bound, cpuPrice: cpu.best, memoryPrice: memory.best };
}

/** What function i costs on unit j with what it takes there at these prices. */
export function pricedCost(options: {
  instance: Instance;
  prices: CapacityPrices;
  i: number;
  j: number;
}): number {
  const { instance, prices, i, j } = options;
  return (
    (instance.cost[i * instance.units + j] ?? 0) +
    (instance.cpu[i] ?? 0) * (prices.cpuPrice[j] ?? 0) +
    (instance.memory[i] ?? 0) * (prices.memoryPrice[j] ?? 0)
  );
}

function market(need: Float64Array, capacity: Float64Array): Market {
  const empty = (): Float64Array => new Float64Array(capacity.length);
  return { need, capacity, price: empty(), taken: empty(), best: empty() };
}

/** Sends every function to its cheapest unit and gives the bound at these prices. */
function demand(options: {
  instance: Instance;
  candidates: Candidates;
  cpu: Market;
  memory: Market;
}): number {
  const { instance, candidates, cpu, memory } = options;
  cpu.taken.fill(0);
  memory.taken.fill(0);
  let bound = -worth(cpu) - worth(memory);
  const choice = { lowest: 0, unit: -1 };
  for (let i = 0; i < instance.functions; i++) {
    choose({ candidates, cpu, memory, i, choice });
    bound += choice.lowest;
    if (choice.unit < 0) continue;
    take(cpu, i, choice.unit);
    take(memory, i, choice.unit);
  }
  return bound;
}

function choose(options: {
  candidates: Candidates;
  cpu: Market;
  memory: Market;
  i: number;
  choice: { lowest: number; unit: number };
}): void {
  const { candidates, cpu, memory, i, choice } = options;
  const needCpu = cpu.need[i] ?? 0;
  const needMemory = memory.need[i] ?? 0;
  const end = candidates.start[i + 1] ?? 0;
  choice.lowest = candidates.beyond[i] ?? 0;
  choice.unit = -1;
  for (let at = candidates.start[i] ?? 0; at < end; at++) {
    const cost = candidates.cost[at] ?? 0;
    if (cost >= choice.lowest) break; // Prices are not negative and costs rise.
    const j = candidates.unit[at] ?? 0;
    const priced = cost + needCpu * (cpu.price[j] ?? 0) + needMemory * (memory.price[j] ?? 0);
    if (priced < choice.lowest) {
      choice.lowest = priced;
      choice.unit = j;
    }
  }
}

function take(resource: Market, i: number, j: number): void {
  resource.taken[j] = (resource.taken[j] ?? 0) + (resource.need[i] ?? 0);
}

function worth({ price, capacity }: Market): number {
  let sum = 0;
  for (let j = 0; j < price.length; j++) sum += (price[j] ?? 0) * (capacity[j] ?? 0);
  return sum;
}

/** Excess as a share of the capacity; a unit that is empty or down has none, as nothing that needs it may go there. */
function excess({ taken, capacity }: Market, j: number): number {
  const there = capacity[j] ?? 0;
  return there > 0 ? (taken[j] ?? 0) / there - 1 : 0;
}

function squareOf(resource: Market): number {
  let sum = 0;
  for (let j = 0; j < resource.price.length; j++) {
    const share = excess(resource, j);
    if (share > 0 || (resource.price[j] ?? 0) > 0) sum += share * share;
  }
  return sum;
}

/** Steps are equal for all units as shares of capacity, which makes them comparable. */
function raise(resource: Market, length: number): void {
  const { price, capacity } = resource;
  for (let j = 0; j < price.length; j++) {
    const there = capacity[j] ?? 0;
    if (there <= 0) continue;
    price[j] = Math.max(0, (price[j] ?? 0) + (length * excess(resource, j)) / there);
  }
}
