import type { CellParameters } from "./cell-parameters.ts";
import { Knots } from "./knots.ts";

const reference_K = 298.15;
const zeroCelsius_K = 273.15;

/** Resistances in the order of the parameters: R0, Rn, R1, R2, R3. */
export const resistanceCount = 5;

/** What does not change with temperature, shared by all slices of a cell type. */
export class CellGrid {
  readonly parameters: CellParameters;
  readonly ocv: Knots;
  readonly resistance: Knots;
  readonly hysteresis: Knots;
  /** Temperatures by −1/T, on which resistances are interpolated. */
  readonly #coldness: Knots;

  constructor(parameters: CellParameters) {
    this.parameters = parameters;
    this.ocv = new Knots(parameters.ocvSoc);
    this.resistance = new Knots(parameters.resistanceSoc);
    this.hysteresis = new Knots(parameters.hysteresisSoc);
    this.#coldness = new Knots(parameters.resistance_degC.map(coldness));
  }

  /** Between which temperatures of the grid one lies; at the ends for one beyond them. */
  temperatureShare(cell_degC: number): { segment: number; share: number } {
    const segment = this.#coldness.segment(coldness(cell_degC));
    const share = this.#coldness.share(segment, coldness(cell_degC));
    return { segment, share: Math.min(1, Math.max(0, share)) };
  }
}

/** −1/T, which rises with temperature. */
function coldness(cell_degC: number): number {
  return -1 / (cell_degC + zeroCelsius_K);
}

/** A cell type at one temperature: tables over charge alone. */
export class CellSlice {
  readonly grid: CellGrid;
  /** Per resistance and charge knot, s(T) included. */
  readonly resistance_Ohm: Float64Array;
  readonly ocv_V: Float64Array;
  /** Of the temperature term of the open-circuit voltage, per unit of charge and its square. */
  ocvTilt_V = 0;
  ocvBend_V = 0;
  rmse_V = 0;
  #cell_degC = Number.NaN;

  constructor(grid: CellGrid) {
    this.grid = grid;
    this.resistance_Ohm = new Float64Array(resistanceCount * grid.resistance.at.length);
    this.ocv_V = new Float64Array(grid.ocv.at.length);
  }

  /** Moves the slice to a temperature; nothing happens where it is there already. */
  moveTo(cell_degC: number): void {
    if (this.#cell_degC === cell_degC) return;
    this.#cell_degC = cell_degC;
    const { parameters } = this.grid;
    const { segment, share } = this.grid.temperatureShare(cell_degC);
    const kelvin = cell_degC + zeroCelsius_K;
    const factor = Math.exp(parameters.arrhenius_K * (1 / kelvin - 1 / reference_K));
    const width = this.grid.resistance.at.length;
    for (let r = 0; r < resistanceCount; r++) {
      const cold = parameters.resistance_Ohm[r]?.[segment];
      const warm = parameters.resistance_Ohm[r]?.[segment + 1];
      for (let knot = 0; knot < width; knot++) {
        const value = (1 - share) * (cold?.[knot] ?? 0) + share * (warm?.[knot] ?? 0);
        this.resistance_Ohm[r * width + knot] = factor * value;
      }
    }
    const [level = 0, tilt = 0, bend = 0, square = 0] = parameters.ocvWarmth_V;
    const warmth = (cell_degC - 25) / 25;
    const shift_V = warmth * level + warmth * warmth * square;
    for (let knot = 0; knot < this.ocv_V.length; knot++) {
      this.ocv_V[knot] = (parameters.ocv_V[knot] ?? 0) + shift_V;
    }
    this.ocvTilt_V = warmth * tilt;
    this.ocvBend_V = warmth * bend;
    this.rmse_V =
      (1 - share) * (parameters.rmse_V[segment] ?? 0) +
      share * (parameters.rmse_V[segment + 1] ?? 0);
  }
}
