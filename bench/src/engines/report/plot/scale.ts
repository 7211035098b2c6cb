import { numeral } from "../html-text.ts";

/** Where values lie along an axis. */
export interface Scale {
  /** Values to be named, ascending. */
  readonly ticks: readonly number[];
  /** 0 at the axis's start, 1 at its end. */
  place(value: number): number;
}

/** From 0 to a round number above all values. */
export function linearScale(values: readonly number[]): Scale {
  const most = Math.max(...values, Number.MIN_VALUE);
  const step = roundStep(most / 5);
  const end = step * Math.ceil(most / step);
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, i) => rounded(i * step));
  return { ticks, place: (value) => value / end };
}

/** From a power of ten at or below all values to one at or above them; only values above 0 are meant. */
export function logScale(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0);
  const least = Math.floor(Math.log10(Math.min(...positive)));
  const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...positive))));
  const decades = Array.from({ length: most - least + 1 }, (_, i) => least + i);
  const every = Math.ceil(decades.length / 8);
  const ticks = decades.filter((_, i) => i % every === 0).map((each) => rounded(10 ** each));
  return { ticks, place: (value) => (Math.log10(value) - least) / (most - least) };
}

/** Ticks at the given values alone, as for numbers of validators; in logarithmic steps. */
export function valueScale(values: readonly number[]): Scale {
  const ticks = [...new Set(values)].sort((a, b) => a - b);
  const [first = 1, last = 1] = [ticks[0], ticks.at(-1)];
  const span = Math.log(last / first) || 1;
  return { ticks, place: (value) => 0.03 + 0.94 * (Math.log(value / first) / span) };
}

const short = new Intl.NumberFormat("en-US", { notation: "compact" });

/** Short enough for an axis: 2,500, 10K, 3M. */
export function tickText(value: number): string {
  return value >= 10_000 ? short.format(value) : numeral(value);
}

/** 1, 2 or 5 times a power of ten, at or above the value. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((each) => each * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
