import { normal, type Random } from "@voltfog/runtime";
import { cellCapacity_Ah, openCircuitVoltage_V } from "../lg-hg2-cell.ts";
import type { PackSample } from "../pack-sample.ts";
import { type CellSpread, drawCellSpread, type SpreadSize, usualSpread } from "./cell-spread.ts";
import { PackSensors } from "./pack-sensors.ts";

/** One moment of a recorded drive of one LG HG2 cell. */
export interface CellReading {
  readonly cellVoltage_V: number;
  /** Charge counts positive. */
  readonly cellCurrent_A: number;
  readonly surface_degC: number;
  /** Since full charge: 0 at full, negative when discharged. */
  readonly charge_Ah: number;
}

export interface PackModelOptions {
  readonly random: Random;
  readonly cells?: number;
  readonly sensors?: number;
  readonly capacity_Ah?: number;
  readonly spread?: SpreadSize;
}

/** The recorded drives end at about 7 % of charge. */
const deepestDischarge = 0.93;
/** Places in a pack differ in cooling. */
const placeDeviation_degC = 0.4;

/**
 * A pack whose cells behave like one recorded cell, each with its own capacity, resistance and charge.
 *
 * Current: the pack sees the C-rate of the cell times a derating: pack current = cell current ·
 * capacity / 2.781 Ah · derating. The derating (about 0.9, `derating`) is what the spread of this pack
 * costs: its fullest cell starts at full and its weakest ends no deeper than the recorded cell did.
 * Voltage of cell i: OCV(z_i) + r_i · derating · (recorded V − OCV(z)), so every recorded dynamic is kept.
 * Temperature: the recorded surface with an offset per place. Then the sensors' errors and steps.
 * A seeded Random gives the same series every time; the series is labelled replayed, not measured.
 */
export class PackModel {
  readonly cells: number;
  readonly sensors: number;
  readonly capacity_Ah: number;
  readonly derating: number;
  readonly #spread: CellSpread;
  readonly #place_degC: Float64Array;
  readonly #sensors: PackSensors;
  readonly #voltage_V: Float64Array;

  constructor(options: PackModelOptions) {
    const { random } = options;
    this.cells = options.cells ?? 96;
    this.sensors = options.sensors ?? 24;
    this.capacity_Ah = options.capacity_Ah ?? 150;
    const size = options.spread ?? usualSpread;
    this.#spread = drawCellSpread({ cells: this.cells, random, size });
    this.derating = deratingOf(this.#spread);
    this.#place_degC = Float64Array.from(
      { length: this.sensors },
      () => placeDeviation_degC * normal(random),
    );
    this.#sensors = new PackSensors({ cells: this.cells, sensors: this.sensors, random });
    this.#voltage_V = new Float64Array(this.cells);
  }

  /** What the pack's sensors say at this moment of the recording. About 10 µs for 96 cells. */
  read(
    reading: CellReading & { readonly wall_ms: number; readonly monotonic_ms: number },
  ): PackSample {
    const used = reading.charge_Ah / cellCapacity_Ah;
    const overpotential_V = reading.cellVoltage_V - openCircuitVoltage_V(1 + used);
    let charge = 0;
    for (let i = 0; i < this.cells; i++) {
      const soc =
        1 +
        at(this.#spread.chargeOffset, i) +
        (this.derating * used) / at(this.#spread.capacityFactor, i);
      const own_V = at(this.#spread.resistanceFactor, i) * this.derating * overpotential_V;
      this.#voltage_V[i] = openCircuitVoltage_V(soc) + own_V;
      charge += soc;
    }
    const perCell = this.derating * (this.capacity_Ah / cellCapacity_Ah);
    return this.#sensors.read({
      wall_ms: reading.wall_ms,
      monotonic_ms: reading.monotonic_ms,
      current_A: reading.cellCurrent_A * perCell,
      soc: charge / this.cells,
      cellVoltage_V: this.#voltage_V,
      temperature_degC: this.#place_degC.map((offset_degC) => reading.surface_degC + offset_degC),
    });
  }
}

/** The share of the cell's discharge at which the weakest cell is as deep as the recorded one. */
function deratingOf(spread: CellSpread): number {
  let least = 1;
  spread.capacityFactor.forEach((factor, i) => {
    const share = factor * (1 + at(spread.chargeOffset, i) / deepestDischarge);
    least = Math.min(least, share);
  });
  return least;
}

function at(values: Float64Array, i: number): number {
  return values[i] ?? 0;
}
