import type { TrackRecord } from "./work-order-store.ts";

/** How much is believed of the model before any outcome: as if four faults had been expected and found. */
const believed = 4;
const factorMax = 3;

/** What outcomes of work orders say of the ranking. */
export interface Learned {
  /** Probabilities are multiplied by it: found over expected, drawn towards 1 while there is little. */
  readonly factor: number;
  readonly fixed: number;
  readonly falseAlarms: number;
  /** Share of orders that found something, with the ends of Wilson's 90 % interval; null before the first. */
  readonly precision: {
    readonly value: number;
    readonly low: number;
    readonly high: number;
  } | null;
}

/**
 * What the ranking learns from outcomes: a workshop that finds less than was expected makes every next
 * expectation smaller (a gamma prior of mean 1 on found over expected). At most threefold.
 */
export function learnedFrom({ fixed, falseAlarms, expected }: TrackRecord): Learned {
  const factor = Math.min(factorMax, (fixed + believed) / (expected + believed));
  const count = fixed + falseAlarms;
  return { factor, fixed, falseAlarms, precision: count === 0 ? null : wilson(fixed, count) };
}

function wilson(found: number, count: number): NonNullable<Learned["precision"]> {
  const z = 1.645;
  const value = found / count;
  const middle = (value + z ** 2 / (2 * count)) / (1 + z ** 2 / count);
  const half =
    (z / (1 + z ** 2 / count)) * Math.sqrt((value * (1 - value)) / count + (z / (2 * count)) ** 2);
  return { value, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
