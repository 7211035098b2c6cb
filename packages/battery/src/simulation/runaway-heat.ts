/**
 * Heat of the four decomposition reactions of a lithium-ion cell: SEI, anode with electrolyte, cathode
 * with electrolyte, electrolyte. Hatchard et al., J. Electrochem. Soc. 148 (2001) A755; Kim et al.,
 * J. Power Sources 170 (2007) 476, with their constants. The system is stiff, so each substep solves the
 * first-order reactions exactly at its temperature and is short enough to heat by at most one kelvin.
 */
const gas = 8.314;
const reactions = {
  sei: { a: 1.667e15, e_J: 1.3508e5, h_J: 2.57e5, content: 610.4 },
  anode: { a: 2.5e13, e_J: 1.3508e5, h_J: 1.714e6, content: 610.4 },
  cathode: { a: 6.667e13, e_J: 1.396e5, h_J: 3.14e5, content: 1221 },
  electrolyte: { a: 5.14e25, e_J: 2.74e5, h_J: 1.55e5, content: 406.9 },
} as const;

/** Nothing below this temperature runs fast enough to matter within a simulated year. */
export const runawayFrom_K = 343.15;
const stepHeatMax_K = 1;
const substepsMax = 20_000;
/** Layer thickness to which the anode's rate refers. */
const layer = 0.033;

/** What is left of the reactants of one cell; a fresh cell by default. */
export class RunawayHeat {
  #sei = 0.15;
  #anode = 0.75;
  #layer: number = layer;
  #converted = 0.04;
  #electrolyte = 1;

  /**
   * The temperature after a step in which nothing but these reactions heats the cell, in K. `thermalMass`
   * in J/K; the reacting volume in m³. The reactants are used up by it.
   */
  step(o: { cell_K: number; step_s: number; thermalMass: number; volume: number }): number {
    let { cell_K, step_s: left_s } = o;
    for (let i = 0; i < substepsMax && left_s > 0; i++) {
      const rise = (this.#power_W(cell_K) * o.volume) / o.thermalMass;
      const dt_s = Math.min(left_s, rise > 0 ? stepHeatMax_K / rise : left_s);
      cell_K += (this.#react(cell_K, dt_s) * o.volume) / o.thermalMass;
      left_s -= dt_s;
    }
    return cell_K;
  }

  /** Per m³ at once. */
  #power_W(cell_K: number): number {
    const rate = (r: { a: number; e_J: number }): number => r.a * Math.exp(-r.e_J / (gas * cell_K));
    const { sei, anode, cathode, electrolyte } = reactions;
    return (
      heatOf(sei, rate(sei) * this.#sei) +
      heatOf(anode, rate(anode) * this.#anode * Math.exp(-this.#layer / layer)) +
      heatOf(cathode, rate(cathode) * this.#converted * (1 - this.#converted)) +
      heatOf(electrolyte, rate(electrolyte) * this.#electrolyte)
    );
  }

  /** Uses the reactants up over a time and gives the heat, J per m³. */
  #react(cell_K: number, dt_s: number): number {
    const gone = (r: { a: number; e_J: number }, factor: number): number =>
      1 - Math.exp(-r.a * Math.exp(-r.e_J / (gas * cell_K)) * factor * dt_s);
    const { sei, anode, cathode, electrolyte } = reactions;
    const usedSei = this.#sei * gone(sei, 1);
    const usedAnode = this.#anode * gone(anode, Math.exp(-this.#layer / layer));
    const usedCathode = (1 - this.#converted) * gone(cathode, this.#converted);
    const usedElectrolyte = this.#electrolyte * gone(electrolyte, 1);
    this.#sei -= usedSei;
    this.#anode -= usedAnode;
    this.#layer += usedAnode;
    this.#converted += usedCathode;
    this.#electrolyte -= usedElectrolyte;
    return (
      heatOf(sei, usedSei) +
      heatOf(anode, usedAnode) +
      heatOf(cathode, usedCathode) +
      heatOf(electrolyte, usedElectrolyte)
    );
  }
}

function heatOf(reaction: { h_J: number; content: number }, share: number): number {
  return reaction.h_J * reaction.content * share;
}
