import type { PackReading } from "../topology/pack-reading.ts";

/** When one function serves a vehicle. Conditions get a reading; a sentence says why, with its figures. */
export interface SelectionRule {
  readonly functionId: string;
  /** Why the function is wanted by this reading; undefined when it is not. */
  readonly wanted: (pack: PackReading) => string | undefined;
  /** Keeps a function that serves already, where its condition ends elsewhere than it begins. */
  readonly kept?: (pack: PackReading) => boolean;
  /** How long it stays after its condition has ended; absent: the controller's setting. */
  readonly dwell_ms?: number;
}

/** A pack is warm from here on, and until it is colder than the second: lithium ion ages about twice as fast at 35 as at 25 degC. */
const warm = { from_degC: 35, until_degC: 32 };
/** Outside of these temperature-regulation has something to do (it cools from 31 and heats from 11 degC); within the inner two it has nothing. */
const regulated = { above_degC: 30, below_degC: 20, innerHigh_degC: 27, innerLow_degC: 23 };
/** Balancing is booked over hours, and cells are bled while the pack is used, too. */
const balancing_ms = 3_600_000;

/** Whether a pack is warm, for one that was or was not so before. */
export function isWarm({ temperatureMax_degC }: PackReading, wasWarm: boolean): boolean {
  const limit_degC = wasWarm ? warm.until_degC : warm.from_degC;
  return temperatureMax_degC !== null && temperatureMax_degC >= limit_degC;
}

export function degrees({ temperatureMax_degC }: PackReading): string {
  return temperatureMax_degC === null ? "unknown" : `${temperatureMax_degC.toFixed(1)} degC`;
}

const always = (functionId: string, because: string): SelectionRule => ({
  functionId,
  wanted: () => because,
});

const isCharging = (pack: PackReading): string | undefined =>
  pack.activity === "charging" ? "the pack is charging" : undefined;

function outside(pack: PackReading): string | undefined {
  const { temperatureMax_degC: highest_degC } = pack;
  if (highest_degC === null) return "the pack's temperature is not known";
  if (highest_degC >= regulated.above_degC) return `the pack is warm, ${degrees(pack)}`;
  return highest_degC <= regulated.below_degC ? `the pack is cold, ${degrees(pack)}` : undefined;
}

/** The one table by which functions are chosen; docs/specs/control.md prints it. What is not in it serves everybody. */
export const selectionRules: readonly SelectionRule[] = [
  always("thermal-alert", "every pack is watched for heat"),
  always("charge-guard", "every pack is guarded against overcharge"),
  always("state-estimation", "every pack's charge is estimated"),
  { functionId: "charging-control", wanted: isCharging },
  {
    functionId: "temperature-regulation",
    wanted: (pack) => isCharging(pack) ?? outside(pack),
    kept: ({ temperatureMax_degC: highest_degC }) =>
      highest_degC !== null &&
      (highest_degC > regulated.innerHigh_degC || highest_degC < regulated.innerLow_degC),
  },
  {
    functionId: "cell-balancing",
    dwell_ms: balancing_ms,
    wanted: (pack) => {
      if (pack.activity !== "resting") return undefined;
      return `the pack rests, its cells ${pack.spread_mV.toFixed(0)} mV apart`;
    },
  },
];
