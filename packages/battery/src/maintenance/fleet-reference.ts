import type { PackSigns } from "./daily-indicators.ts";
import { faultCalibration } from "./fault-calibration.ts";
import type { FleetReference, SignReference } from "./fault-model.ts";

export const signNames: readonly (keyof PackSigns)[] = [
  "lowCell",
  "highCell",
  "loadSpread_V",
  "temperatureSpread_K",
  "resistance",
  "leak",
];

/** Sound vehicles differ by this much at least, so that a fleet of twins makes no alarm of nothing. */
const scaleMin: Readonly<Record<keyof PackSigns, number>> = {
  lowCell: 0.002,
  highCell: 0.0015,
  loadSpread_V: 0.004,
  temperatureSpread_K: 0.2,
  resistance: 0.05,
  leak: 0.00003,
};

/** What vehicles of the simulated history show; where no fleet is at hand. */
export const usualFleet: FleetReference = faultCalibration.fleet;

/** Vehicles below this are no fleet. */
const fleetMin = 8;

/** The fleet by the median and the median deviation of each sign; the usual one where it is too small. */
export function fleetReference(signs: readonly PackSigns[]): FleetReference {
  if (signs.length < fleetMin) return usualFleet;
  const of = (name: keyof PackSigns): SignReference => {
    const values = signs.map((one) => one[name]).filter(Number.isFinite);
    const median = middle(values);
    const deviation = middle(values.map((value) => Math.abs(value - median)));
    return { median, scale: Math.max(scaleMin[name], 1.4826 * deviation) };
  };
  return {
    lowCell: of("lowCell"),
    highCell: of("highCell"),
    loadSpread_V: of("loadSpread_V"),
    temperatureSpread_K: of("temperatureSpread_K"),
    resistance: of("resistance"),
    leak: of("leak"),
  };
}

/** How many robust σ a sign lies above its fleet. */
export function deviation(
  signs: PackSigns,
  name: keyof PackSigns,
  reference: FleetReference,
): number {
  const { median, scale } = reference[name];
  return (signs[name] - median) / scale;
}

/** An anomaly is an alarm at this many σ. */
const alarmSigma = 6;

/** The sign that lies furthest above its fleet, over six robust σ; 0 where nothing is known. */
export function anomalyScore(signs: PackSigns | null, reference: FleetReference): number {
  if (signs === null) return 0;
  const deviations = signNames.map((name) => deviation(signs, name, reference));
  return Math.max(0, ...deviations) / alarmSigma;
}

/** Signs that can end in heat, where they begin to count and where they are certain, in σ. */
const hazards: readonly (readonly [keyof PackSigns, begins: number, certain: number])[] = [
  ["leak", 4, 16],
  ["loadSpread_V", 5, 20],
  ["temperatureSpread_K", 4, 14],
];

/** 0 to 1: one minus the product of what each hazard leaves. No probability; a rank with a meaning at both ends. */
export function safetyScore(signs: PackSigns | null, reference: FleetReference): number {
  if (signs === null) return 0;
  const left = hazards.reduce((product, [name, begins, certain]) => {
    const share = (deviation(signs, name, reference) - begins) / (certain - begins);
    return product * (1 - Math.min(1, Math.max(0, share)));
  }, 1);
  return 1 - left;
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? 0;
}
