import { historyShares } from "../features/history-shares.ts";
import type { NetworkMemory } from "../features/network-memory.ts";
import { noStatus } from "../status/status-class.ts";
import type { HorizonTables } from "./horizon-tables.ts";

/** Forecasts that need no training beyond counting; every model is shown beside all of them. */
export const baselineNames = [
  "majority",
  "persistence",
  "transition",
  "point-transition",
  "historical",
  "blend",
] as const;

export type BaselineName = (typeof baselineNames)[number];

/** Rows of the network's transition table that a point's own row is drawn to. */
const networkRows = 10;

/** Gives the probabilities of every baseline for one point and target time. */
export class BaselineForecast {
  readonly #memory: NetworkMemory;
  readonly #tables: HorizonTables;
  readonly #overall: Float64Array;
  readonly #atSlot: Float64Array;

  constructor(o: { memory: NetworkMemory; tables: HorizonTables }) {
    this.#memory = o.memory;
    this.#tables = o.tables;
    this.#overall = new Float64Array(o.tables.classCount);
    this.#atSlot = new Float64Array(o.tables.classCount);
  }

  /** The point's habit at a time ahead, as `HorizonTablesBuilder` wants it; valid until the next call. */
  habit(point: number, target_ms: number): Float64Array {
    historyShares(this.#memory, {
      point,
      slot: this.#memory.slotOf(target_ms),
      overall: this.#overall,
      atSlot: this.#atSlot,
    });
    return this.#atSlot;
  }

  /** Writes the class probabilities of one baseline; they sum to 1. */
  write(
    name: BaselineName,
    o: { point: number; target_ms: number; into: Float32Array; at: number },
  ): void {
    const last = this.#memory.last[o.point] ?? noStatus;
    const share = this.#shareOf(name, { point: o.point, target_ms: o.target_ms, last });
    for (let c = 0; c < this.#tables.classCount; c++) o.into[o.at + c] = share(c);
  }

  #shareOf(
    name: BaselineName,
    o: { point: number; target_ms: number; last: number },
  ): (c: number) => number {
    const { classCount, shares, transitions, pointTransitions, persistence } = this.#tables;
    const { point, last } = o;
    const isKnown = last !== noStatus;
    if (name === "historical" || (name === "blend" && !isKnown)) {
      const habit = this.habit(point, o.target_ms);
      return (c) => habit[c] ?? 0;
    }
    if (name === "majority") {
      const most = shares.indexOf(Math.max(...shares));
      return (c) => (c === most ? 1 : 0);
    }
    if (!isKnown) return (c) => shares[c] ?? 0;
    if (name === "persistence") return (c) => (c === last ? 1 : 0);
    if (name === "blend") {
      const habit = this.habit(point, o.target_ms);
      const kept = persistence[last] ?? 0;
      return (c) => kept * (c === last ? 1 : 0) + (1 - kept) * (habit[c] ?? 0);
    }
    const network = normalised(transitions, last * classCount, { classCount, shares });
    if (name === "transition") return (c) => network[c] ?? 0;
    return drawnTo(network, pointTransitions, (point * classCount + last) * classCount);
  }
}

/** A row of counts as shares, drawn by one row's worth to the shares of all. */
function normalised(
  counts: Float64Array,
  at: number,
  o: { classCount: number; shares: Float64Array },
): Float64Array {
  const row = counts.slice(at, at + o.classCount);
  const sum = row.reduce((total, count) => total + count, 0);
  return row.map((count, c) => (count + (o.shares[c] ?? 0)) / (sum + 1));
}

function drawnTo(network: Float64Array, counts: Float32Array, at: number): (c: number) => number {
  let sum = 0;
  for (let c = 0; c < network.length; c++) sum += counts[at + c] ?? 0;
  return (c) => ((counts[at + c] ?? 0) + networkRows * (network[c] ?? 0)) / (sum + networkRows);
}
