import { type CapacityEstimate, CapacityTracker } from "@voltfog/battery";
import { normal, type Random } from "@voltfog/runtime";

/** A stretch of a cell's life that a tracker is put on. */
export interface CapacityTrial {
  /** Measured capacity at each cycle, the first one included. */
  readonly capacity_Ah: readonly number[];
  /** What the tracker is told at the start, over the first capacity. */
  readonly startFactor: number;
  /** Each cycle goes from 0.95 of charge down by this and back, up to 0.9. */
  readonly depth: number;
  readonly random: Random;
}

/** The recorded cell stands for a pack of so many Ah, for which the tracker's bounds are made. */
const pack_Ah = 150;
/** What a charge estimate is off by at each end: the same in every cycle, and anew each time. */
const lastingSigma = 0.01;
const changingSigma = 0.01;
/** Sensor of the current, uniform within: gain, and offset on that pack. */
const gainMax = 0.005;
const offsetMax_A = 0.1;
const rate = 0.5;
/** A pack's uppermost charge: an estimate cannot be above 1. */
const top = 0.95;
const steps = 20;

/** What the tracker says after each cycle, in the recorded cell's Ah. */
export function followCapacity(o: CapacityTrial): readonly CapacityEstimate[] {
  const { random, depth } = o;
  const first_Ah = o.capacity_Ah[0] ?? 1;
  const scale = pack_Ah / first_Ah;
  const tracker = new CapacityTracker({ capacity_Ah: pack_Ah * o.startFactor });
  const gain = 1 + gainMax * (2 * random.uniform() - 1);
  const offset_A = offsetMax_A * (2 * random.uniform() - 1);
  const error = (sigma: number): number => sigma * normal(random);
  const lasting = { full: error(lastingSigma), low: error(lastingSigma) };
  let at = top + lasting.full + error(changingSigma);
  const go = (o: { to: number; estimated: number; true_Ah: number }): void => {
    const from = o.to === top ? top - depth : top;
    for (let i = 1; i <= steps; i++) {
      const step_s = (3600 * depth) / steps / rate;
      const moved = (o.to - from) / steps;
      const charge_Ah = gain * moved * o.true_Ah + (offset_A * step_s) / 3600;
      const soc = at + ((o.estimated - at) * i) / steps;
      tracker.update({ soc, sigma: changingSigma, charge_Ah, step_s });
    }
    at = o.estimated;
  };
  tracker.update({ soc: at, sigma: changingSigma, charge_Ah: 0, step_s: 0 });
  return o.capacity_Ah.map((capacity_Ah) => {
    const true_Ah = scale * capacity_Ah;
    const low = top - depth;
    go({ to: low, estimated: low + lasting.low + error(changingSigma), true_Ah });
    go({ to: top, estimated: top + lasting.full + error(changingSigma), true_Ah });
    const { estimate } = tracker;
    return {
      ...estimate,
      capacity_Ah: estimate.capacity_Ah / scale,
      low_Ah: estimate.low_Ah / scale,
      high_Ah: estimate.high_Ah / scale,
    };
  });
}
