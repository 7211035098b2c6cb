import type { DeclaredSetting } from "../topology/function-status.ts";
import type { PackReading } from "../topology/pack-reading.ts";
import { degrees, isWarm } from "./selection-rules.ts";

/** What the controller hears back, for one vehicle and one function. */
export interface Feedback {
  readonly pack: PackReading;
  /** Samples that wait for this function at the vehicle's unit. */
  readonly backlog: number;
  /** Whether this rule was in force before: its condition may end elsewhere than it begins. */
  readonly was: boolean;
}

/** When one setting of one function leaves its default, and for what value. */
export interface AdaptationRule {
  readonly functionId: string;
  readonly setting: string;
  readonly wanted: (feedback: Feedback) => string | undefined;
  /** The value asked; it is kept within the bounds that the function declares. */
  readonly value: (declared: DeclaredSetting) => number;
}

const fastest = ({ max }: DeclaredSetting): number => max;

/** Samples that wait when a function is behind, and when it no longer is. */
const behind = { from: 20_000, until: 2000 };

const whenBehind = ({ backlog, was }: Feedback): string | undefined =>
  backlog >= (was ? behind.until : behind.from) ? `${backlog} samples wait for it` : undefined;

const whenWarm = ({ pack, was }: Feedback): string | undefined =>
  isWarm(pack, was) ? `the pack is warm, ${degrees(pack)}` : undefined;

const whenAlarmed = ({ pack: { alerts } }: Feedback): string | undefined => {
  if (alerts === 0) return undefined;
  return alerts === 1 ? "an alarm of the pack is open" : `${alerts} alarms of the pack are open`;
};

/**
 * The one table by which settings are adapted; docs/specs/control.md prints it. The first rule of a setting
 * whose condition holds has it; a setting that no function declares is passed over.
 */
export const adaptationRules: readonly AdaptationRule[] = [
  { functionId: "temperature-regulation", setting: "rate_Hz", wanted: whenWarm, value: fastest },
  {
    functionId: "temperature-regulation",
    setting: "earlier_degC",
    wanted: whenAlarmed,
    value: ({ default: usual }) => usual + 3,
  },
  {
    functionId: "thermal-alert",
    setting: "margin_degC",
    wanted: whenAlarmed,
    value: ({ default: usual }) => usual + 3,
  },
  {
    functionId: "charging-control",
    setting: "currentShare",
    wanted: whenAlarmed,
    value: ({ default: usual }) => usual / 2,
  },
  {
    functionId: "cell-balancing",
    setting: "imbalanceMin",
    wanted: ({ pack, was }) =>
      pack.spread_mV >= (was ? 60 : 80)
        ? `cells are ${pack.spread_mV.toFixed(0)} mV apart`
        : undefined,
    value: ({ default: usual }) => usual / 2,
  },
  {
    functionId: "state-estimation",
    setting: "rate_Hz",
    wanted: whenBehind,
    value: ({ min }) => Math.max(1, min),
  },
  { functionId: "cell-balancing", setting: "rate_Hz", wanted: whenBehind, value: ({ min }) => min },
];
