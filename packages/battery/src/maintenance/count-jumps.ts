import type { RowStep } from "./row-steps.ts";

/** A vehicle's own charge that jumps by this much more than what flowed was set right by somebody. */
const jump = 0.006;
/** Nobody saw the pack for so long: it may have been in a workshop. */
const away_s = 2 * 86_400;
const joined_s = 3700;

/** The last row that was seen: its own charge and its time; nothing before the first. */
export type LastCount = readonly [soc: number, wall_ms: number] | readonly [];

/**
 * Whether the pack's counter, and with it perhaps its current sensor, was calibrated on a day: the charge it
 * says jumped between two rows without current to explain it, or nobody saw it for two days.
 */
export function followCount(
  steps: readonly RowStep[],
  before: LastCount,
  capacity_Ah: number,
): { readonly isRecalibrated: boolean; readonly last: LastCount } {
  const jumped = steps.some(({ before: from, row, step_s, isJoined }) => {
    const flowed = (row.current_A * step_s) / 3600 / capacity_Ah;
    return isJoined && isJump(from.soc, row.soc, flowed);
  });
  const end = steps.at(-1)?.row;
  const last: LastCount =
    end !== undefined && Number.isFinite(end.soc) ? [end.soc, end.wall_ms] : before;
  const [soc, wall_ms] = before;
  const first = steps[0];
  if (soc === undefined || wall_ms === undefined || first === undefined) {
    return { isRecalibrated: jumped, last };
  }
  const apart_s = (first.before.wall_ms - wall_ms) / 1000;
  const flowed = (first.before.current_A * apart_s) / 3600 / capacity_Ah;
  const overnight = apart_s <= joined_s && isJump(soc, first.before.soc, flowed);
  return { isRecalibrated: jumped || overnight || apart_s >= away_s, last };
}

/** Near its ends a counter says 0 or 1, whatever it has counted: that is no jump. */
function isJump(from: number, to: number, flowed: number): boolean {
  if (Math.max(from, to) > 0.99 || Math.min(from, to) < 0.01) return false;
  return Math.abs(to - from - flowed) >= jump + 0.05 * Math.abs(flowed);
}
