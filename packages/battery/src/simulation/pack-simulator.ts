import { assert, type Random } from "@voltfog/runtime";
import { openCircuitVoltage_V } from "../lg-hg2-cell.ts";
import type { PackSample } from "../pack-sample.ts";
import { type CellSpread, drawCellSpread, type SpreadSize, usualSpread } from "./cell-spread.ts";
import { PackSensors } from "./pack-sensors.ts";

export interface PackSimulatorOptions {
  readonly random: Random;
  readonly cells?: number;
  readonly sensors?: number;
  readonly capacity_Ah?: number;
  /** Of the fullest cell. */
  readonly startSoc?: number;
  readonly ambient_degC?: number;
  readonly spread?: SpreadSize;
}

/**
 * Second-order equivalent circuit of an LG HG2 at 25 °C in V per C, so that it scales to any size of
 * cell: least squares on its published drives Mixed1, 2, 4, 5 and 8 above 12 % of charge (9 mV RMSE;
 * 13 mV on US06, which was not fitted).
 */
const ohmicPerRate = 0.0525;
const fastPerRate = 0.0425;
const slowPerRate = 0.0221;
const fastTime_s = 20;
const slowTime_s = 200;
/** Resistance follows exp(E·(1/T − 1/Tref)). */
const arrhenius_K = 2500;
const reference_K = 298.15;
const zero_K = 273.15;

/** Per cell of 150 Ah: 2.2 kg of 1100 J/kgK, 3 W/K to the coolant; both grow with capacity. */
const heatCapacityPerAh = (2.2 * 1100) / 150;
const coolingPerAh = 3 / 150;

/** Longest step that the circuit integrates at once. */
const stepMax_s = 10;

/** Voltages are kept per cell and current in C (1/h); the same seed and currents give the same series. */
export class PackSimulator {
  readonly cells: number;
  readonly sensors: number;
  readonly capacity_Ah: number;
  readonly #ambient_degC: number;
  readonly #spread: CellSpread;
  readonly #sensors: PackSensors;
  readonly #soc: Float64Array;
  readonly #fast_V: Float64Array;
  readonly #slow_V: Float64Array;
  readonly #cell_degC: Float64Array;
  readonly #voltage_V: Float64Array;

  constructor(options: PackSimulatorOptions) {
    const { random } = options;
    this.cells = options.cells ?? 96;
    this.sensors = options.sensors ?? 24;
    this.capacity_Ah = options.capacity_Ah ?? 150;
    this.#ambient_degC = options.ambient_degC ?? 25;
    const size = options.spread ?? usualSpread;
    this.#spread = drawCellSpread({ cells: this.cells, random, size });
    this.#sensors = new PackSensors({ cells: this.cells, sensors: this.sensors, random });
    this.#soc = this.#spread.chargeOffset.map((offset) => (options.startSoc ?? 0.9) + offset);
    this.#fast_V = new Float64Array(this.cells);
    this.#slow_V = new Float64Array(this.cells);
    this.#cell_degC = new Float64Array(this.cells).fill(this.#ambient_degC);
    this.#voltage_V = this.#soc.map(openCircuitVoltage_V);
  }

  /** The mean state of charge as it is, 0 to 1; what an estimator would have to find. */
  get soc(): number {
    return this.#soc.reduce((sum, soc) => sum + soc, 0) / this.cells;
  }

  /** Applies the current for the time, then reads the sensors. Steps of 0 to 10 s; charge positive. */
  step(options: {
    current_A: number;
    step_s: number;
    wall_ms: number;
    monotonic_ms: number;
  }): PackSample {
    const { current_A, step_s } = options;
    assert(Number.isFinite(current_A), "a current is a number");
    assert(step_s >= 0 && step_s <= stepMax_s, "a simulation step is 0 to 10 s");
    for (let i = 0; i < this.cells; i++) this.#stepCell(i, current_A / this.capacity_Ah, step_s);
    return this.#sensors.read({
      wall_ms: options.wall_ms,
      monotonic_ms: options.monotonic_ms,
      current_A,
      soc: this.soc,
      cellVoltage_V: this.#voltage_V,
      temperature_degC: Float64Array.from({ length: this.sensors }, (_, sensor) =>
        at(this.#cell_degC, Math.floor((sensor * this.cells) / this.sensors)),
      ),
    });
  }

  #stepCell(i: number, rate: number, step_s: number): void {
    const cell_K = at(this.#cell_degC, i) + zero_K;
    const factor =
      at(this.#spread.resistanceFactor, i) * Math.exp(arrhenius_K * (1 / cell_K - 1 / reference_K));
    const fast = Math.exp(-step_s / fastTime_s);
    const slow = Math.exp(-step_s / slowTime_s);
    const fast_V = fast * at(this.#fast_V, i) + (1 - fast) * fastPerRate * factor * rate;
    const slow_V = slow * at(this.#slow_V, i) + (1 - slow) * slowPerRate * factor * rate;
    const soc = at(this.#soc, i) + (rate * step_s) / 3600 / at(this.#spread.capacityFactor, i);
    const overpotential_V = ohmicPerRate * factor * rate + fast_V + slow_V;
    this.#fast_V[i] = fast_V;
    this.#slow_V[i] = slow_V;
    this.#soc[i] = soc;
    this.#voltage_V[i] = openCircuitVoltage_V(soc) + overpotential_V;
    const heat_W = overpotential_V * rate * this.capacity_Ah;
    const cooling_W = coolingPerAh * this.capacity_Ah * (cell_K - zero_K - this.#ambient_degC);
    this.#cell_degC[i] =
      at(this.#cell_degC, i) +
      ((heat_W - cooling_W) * step_s) / (heatCapacityPerAh * this.capacity_Ah);
  }
}

function at(values: Float64Array, i: number): number {
  return values[i] ?? 0;
}
