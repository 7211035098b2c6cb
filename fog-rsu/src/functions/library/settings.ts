import type { FunctionSetting } from "../network-function.ts";

/** The setting that every function has: how many samples of a vehicle it sees a second at most. */
export function rateSetting(range: {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}): FunctionSetting {
  const description =
    "samples a second that it sees at most: of faster ones the first in each period";
  return { name: "rate_Hz", ...range, unit: "Hz", description };
}
