/** Drivers who may wait at one site; more are counted as so many. */
const queueMax = 6;
/** What the truncated sum of the transition leaves out at most. */
const tail = 1e-9;
/** Steps with more jumps than this are cut, so that no term underflows. */
const jumpsMax = 100;

/**
 * How many of n plugs are taken, and how many drivers wait, as a distribution over time: a birth-and-death
 * chain (Erlang). Others come at a rate while a plug is free and go elsewhere otherwise; drivers who were
 * sent wait in order. Exact for exponential stays, by uniformisation. Cost: O(n · jumps) for each step.
 */
export class SiteOccupancy {
  readonly plugs: number;
  readonly #stay_min: number;
  readonly #arrivalsPerMinute: number;
  #shares: Float64Array;
  #next: Float64Array;
  #sum: Float64Array;

  constructor(options: {
    /** In service and fitting. */
    readonly plugs: number;
    /** Of them taken now. */
    readonly taken: number;
    /** Mean stay. */
    readonly stay_min: number;
    /** Share of time that a plug is taken here at this hour, 0 to 1. */
    readonly usual: number;
  }) {
    const { plugs, taken, stay_min, usual } = options;
    this.plugs = plugs;
    this.#stay_min = stay_min;
    this.#arrivalsPerMinute = offeredLoad(plugs, usual) / stay_min;
    const states = plugs + queueMax + 1;
    this.#shares = new Float64Array(states);
    this.#next = new Float64Array(states);
    this.#sum = new Float64Array(states);
    this.#shares[Math.max(0, Math.min(plugs, taken))] = 1;
  }

  /** A plug is free for whoever comes now. */
  get free(): number {
    let sum = 0;
    for (let state = 0; state < this.plugs; state++) sum += this.#shares[state] ?? 0;
    return Math.min(1, sum);
  }

  /** Expected wait of whoever comes now. */
  get wait_min(): number {
    if (this.plugs === 0) return Number.POSITIVE_INFINITY;
    let sum_min = 0;
    for (let state = this.plugs; state < this.#shares.length; state++) {
      const ahead = state - this.plugs + 1;
      sum_min += (this.#shares[state] ?? 0) * ((ahead * this.#stay_min) / this.plugs);
    }
    return sum_min;
  }

  /** Whoever comes now has no plug after so many minutes. */
  waitsLonger(minutes: number): number {
    const mean = (this.plugs * minutes) / this.#stay_min;
    let sum = 0;
    for (let state = this.plugs; state < this.#shares.length; state++) {
      sum += (this.#shares[state] ?? 0) * poissonUpTo(state - this.plugs, mean);
    }
    return Math.min(1, sum);
  }

  /** A driver comes and stays. */
  arrive(): void {
    const last = this.#shares.length - 1;
    const full = (this.#shares[last] ?? 0) + (this.#shares[last - 1] ?? 0);
    this.#shares.copyWithin(1, 0, last);
    this.#shares[0] = 0;
    this.#shares[last] = full;
  }

  /** Time goes by. */
  pass(minutes: number): void {
    if (!(minutes > 0) || this.plugs === 0) return;
    const rate = this.#arrivalsPerMinute + this.plugs / this.#stay_min;
    const steps = Math.max(1, Math.ceil((rate * minutes) / jumpsMax));
    for (let step = 0; step < steps; step++) this.#jump(rate, minutes / steps);
  }

  #jump(rate: number, minutes: number): void {
    const mean = rate * minutes;
    let weight = Math.exp(-mean);
    let left = 1 - weight;
    this.#sum.fill(0);
    this.#add(weight);
    for (let jumps = 1; left > tail && jumps < 4 * jumpsMax; jumps++) {
      this.#transition(rate);
      weight *= mean / jumps;
      left -= weight;
      this.#add(weight);
    }
    const total = this.#sum.reduce((sum, share) => sum + share, 0);
    for (let state = 0; state < this.#sum.length; state++) {
      this.#shares[state] = (this.#sum[state] ?? 0) / total;
    }
  }

  #add(weight: number): void {
    for (let state = 0; state < this.#sum.length; state++) {
      this.#sum[state] = (this.#sum[state] ?? 0) + weight * (this.#shares[state] ?? 0);
    }
  }

  #transition(rate: number): void {
    this.#next.fill(0);
    for (let state = 0; state < this.#shares.length; state++) {
      const share = this.#shares[state] ?? 0;
      if (share === 0) continue;
      const up = state < this.plugs ? this.#arrivalsPerMinute / rate : 0;
      const down = Math.min(state, this.plugs) / this.#stay_min / rate;
      if (up > 0) this.#next[state + 1] = (this.#next[state + 1] ?? 0) + up * share;
      if (down > 0) this.#next[state - 1] = (this.#next[state - 1] ?? 0) + down * share;
      this.#next[state] = (this.#next[state] ?? 0) + (1 - up - down) * share;
    }
    [this.#shares, this.#next] = [this.#next, this.#shares];
  }
}

const knownLoads = new Map<number, number>();

/** Erlangs that have to be offered to n plugs without a queue, so that each is taken for a share of time. */
export function offeredLoad(plugs: number, usual: number): number {
  if (plugs === 0) return 0;
  const carried = Math.min(0.98, Math.max(0, usual));
  const key = 1000 * plugs + Math.round(500 * carried);
  const known = knownLoads.get(key);
  if (known !== undefined) return known;
  let [low, high] = [0, 60 * plugs];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (middle * (1 - lostShare(plugs, middle)) < carried * plugs) low = middle;
    else high = middle;
  }
  if (knownLoads.size < 100_000) knownLoads.set(key, low);
  return low;
}

/** Erlang's B formula, by its recursion. */
function lostShare(plugs: number, offered: number): number {
  let lost = 1;
  for (let n = 1; n <= plugs; n++) lost = (offered * lost) / (n + offered * lost);
  return lost;
}

/** P(N ≤ count) of a Poisson variable. */
function poissonUpTo(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let n = 1; n <= count; n++) {
    term *= mean / n;
    sum += term;
  }
  return sum;
}
