/** As in the simulator's thermal network: per cell of 150 Ah, 2.2 kg of 1100 J/kgK and 3 W/K to the coolant. */
const heatCapacityPerAh = (2.2 * 1100) / 150;
const coolingPerAh = 3 / 150;
/** Heat that the coolant carries per K. */
const coolantFlow = 450;
const stretches = 4;
const settled_K = 0.5;

/** A string of cells in four stretches of even temperature, which the coolant passes one after the other. */
export class CoolantString {
  readonly #degC: Float64Array;
  readonly #cellsEach: number;
  readonly #capacity_Ah: number;

  constructor(o: { cells: number; capacity_Ah: number; cell_degC: number }) {
    this.#degC = new Float64Array(stretches).fill(o.cell_degC);
    this.#cellsEach = o.cells / stretches;
    this.#capacity_Ah = o.capacity_Ah;
  }

  get coldest_degC(): number {
    return Math.min(...this.#degC);
  }

  get hottest_degC(): number {
    return Math.max(...this.#degC);
  }

  get mean_degC(): number {
    return this.#degC.reduce((sum, each) => sum + each, 0) / stretches;
  }

  isSettledAt(coolant_degC: number): boolean {
    return this.#degC.every((each) => Math.abs(each - coolant_degC) < settled_K);
  }

  /** Moves on with so much heat in each cell; gives what the coolant took. */
  step(o: { heat_W: number; inlet_degC: number; step_s: number }): number {
    const transfer = coolingPerAh * this.#capacity_Ah;
    const inertia = heatCapacityPerAh * this.#capacity_Ah;
    // Along a stretch the coolant nears the cells' temperature.
    const nearing = 1 - Math.exp((-transfer * this.#cellsEach) / coolantFlow);
    let coolant_degC = o.inlet_degC;
    let all_W = 0;
    for (let i = 0; i < stretches; i++) {
      const own_degC = this.#degC[i] ?? 0;
      const taken_W = coolantFlow * nearing * (own_degC - coolant_degC);
      coolant_degC += taken_W / coolantFlow;
      const net_W = o.heat_W - taken_W / this.#cellsEach;
      this.#degC[i] = own_degC + (net_W * o.step_s) / inertia;
      all_W += taken_W;
    }
    return all_W;
  }
}
