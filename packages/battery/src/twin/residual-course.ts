import { assert } from "@voltfog/runtime";
import type { PackSample } from "../pack-sample.ts";
import { PackTwin, type PackTwinOptions } from "./pack-twin.ts";

/** How far the readings of one part of a range lie from what the twin expected of them. */
export interface ResidualPart {
  /** Of the middle cell, mean over the part: what all cells share, such as the model's own error. */
  readonly common_V: number;
  /** Of the cell that lies farthest from the middle one, without what all share. */
  readonly farthest_V: number;
  readonly farthestCell: number;
  /** Measured mean temperature above that of the thermal observer, smoothed over ten minutes. */
  readonly thermal_K: number;
  /** Readings that the twin took. */
  readonly readings: number;
}

/** A new twin's filters settle for so long; until then a residual says more of its start than of the pack. */
const settling_ms = 20_000;

/**
 * Lets a new twin follow readings of one pack, and tells for each of so many equal parts of [from_ms, to_ms)
 * how far the measured voltages and temperatures lay above what it expected; null for a part without sound
 * readings, and while the filters settle. Readings of another number of cells or sensors are passed over.
 * Cost: about 60 µs a reading of 96 cells.
 */
export function residualCourse(
  samples: Iterable<PackSample>,
  options: PackTwinOptions & {
    readonly from_ms: number;
    readonly to_ms: number;
    readonly parts: number;
  },
): readonly (ResidualPart | null)[] {
  const { from_ms, to_ms, parts } = options;
  assert(parts > 0 && to_ms > from_ms, "a range has parts");
  const course: (Part | undefined)[] = Array(parts).fill(undefined);
  const twin = new PackTwin(options);
  let first_ms: number | undefined;
  for (const sample of samples) {
    if (sample.cellVoltage_mV.length !== options.cells) continue;
    twin.update(sample);
    const innovation_V = twin.charge.bank?.innovation_V;
    if (twin.latest !== sample || innovation_V === undefined) continue;
    first_ms ??= sample.wall_ms;
    const at = Math.floor(((sample.wall_ms - from_ms) * parts) / (to_ms - from_ms));
    if (sample.wall_ms - first_ms < settling_ms || at < 0 || at >= parts) continue;
    course[at] ??= new Part();
    course[at].take(innovation_V, twin.thermal.residual_K);
  }
  return course.map((part) => part?.result ?? null);
}

/** One part in the making. */
class Part {
  #readings = 0;
  #common_V = 0;
  #farthest_V = 0;
  #farthestCell = 0;
  #thermal_K = 0;

  take(innovation_V: Float64Array, thermal_K: number): void {
    const sound = [...innovation_V].filter((each) => !Number.isNaN(each)).sort((a, b) => a - b);
    const middle_V = sound[sound.length >> 1];
    if (middle_V === undefined) return;
    this.#readings += 1;
    this.#common_V += middle_V;
    this.#thermal_K = thermal_K;
    for (const [cell, each_V] of innovation_V.entries()) {
      const own_V = each_V - middle_V;
      if (Math.abs(own_V) <= Math.abs(this.#farthest_V)) continue;
      this.#farthest_V = own_V;
      this.#farthestCell = cell;
    }
  }

  get result(): ResidualPart | null {
    if (this.#readings === 0) return null;
    return {
      common_V: this.#common_V / this.#readings,
      farthest_V: this.#farthest_V,
      farthestCell: this.#farthestCell,
      thermal_K: this.#thermal_K,
      readings: this.#readings,
    };
  }
}
