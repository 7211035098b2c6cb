import { type Movable, packNumbers, type SavedState, type StateReader } from "@voltfog/runtime";
import type { CellParameters } from "../cell/cell-parameters.ts";
import { CellGrid, CellSlice, resistanceCount } from "../cell/cell-slice.ts";

/** z, x1, x2, x3 and the offset of the current sensor. */
const states = 5;
const size = states * states;
/** Numbers of one half of a symmetric covariance, diagonal included. */
const triangle = (states * (states + 1)) / 2;
const bias = 4;
/** Process noise per second: charge; relaxing terms. */
const socNoise = 1e-10;
const relaxingNoise = 1e-4;
const biasNoise = 1e-10;
const lowCharge = 0.12;
/** A correction after a longer step is worth so many seconds of them. */
const correctionMax_s = 60;
/** Estimates stay this close to 0 and 1. */
const socMargin = 0.02;
/** Below this many C a current's sign says nothing of the hysteresis' jump. */
const restRate = 0.01;

export interface CellFilterOptions {
  readonly parameters: CellParameters;
  readonly cells: number;
  /** Of all cells at the start, or of each. */
  readonly soc: number | Float64Array;
  /** Standard deviation of that. */
  readonly socSigma: number;
  /** Per cell, if cells differ; else the parameters' capacity. */
  readonly capacity_Ah?: Float64Array;
}

/** One time step of a pack whose cells are in series. Charge counts positive. */
export interface CellFilterStep {
  readonly step_s: number;
  readonly current_A: number;
  /** Per cell. */
  readonly voltage_V: Float64Array;
  /** Per sensor; sensor i serves the cells of the i-th equal part. */
  readonly temperature_degC: Float32Array | Float64Array;
}

/**
 * An extended Kalman filter per cell (Plett 2004, part 3) over the circuit of `CellParameters`, in one
 * array for all cells. Total: a voltage that is no number moves a cell by its current alone.
 * Cost: about 0.5 µs per cell and step, no allocation.
 */
export class CellFilterBank implements Movable {
  readonly #grid: CellGrid;
  readonly #capacity_Ah: Float64Array;
  readonly #state: Float64Array;
  readonly #covariance: Float64Array;
  readonly #hysteresis: Float64Array;
  readonly #sign: Float64Array;
  /** Per cell: how far the last voltage lay above what was expected; NaN where there was none. */
  readonly innovation_V: Float64Array;
  #slices: CellSlice[] = [];
  // Scratch of one step, shared by all cells.
  readonly #decay = new Float64Array(states);
  readonly #drive = new Float64Array(states);
  readonly #gain = new Float64Array(states);
  readonly #slope = new Float64Array(states);

  constructor(options: CellFilterOptions) {
    const { cells, parameters } = options;
    this.#grid = new CellGrid(parameters);
    this.#capacity_Ah = options.capacity_Ah ?? new Float64Array(cells).fill(parameters.capacity_Ah);
    this.#state = new Float64Array(cells * states);
    this.#covariance = new Float64Array(cells * size);
    this.#hysteresis = new Float64Array(cells);
    this.#sign = new Float64Array(cells);
    this.innovation_V = new Float64Array(cells).fill(Number.NaN);
    for (let cell = 0; cell < cells; cell++) {
      const { soc } = options;
      this.#state[cell * states] = typeof soc === "number" ? soc : (soc[cell] ?? 0);
      this.#covariance[cell * size] = options.socSigma ** 2;
      this.#covariance[cell * size + size - 1] = parameters.filter.bias_A ** 2;
    }
  }

  get cells(): number {
    return this.#hysteresis.length;
  }

  /** Counts from now on with this capacity of every cell; in the parameters' size of cell. */
  useCapacity(capacity_Ah: number): void {
    this.#capacity_Ah.fill(capacity_Ah);
  }

  /** State of charge of a cell, 0 to 1. */
  soc(cell: number): number {
    return Math.min(1, Math.max(0, this.#state[cell * states] as number));
  }

  /** Standard deviation that the filter gives it; what the model misses is in the parameters' tuning. */
  socSigma(cell: number): number {
    return Math.sqrt(Math.max(0, this.#covariance[cell * size] as number));
  }

  /** Offset that the filter sees in the current sensor. */
  bias_A(cell: number): number {
    return this.#state[cell * states + bias] as number;
  }

  /** The voltage that the model expects of a cell now, at a current. */
  expected_V(cell: number, current_A: number): number {
    const slice = this.#sliceOf(cell);
    return slice === undefined ? Number.NaN : this.#expect(cell, { slice, current_A });
  }

  /** Memory that the bank holds, apart from tables that all packs share. */
  get held_bytes(): number {
    const own = [this.#state, this.#covariance, this.#hysteresis, this.#sign];
    const arrays = [...own, this.#capacity_Ah, this.innovation_V];
    const slices = this.#slices.reduce(
      (sum, { resistance_Ohm, ocv_V }) => sum + resistance_Ohm.byteLength + ocv_V.byteLength,
      0,
    );
    return arrays.reduce((sum, { byteLength }) => sum + byteLength, slices);
  }

  /** About 260 bytes a cell; slices are no part of it, each step moves them to its temperature. */
  save(): SavedState {
    const [covariance, isSymmetric] = triangles(this.#covariance);
    return {
      capacity_Ah: packNumbers(this.#capacity_Ah),
      state: packNumbers(this.#state),
      isSymmetric,
      covariance: packNumbers(covariance),
      hysteresis: packNumbers(this.#hysteresis),
      sign: packNumbers(this.#sign),
      innovation_V: packNumbers(this.innovation_V),
    };
  }

  restore(from: StateReader): void {
    const length = this.cells;
    const any = { min: -1e6, max: 1e6 };
    this.#capacity_Ah.set(from.numbers("capacity_Ah", { min: 1e-3, max: 1e5, length }));
    this.#state.set(from.numbers("state", { ...any, length: length * states }));
    if (from.flag("isSymmetric")) {
      const halves = from.numbers("covariance", { ...any, length: length * triangle });
      this.#covariance.set(squares(halves));
    } else this.#covariance.set(from.numbers("covariance", { ...any, length: length * size }));
    const isVariance = (at: number): boolean => (at % size) % (states + 1) === 0;
    if (this.#covariance.some((value, at) => value < 0 && isVariance(at))) {
      from.fail("a variance is negative");
    }
    this.#hysteresis.set(from.numbers("hysteresis", { min: -1, max: 1, length }));
    this.#sign.set(from.numbers("sign", { min: -1, max: 1, length }));
    this.innovation_V.set(from.numbers("innovation_V", { ...any, length, mayBeNaN: true }));
    from.end();
  }

  /** Advances every cell by one step. Currents and temperatures are finite: the caller has looked. */
  step(reading: CellFilterStep): void {
    const { temperature_degC } = reading;
    while (this.#slices.length < temperature_degC.length)
      this.#slices.push(new CellSlice(this.#grid));
    this.#slices.length = temperature_degC.length;
    for (let sensor = 0; sensor < temperature_degC.length; sensor++) {
      this.#slices[sensor]?.moveTo(temperature_degC[sensor] as number);
    }
    this.#relax(reading.step_s);
    for (let cell = 0; cell < this.#hysteresis.length; cell++) {
      if (reading.step_s > 0) this.#predict(cell, reading);
      const measured_V = reading.voltage_V[cell] as number;
      const slice = this.#sliceOf(cell);
      this.innovation_V[cell] = Number.NaN;
      if (slice !== undefined && Number.isFinite(measured_V)) {
        this.#correct(cell, {
          slice,
          measured_V,
          current_A: reading.current_A,
          step_s: reading.step_s,
        });
      }
    }
  }

  #sliceOf(cell: number): CellSlice | undefined {
    return this.#slices[Math.floor((cell * this.#slices.length) / this.#hysteresis.length)];
  }

  /** What time alone does, equal for all cells. */
  #relax(step_s: number): void {
    const { fast_s, medium_s, slow_s } = this.#grid.parameters;
    const decay = this.#decay;
    decay[0] = 1;
    decay[1] = Math.exp(-step_s / fast_s);
    decay[2] = Math.exp(-step_s / medium_s);
    decay[3] = Math.exp(-step_s / slow_s);
    decay[4] = 1;
  }

  #predict(cell: number, { step_s, current_A }: CellFilterStep): void {
    const { exchange_A, hysteresisRate } = this.#grid.parameters;
    const [x, p, decay, drive] = [this.#state, this.#covariance, this.#decay, this.#drive];
    const at = cell * states;
    const true_A = current_A - (x[at + bias] as number);
    const ratio = true_A / exchange_A;
    const transfer_A = exchange_A * Math.asinh(ratio);
    const hours = step_s / 3600;
    const capacity_Ah = this.#capacity_Ah[cell] as number;
    x[at] = (x[at] as number) + (true_A * hours) / capacity_Ah;
    for (let i = 1; i < bias; i++) {
      const kept = decay[i] as number;
      x[at + i] = kept * (x[at + i] as number) + (1 - kept) * (i === 1 ? transfer_A : true_A);
      drive[i] = kept - 1;
    }
    // How a state answers the sensor's offset, which takes away from the current.
    drive[0] = -hours / capacity_Ah;
    drive[1] = (drive[1] as number) / Math.sqrt(1 + ratio * ratio);
    drive[bias] = 0;
    spread(p, { at: cell * size, decay, drive });
    const first = cell * size;
    p[first] = (p[first] as number) + socNoise * step_s;
    for (let i = 1; i < bias; i++) {
      const diagonal = first + i * (states + 1);
      p[diagonal] = (p[diagonal] as number) + relaxingNoise * step_s;
    }
    if (this.#grid.parameters.filter.bias_A > 0) {
      p[first + size - 1] = (p[first + size - 1] as number) + biasNoise * step_s;
    }
    if (hysteresisRate > 0)
      this.#moveHysteresis(cell, { moved: (true_A * hours) / capacity_Ah, true_A });
  }

  #moveHysteresis(cell: number, { moved, true_A }: { moved: number; true_A: number }): void {
    const { hysteresisRate, capacity_Ah } = this.#grid.parameters;
    const kept = Math.exp(-Math.abs(hysteresisRate * moved));
    this.#hysteresis[cell] =
      kept * (this.#hysteresis[cell] as number) + (1 - kept) * Math.sign(true_A);
    if (Math.abs(true_A) > restRate * capacity_Ah) this.#sign[cell] = Math.sign(true_A);
  }

  /** Expected voltage; leaves its slope by each state in scratch. */
  #expect(cell: number, { slice, current_A }: { slice: CellSlice; current_A: number }): number {
    const { exchange_A } = this.#grid.parameters;
    const { ocv, resistance } = this.#grid;
    const [x, slope] = [this.#state, this.#slope];
    const at = cell * states;
    const z = x[at] as number;
    const true_A = current_A - (x[at + bias] as number);
    const ratio = true_A / exchange_A;

    const segment = ocv.segment(z);
    const low_V = slice.ocv_V[segment] as number;
    const rise_V = (slice.ocv_V[segment + 1] as number) - low_V;
    const width = (ocv.at[segment + 1] as number) - (ocv.at[segment] as number);
    let expected_V =
      low_V + rise_V * ocv.share(segment, z) + z * (slice.ocvTilt_V + z * slice.ocvBend_V);
    let socSlope = rise_V / width + slice.ocvTilt_V + 2 * z * slice.ocvBend_V;

    const knot = resistance.segment(z);
    const share = Math.min(1, Math.max(0, resistance.share(knot, z)));
    const isInside = share > 0 && share < 1;
    const knotWidth = (resistance.at[knot + 1] as number) - (resistance.at[knot] as number);
    const stride = resistance.at.length;
    for (let r = 0; r < resistanceCount; r++) {
      const low = slice.resistance_Ohm[r * stride + knot] as number;
      const rise = (slice.resistance_Ohm[r * stride + knot + 1] as number) - low;
      const value = low + share * rise;
      const input =
        r === 0 ? true_A : r === 1 ? exchange_A * Math.asinh(ratio) : (x[at + r - 1] as number);
      expected_V += value * input;
      if (isInside) socSlope += (rise / knotWidth) * input;
      if (r === 0) slope[bias] = -value;
      else if (r === 1)
        slope[bias] = (slope[bias] as number) - value / Math.sqrt(1 + ratio * ratio);
      else slope[r - 1] = value;
    }
    slope[0] = socSlope;
    return expected_V + this.#hysteresis_V(cell, z);
  }

  #hysteresis_V(cell: number, z: number): number {
    const { hysteresis_V, sign_V } = this.#grid.parameters;
    if (hysteresis_V.length === 0) return 0;
    const { hysteresis } = this.#grid;
    const place = hysteresis.segment(z);
    const from_V = hysteresis_V[place] ?? 0;
    const height_V = (hysteresis_V[place + 1] ?? 0) - from_V;
    const reach = Math.min(1, Math.max(0, hysteresis.share(place, z)));
    const half_V = from_V + reach * height_V;
    return (this.#hysteresis[cell] as number) * half_V + (this.#sign[cell] as number) * sign_V;
  }

  #correct(
    cell: number,
    o: { slice: CellSlice; measured_V: number; current_A: number; step_s: number },
  ): void {
    const [x, p, slope, gain] = [this.#state, this.#covariance, this.#slope, this.#gain];
    const { varianceFactor, lowChargeFactor } = this.#grid.parameters.filter;
    const error_V = o.measured_V - this.#expect(cell, o);
    this.innovation_V[cell] = error_V;
    const at = cell * states;
    const first = cell * size;
    const isLow = (x[at] as number) < lowCharge;
    const perSecond = varianceFactor * (isLow ? lowChargeFactor : 1);
    // The tuning is for one correction a second: the model's error lasts, so it is time that averages it.
    const seconds = Math.min(correctionMax_s, Math.max(1, o.step_s));
    let variance = (o.slice.rmse_V ** 2 * perSecond) / seconds;
    for (let i = 0; i < states; i++) {
      let sum = 0;
      for (let j = 0; j < states; j++) {
        sum += (p[first + i * states + j] as number) * (slope[j] as number);
      }
      gain[i] = sum;
    }
    for (let i = 0; i < states; i++) variance += (slope[i] as number) * (gain[i] as number);
    for (let i = 0; i < states; i++) {
      const share = (gain[i] as number) / variance;
      x[at + i] = (x[at + i] as number) + share * error_V;
      for (let j = 0; j <= i; j++) {
        // Both halves get the same number, so the covariance stays symmetric.
        const value = (p[first + i * states + j] as number) - share * (gain[j] as number);
        p[first + i * states + j] = value;
        p[first + j * states + i] = value;
      }
    }
    x[at] = Math.min(1 + socMargin, Math.max(-socMargin, x[at] as number));
  }
}

/** The lower halves of all covariances where they are symmetric to the last bit, else all of them. */
function triangles(p: Float64Array): readonly [Float64Array, boolean] {
  const halves = new Float64Array((p.length / size) * triangle);
  let at = 0;
  for (let first = 0; first < p.length; first += size) {
    for (let i = 0; i < states; i++) {
      for (let j = 0; j <= i; j++) {
        const value = p[first + i * states + j] as number;
        if (value !== p[first + j * states + i]) return [p, false];
        halves[at++] = value;
      }
    }
  }
  return [halves, true];
}

function squares(halves: Float64Array): Float64Array {
  const p = new Float64Array((halves.length / triangle) * size);
  let at = 0;
  for (let first = 0; first < p.length; first += size) {
    for (let i = 0; i < states; i++) {
      for (let j = 0; j <= i; j++) {
        const value = halves[at++] as number;
        p[first + i * states + j] = value;
        p[first + j * states + i] = value;
      }
    }
  }
  return p;
}

/** P ← F·P·Fᵀ, where F has `decay` on its diagonal and `drive` in the column of the offset. */
function spread(
  p: Float64Array,
  { at, decay, drive }: { at: number; decay: Float64Array; drive: Float64Array },
): void {
  for (let j = 0; j < states; j++) {
    const offset = p[at + bias * states + j] as number;
    for (let i = 0; i < states; i++) {
      const place = at + i * states + j;
      p[place] = (decay[i] as number) * (p[place] as number) + (drive[i] as number) * offset;
    }
  }
  for (let i = 0; i < states; i++) {
    const offset = p[at + i * states + bias] as number;
    for (let j = 0; j < states; j++) {
      const place = at + i * states + j;
      p[place] = (p[place] as number) * (decay[j] as number) + (drive[j] as number) * offset;
    }
  }
}
