import { assert, type Random } from "@voltfog/runtime";
import { type CellSpread, drawCellSpread, type SpreadSize } from "./cell-spread.ts";
import { shareCurrents } from "./parallel-strings.ts";
import { RunawayHeat, runawayFrom_K } from "./runaway-heat.ts";
import { cellVoltageAtRest_V, type SimulatedCell } from "./simulated-cell.ts";
import { type Cooling, stepThermalNetwork } from "./thermal-network.ts";

export interface PackPhysicsOptions {
  readonly random: Random;
  readonly cell: SimulatedCell;
  /** In series in each string. */
  readonly cells: number;
  readonly strings: number;
  /** Of one string. */
  readonly capacity_Ah: number;
  readonly startSoc: number;
  readonly start_degC: number;
  readonly spread: SpreadSize;
}

/** Longest step that the circuit integrates at once. */
export const stepMax_s = 600;
const reference_K = 298.15;
const zero_K = 273.15;
/** Share of capacity that a cell loses by itself in a month, and the most that a cell differs from it. */
const selfDischarge = 0.02;
const selfDischargeSpread = 0.5;
const month_h = 730;
/** Of an even busbar; the joint of a faulty one comes on top. */
const busbar_Ohm = 5e-5;
/** The separator lets go at about 130 °C; what is then between the electrodes. */
const separator_K = 403.15;
const melted_Ohm = 0.02;
/** Per cell of 150 Ah: 2.2 kg of 1100 J/kgK and 0.88 litre; both grow with capacity. */
const thermalMassPerAh = (2.2 * 1100) / 150;
const volumePerAh = 8.8e-4 / 150;
/** How fast the one-state hysteresis follows the charge; gamma of Plett, Battery Management Systems I. */
const hysteresisRate = 40;

/**
 * The cells of a pack as they are, without sensors. State by arrays over all cells, string after string.
 * Electrical state is exact for a current that is constant over the step; leaks use the voltage of the
 * step before. Cost: about 4 µs a step for 96 cells.
 */
export class PackPhysics {
  readonly count: number;
  readonly options: PackPhysicsOptions;
  readonly soc: Float64Array;
  readonly cell_degC: Float64Array;
  readonly voltage_V: Float64Array;
  /** Live: spread, wear and faults. Over nominal. */
  readonly capacityFactor: Float64Array;
  readonly resistanceFactor: Float64Array;
  /** Self-discharge and internal shorts, 1/Ω. */
  readonly leak: Float64Array;
  /** Joints that the cell's sense wires enclose. */
  readonly joint_Ohm: Float64Array;
  /** What balancing takes from each cell (charge positive, so a bleed is negative). */
  readonly balancing_A: Float64Array;
  readonly stringCurrent_A: Float64Array;
  readonly #fast: Float64Array;
  readonly #slow: Float64Array;
  readonly #hysteresis: Float64Array;
  readonly #heat_W: Float64Array;
  readonly #source_V: Float64Array;
  readonly #string_Ohm: Float64Array;
  readonly #runaways = new Map<number, RunawayHeat>();
  #hottest_degC: number;

  constructor(options: PackPhysicsOptions) {
    const { random, cells, strings, capacity_Ah, cell } = options;
    this.options = options;
    this.count = cells * strings;
    const spread: CellSpread = drawCellSpread({ cells: this.count, random, size: options.spread });
    this.capacityFactor = spread.capacityFactor;
    this.resistanceFactor = spread.resistanceFactor;
    this.soc = spread.chargeOffset.map((offset) => options.startSoc + offset);
    this.voltage_V = this.soc.map((soc) => cellVoltageAtRest_V(cell.ocv_V, soc));
    const usual = (selfDischarge * capacity_Ah) / month_h / cellVoltageAtRest_V(cell.ocv_V, 0.5);
    this.leak = Float64Array.from(
      { length: this.count },
      () => usual * (1 + selfDischargeSpread * (2 * random.uniform() - 1)),
    );
    this.joint_Ohm = new Float64Array(this.count).fill(busbar_Ohm);
    this.balancing_A = new Float64Array(this.count);
    this.cell_degC = new Float64Array(this.count).fill(options.start_degC);
    this.#hottest_degC = options.start_degC;
    this.#fast = new Float64Array(this.count);
    this.#slow = new Float64Array(this.count);
    this.#hysteresis = new Float64Array(this.count);
    this.#heat_W = new Float64Array(this.count);
    this.stringCurrent_A = new Float64Array(strings);
    this.#source_V = new Float64Array(strings);
    this.#string_Ohm = new Float64Array(strings);
  }

  get meanSoc(): number {
    return mean(this.soc);
  }

  get terminal_V(): number {
    let sum_V = 0;
    for (let i = 0; i < this.options.cells; i++) sum_V += at(this.voltage_V, i);
    return sum_V;
  }

  /** Applies a pack current (charge positive) for 0 to 600 s. */
  step(o: { current_A: number; step_s: number; cooling: Cooling }): void {
    assert(Number.isFinite(o.current_A), "a current is a number");
    assert(o.step_s >= 0 && o.step_s <= stepMax_s, "a simulation step is 0 to 600 s");
    this.#share(o.current_A);
    const { cell } = this.options;
    const decay = {
      fast: Math.exp(-o.step_s / cell.fastTime_s),
      slow: Math.exp(-o.step_s / cell.slowTime_s),
    };
    for (let i = 0; i < this.count; i++) this.#stepCell(i, o.step_s, decay);
    this.#hottest_degC = stepThermalNetwork({
      cell_degC: this.cell_degC,
      heat_W: this.#heat_W,
      capacity_Ah: this.options.capacity_Ah,
      cellsPerString: this.options.cells,
      cooling: o.cooling,
      step_s: o.step_s,
    });
    if (this.#hottest_degC + zero_K > runawayFrom_K) this.#decompose(o.step_s);
  }

  #share(current_A: number): void {
    const { strings, cells, cell, capacity_Ah } = this.options;
    if (strings === 1) {
      this.stringCurrent_A[0] = current_A;
      return;
    }
    this.#source_V.fill(0);
    this.#string_Ohm.fill(0);
    for (let i = 0; i < this.count; i++) {
      const string = Math.floor(i / cells);
      const factor = this.#resistance(i);
      const slow_V =
        factor * (cell.fastPerRate * at(this.#fast, i) + cell.slowPerRate * at(this.#slow, i));
      this.#source_V[string] =
        at(this.#source_V, string) + cellVoltageAtRest_V(cell.ocv_V, at(this.soc, i)) + slow_V;
      this.#string_Ohm[string] =
        at(this.#string_Ohm, string) +
        (factor * cell.ohmicPerRate) / capacity_Ah +
        at(this.joint_Ohm, i);
    }
    shareCurrents({
      total_A: current_A,
      source_V: this.#source_V,
      resistance_Ohm: this.#string_Ohm,
      current_A: this.stringCurrent_A,
    });
  }

  /** Over the nominal at 25 °C. */
  #resistance(i: number): number {
    const cell_K = at(this.cell_degC, i) + zero_K;
    const { arrhenius_K } = this.options.cell;
    return at(this.resistanceFactor, i) * Math.exp(arrhenius_K * (1 / cell_K - 1 / reference_K));
  }

  #stepCell(i: number, step_s: number, decay: { fast: number; slow: number }): void {
    const { cell, capacity_Ah, cells } = this.options;
    const string_A = at(this.stringCurrent_A, cells === this.count ? 0 : Math.floor(i / cells));
    const before_V = at(this.voltage_V, i);
    const leak_A = before_V * at(this.leak, i);
    const rate = (string_A + at(this.balancing_A, i) - leak_A) / capacity_Ah;
    const fast = decay.fast * at(this.#fast, i) + (1 - decay.fast) * rate;
    const slow = decay.slow * at(this.#slow, i) + (1 - decay.slow) * rate;
    const moved = (rate * step_s) / 3600 / at(this.capacityFactor, i);
    const soc = at(this.soc, i) + moved;
    const overpotential_V =
      this.#resistance(i) *
      (cell.ohmicPerRate * rate + cell.fastPerRate * fast + cell.slowPerRate * slow);
    this.#fast[i] = fast;
    this.#slow[i] = slow;
    this.soc[i] = soc;
    let rest_V = cellVoltageAtRest_V(cell.ocv_V, soc);
    if (cell.hysteresis_V > 0) rest_V += cell.hysteresis_V * this.#follow(i, moved);
    const joint_V = string_A * at(this.joint_Ohm, i);
    this.voltage_V[i] = Math.max(0, rest_V + overpotential_V) + joint_V;
    const cell_A = rate * capacity_Ah;
    const cell_K = at(this.cell_degC, i) + zero_K;
    // A leak is inside the cell, so what it draws becomes heat there.
    this.#heat_W[i] =
      overpotential_V * cell_A +
      cell_A * cell_K * cell.entropyPerKelvin +
      before_V * leak_A +
      joint_V * string_A;
  }

  #follow(i: number, moved: number): number {
    const before = at(this.#hysteresis, i);
    const share = 1 - Math.exp(-Math.abs(moved) * hysteresisRate);
    const after = before + (Math.sign(moved) - before) * share;
    this.#hysteresis[i] = after;
    return after;
  }

  /** Cells that are hot enough decompose; one whose separator melted empties into itself. */
  #decompose(step_s: number): void {
    const { capacity_Ah } = this.options;
    for (let i = 0; i < this.count; i++) {
      const cell_K = at(this.cell_degC, i) + zero_K;
      if (cell_K <= runawayFrom_K) continue;
      let reactions = this.#runaways.get(i);
      if (reactions === undefined) {
        reactions = new RunawayHeat();
        this.#runaways.set(i, reactions);
      }
      const after_K = reactions.step({
        cell_K,
        step_s,
        thermalMass: thermalMassPerAh * capacity_Ah,
        volume: volumePerAh * capacity_Ah,
      });
      this.cell_degC[i] = after_K - zero_K;
      if (after_K > separator_K) this.leak[i] = Math.max(at(this.leak, i), 1 / melted_Ohm);
    }
  }
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += at(values, i);
  return sum / values.length;
}

function at(values: Float64Array, i: number): number {
  return values[i] ?? 0;
}
