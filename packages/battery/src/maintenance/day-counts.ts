import type { PackDescription } from "./day-readings.ts";
import type { RowStep } from "./row-steps.ts";
import type { SoundRow } from "./sound-rows.ts";

/** What a pack went through on one day. */
export interface DayCounts {
  readonly covered_s: number;
  readonly timeHot_s: number;
  readonly timeCold_s: number;
  readonly timeHighSoc_s: number;
  readonly timeLowSoc_s: number;
  readonly fastChargeShare: number;
  readonly throughput_Ah: number;
  readonly fullCycles: number;
  readonly distance_km: number | null;
}

const hot_degC = 40;
const cold_degC = 0;
const highSoc = 0.9;
const lowSoc = 0.1;
const fastRate = 0.5;

/** Counts over the joined steps of a day. A row's current holds from the row before it. */
export function dayCounts(
  steps: readonly RowStep[],
  pack: PackDescription,
  idle_A: number,
): DayCounts {
  const joined = steps.filter(({ isJoined }) => isJoined);
  const flowing = joined.filter(({ isIdle }) => !isIdle);
  const timeOf_s = (holds: (row: SoundRow) => boolean): number =>
    sumOf(joined, ({ row, step_s }) => (holds(row) ? step_s : 0));
  const flowed_Ah = ({ row, step_s }: RowStep): number =>
    ((row.current_A - idle_A) * step_s) / 3600;
  const moved_Ah = sumOf(flowing, (step) => Math.abs(flowed_Ah(step)));
  const charged_Ah = sumOf(flowing, (step) => Math.max(0, flowed_Ah(step)));
  const fast_Ah = sumOf(flowing, (step) =>
    step.row.current_A > fastRate * pack.capacity_Ah ? flowed_Ah(step) : 0,
  );
  // Driving takes energy and gives some back: what is taken from a charger counts in no distance.
  const driven_Wh = sumOf(flowing, ({ row, step_s }) => Math.max(0, -row.power_W * step_s) / 3600);
  const { distancePerEnergy_km } = pack;
  return {
    covered_s: timeOf_s(() => true),
    timeHot_s: timeOf_s(({ hottest_degC }) => hottest_degC > hot_degC),
    timeCold_s: timeOf_s(({ coldest_degC }) => coldest_degC < cold_degC),
    timeHighSoc_s: timeOf_s(({ soc }) => soc > highSoc),
    timeLowSoc_s: timeOf_s(({ soc }) => soc < lowSoc),
    fastChargeShare: charged_Ah > 0 ? Math.min(1, fast_Ah / charged_Ah) : 0,
    throughput_Ah: moved_Ah,
    fullCycles: moved_Ah / (2 * pack.capacity_Ah),
    distance_km:
      distancePerEnergy_km === undefined ? null : (driven_Wh / 1000) * distancePerEnergy_km,
  };
}

function sumOf(steps: readonly RowStep[], value: (step: RowStep) => number): number {
  return steps.reduce((sum, step) => sum + value(step), 0);
}
