import type { DeclaredGap } from "./day-readings.ts";
import type { SoundRow } from "./sound-rows.ts";

/** From one row to the next. */
export interface RowStep {
  readonly before: SoundRow;
  readonly row: SoundRow;
  readonly step_s: number;
  /** Whether what flowed between is known: no gap was declared, and the rows are near enough. */
  readonly isJoined: boolean;
  /** Whether nothing flowed at either end. */
  readonly isIdle: boolean;
}

/** Rows further apart are not joined: 15 minutes with current, an hour and a bit without. */
const flowingMax_s = 905;
const idleMax_s = 3700;
/** Less than this is the sensor's offset, in C. */
const idleRate = 0.005;

/** Whether a current is none, as far as a sensor can tell. */
export function isIdleCurrent(current_A: number, capacity_Ah: number): boolean {
  return Math.abs(current_A) <= idleRate * capacity_Ah;
}

export function rowSteps(
  rows: readonly SoundRow[],
  o: { gaps: readonly DeclaredGap[]; capacity_Ah: number },
): readonly RowStep[] {
  return rows.slice(1).map((row, i): RowStep => {
    const before = rows[i] ?? row;
    const step_s = (row.wall_ms - before.wall_ms) / 1000;
    const isIdle =
      isIdleCurrent(row.current_A, o.capacity_Ah) && isIdleCurrent(before.current_A, o.capacity_Ah);
    const isDeclared = o.gaps.some(
      ({ from_ms, to_ms }) => from_ms < row.wall_ms && to_ms > before.wall_ms,
    );
    const longest_s = isIdleCurrent(row.current_A, o.capacity_Ah) ? idleMax_s : flowingMax_s;
    return { before, row, step_s, isIdle, isJoined: !isDeclared && step_s <= longest_s };
  });
}
