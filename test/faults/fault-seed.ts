import { randomInt } from "node:crypto";

/**
 * Chooses which faults come when. Set VOLTFOG_FAULT_SEED to the number in a failed test's name and the
 * same faults come at the same moments; what the processes are doing then is theirs to choose.
 */
export const faultSeed: number = Number(
  process.env["VOLTFOG_FAULT_SEED"] ?? randomInt(0, 1_000_000_000),
);
