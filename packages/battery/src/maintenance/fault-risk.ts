import type { DailyIndicators, Interval90, PackSigns } from "./daily-indicators.ts";
import { faultCalibration } from "./fault-calibration.ts";
import type { FaultCalibration, FleetReference } from "./fault-model.ts";
import { deviation, signNames, usualFleet } from "./fleet-reference.ts";

/** A probability is that of a fault that fails within so many days. */
export const faultHorizon_d = 60;
/** How long a sign has grown. */
const growth_d = 30;
const deviationMax = 40;

/** Names of what faultFeatures gives, in its order. */
export const faultFeatureNames: readonly string[] = [
  ...signNames.map((name) => `${name}:level`),
  ...signNames.map((name) => `${name}:growth`),
  "worst:level",
  "worst:growth",
  "age_years",
  "capacity_lost",
];

/**
 * What the last day and the one a month before say of a fault: each sign in σ of the fleet and its
 * growth in the same, both bent by asinh so that no sign outweighs all others, then age and lost capacity.
 * Undefined where the pack has shown no signs yet. Days oldest first; only the last 31 count.
 */
export function faultFeatures(
  history: readonly DailyIndicators[],
  fleet: FleetReference = usualFleet,
): readonly number[] | undefined {
  const last = history.at(-1);
  const signs = last?.signs ?? null;
  if (last === undefined || signs === null) return undefined;
  const before = history.slice(-1 - growth_d).find((one) => one.signs !== null)?.signs ?? signs;
  const levels = signNames.map((name) => bent(deviation(signs, name, fleet)));
  const growths = signNames.map((name) => bent((signs[name] - before[name]) / fleet[name].scale));
  return [
    ...levels,
    ...growths,
    Math.max(...levels),
    Math.max(...growths),
    last.totals.age_d / 365.25,
    1 - (last.cellHealth?.value ?? 0.9),
  ];
}

/** The linear score of features; larger is worse, no probability yet. */
export function faultScore(
  features: readonly number[],
  calibration: FaultCalibration = faultCalibration,
): number {
  const { weights, middle, scale, bias } = calibration;
  return features.reduce(
    (sum, value, i) => sum + ((weights[i] ?? 0) * (value - (middle[i] ?? 0))) / (scale[i] ?? 1),
    bias,
  );
}

/**
 * How likely a fault fails within the horizon, from what became of simulated vehicles with such a score. The
 * interval is Jeffreys' of the vehicles behind the step: few vehicles make it wide.
 */
export function faultProbability(
  score: number,
  calibration: FaultCalibration = faultCalibration,
): Interval90 {
  const { steps } = calibration;
  const step = steps.findLast((one) => score >= one.score) ?? steps[0];
  if (step === undefined) return { value: 0, low: 0, high: 1 };
  const value = (step.failed + 0.5) / (step.days + 1);
  const sigma = Math.sqrt((value * (1 - value)) / (step.vehicles + 1));
  return {
    value,
    low: Math.max(0, value - 1.645 * sigma),
    high: Math.min(1, value + 1.645 * sigma + 1 / (step.vehicles + 1)),
  };
}

/** What each sign is called to a person. */
const words: Readonly<Record<keyof PackSigns, string>> = {
  lowCell: "the lowest cell is behind the others when empty",
  highCell: "the highest cell is ahead of the others when full",
  loadSpread_V: "one cell parts from the others under current (joint or weak cell)",
  temperatureSpread_K: "the pack is warmer at one end than at the other under current",
  resistance: "resistance is high",
  leak: "one cell loses charge that the others keep",
};

/** Signs that count begin here, in σ. */
const tellingSigma = 3;

/** Why, in a sentence: the signs that lie furthest out, the gravest first, at most two. */
export function faultReason(history: readonly DailyIndicators[]): string {
  const signs = history.at(-1)?.signs ?? null;
  if (signs === null) return "no signs are known yet: the chance of the whole fleet";
  const telling = signNames
    .map((name) => ({ name, sigma: deviation(signs, name, usualFleet) }))
    .filter(({ sigma }) => sigma >= tellingSigma)
    .sort((left, right) => right.sigma - left.sigma)
    .slice(0, 2);
  if (telling.length === 0) return "no sign stands out: the chance of its age and wear";
  return telling.map(({ name, sigma }) => `${words[name]} (${sigma.toFixed(0)} σ)`).join("; ");
}

function bent(value: number): number {
  const bounded = Math.min(deviationMax, Math.max(-deviationMax, value));
  return Math.asinh(Number.isFinite(bounded) ? bounded : 0);
}
