import type { Random } from "@voltfog/runtime";
import { normal } from "@voltfog/runtime";
import { randomStream } from "../random-stream.ts";

/** How a vehicle of the history is used. */
export type UsageKind = "commuter" | "family" | "delivery" | "taxi" | "occasional";

/** Habits of one usage; hours are local and taken as UTC. */
export interface Usage {
  readonly kind: UsageKind;
  /** Drives of a working day and of a day off, and how likely a day off has any. */
  readonly workDrives: number;
  readonly freeDrives: number;
  readonly freeShare: number;
  readonly workDays: number;
  readonly drive_min: number;
  /** Charges below this charge in the evening, to the target, in C. */
  readonly chargeBelow: number;
  readonly target: number;
  readonly rate: number;
  /** Chance of a quick charge between drives, when below half. */
  readonly quickShare: number;
}

const usages: readonly (Usage & { readonly share: number })[] = [
  {
    ...{ kind: "commuter", share: 0.35, workDrives: 2, freeDrives: 1, freeShare: 0.6, workDays: 5 },
    ...{ drive_min: 38, chargeBelow: 0.5, target: 0.85, rate: 0.15, quickShare: 0.05 },
  },
  {
    ...{ kind: "family", share: 0.25, workDrives: 2, freeDrives: 2, freeShare: 0.8, workDays: 5 },
    ...{ drive_min: 24, chargeBelow: 0.5, target: 0.9, rate: 0.13, quickShare: 0.08 },
  },
  {
    ...{ kind: "delivery", share: 0.2, workDrives: 3, freeDrives: 0, freeShare: 0, workDays: 6 },
    ...{ drive_min: 50, chargeBelow: 0.9, target: 0.97, rate: 0.22, quickShare: 0.02 },
  },
  {
    ...{ kind: "taxi", share: 0.1, workDrives: 4, freeDrives: 3, freeShare: 0.7, workDays: 6 },
    ...{ drive_min: 62, chargeBelow: 0.75, target: 0.95, rate: 0.3, quickShare: 0.8 },
  },
  {
    ...{
      kind: "occasional",
      share: 0.1,
      workDrives: 0,
      freeDrives: 2,
      freeShare: 0.7,
      workDays: 5,
    },
    ...{ drive_min: 45, chargeBelow: 0.7, target: 0.95, rate: 0.13, quickShare: 0.1 },
  },
];

/** One vehicle as drawn once from the seed. */
export interface HistoryCharacter {
  readonly usage: Usage;
  /** Whole days in use before the history begins. */
  readonly ageBefore_d: number;
  /** Mean of the year and half of its swing, outside. */
  readonly climate_degC: number;
  readonly season_K: number;
  /** How far the outside strays from the season, σ. */
  readonly weather_K: number;
  /** Share of capacity that a kelvin below 25 °C hides. */
  readonly coldShare: number;
  /** Mean current of driving, in C. */
  readonly driveRate: number;
}

/** Streams of chance of a vehicle, so that more draws for one purpose move no other. */
export const historyPurposes = {
  character: 11,
  spread: 12,
  plan: 13,
  sensors: 14,
  noise: 15,
  faults: 16,
  weather: 17,
} as const;

export function drawCharacter(o: { seed: number; vehicle: number }): HistoryCharacter {
  const random = randomStream({ ...o, purpose: historyPurposes.character });
  return {
    usage: personal(drawUsage(random), random),
    ageBefore_d: Math.floor(1100 * random.uniform()),
    climate_degC: 8 + 9 * random.uniform(),
    season_K: 7 + 5 * random.uniform(),
    weather_K: 3,
    // An assumption: charge between two rest voltages falls by about 0.15 % per kelvin in the cold.
    coldShare: 0.0015 * (0.85 + 0.3 * random.uniform()),
    driveRate: 0.2 + 0.1 * random.uniform(),
  };
}

function drawUsage(random: Random): Usage {
  let left = random.uniform();
  for (const { share, ...usage } of usages) {
    left -= share;
    if (left <= 0) return usage;
  }
  return usages[0] as Usage;
}

function personal(usage: Usage, random: Random): Usage {
  return {
    ...usage,
    drive_min: usage.drive_min * (0.75 + 0.5 * random.uniform()),
    chargeBelow: usage.chargeBelow * (0.9 + 0.2 * random.uniform()),
    target: Math.min(1, usage.target * (1 + 0.04 * normal(random))),
    rate: usage.rate * (0.8 + 0.4 * random.uniform()),
  };
}

/** Something that the vehicle does from a minute of the day on. */
export interface HistoryActivity {
  readonly from_min: number;
  readonly mode: "driving" | "charging";
  readonly duration_min: number;
  /** In C: of driving negative. */
  readonly rate: number;
  readonly target: number;
}

/** The plan of one day, in order and without overlap; day 0 is a Monday. */
export function planHistoryDay(o: {
  day: number;
  character: HistoryCharacter;
  random: Random;
}): readonly HistoryActivity[] {
  const { day, character, random } = o;
  const { usage } = character;
  const isWork = day % 7 < usage.workDays;
  const isOut = isWork || random.uniform() < usage.freeShare;
  const drives = isOut ? (isWork ? usage.workDrives : usage.freeDrives) : 0;
  const plan: HistoryActivity[] = [];
  // From 6 to 19 o'clock, evenly, each a little late.
  const slot_min = (13 * 60) / Math.max(1, drives);
  for (let n = 0; n < drives; n++) {
    const from_min = Math.round(360 + n * slot_min + 0.2 * slot_min * random.uniform());
    const wanted_min = usage.drive_min * (0.6 + 0.8 * random.uniform());
    const duration_min = Math.round(Math.max(10, Math.min(0.45 * slot_min, wanted_min)));
    const rate = -character.driveRate * (0.8 + 0.4 * random.uniform());
    plan.push({ from_min, mode: "driving", duration_min, rate, target: 0.06 });
    const isQuick = random.uniform() < usage.quickShare;
    if (!isQuick) continue;
    const quick_min = Math.round(Math.min(50, 0.3 * slot_min));
    const start_min = from_min + duration_min + 10;
    const quick = { mode: "charging" as const, rate: 0.7 + 0.2 * random.uniform(), target: 0.8 };
    plan.push({ ...quick, from_min: start_min, duration_min: quick_min });
  }
  // One evening in twelve to full, as makers ask for balancing.
  const target = random.uniform() < 1 / 12 ? 1 : usage.target;
  const from_min = Math.round(1190 + 60 * random.uniform());
  plan.push({ from_min, mode: "charging", duration_min: 600, rate: usage.rate, target });
  return plan;
}
