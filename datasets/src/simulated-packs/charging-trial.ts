import {
  anodeMargin_V,
  cellCapacity_Ah,
  lgHg2Cell,
  PackAlarms,
  type PackSample,
  PackSimulator,
  packPresets,
  scaledToPack,
} from "@voltfog/battery";
import { SeededRandom } from "@voltfog/runtime";

export const chargingPack: (typeof packPresets)["nmc96"] = packPresets.nmc96;
const { cell, capacity_Ah } = chargingPack;

/** What a cell's whole resistance is, V per C. */
export const anodeCell: { resistancePerRate: number; arrhenius_K: number; chargeEnd_V: number } = {
  resistancePerRate: cell.ohmicPerRate + cell.fastPerRate + cell.slowPerRate,
  arrhenius_K: cell.arrhenius_K,
  chargeEnd_V: cell.chargeEnd_V,
};
export const targetSoc = 0.8;
/** The 4 A at which the LG HG2's data sheet lets it be charged fast. */
export const rateMax: number = 4 / cellCapacity_Ah;
const step_s = 10;
const restStep_s = 60;
const longest_s = 24 * 3600;
/** Wear is counted over the same time for every charge: a quick one rests at its target for longer. */
const counted_s = 3 * 3600;
/** Every eighth cell stands for its neighbours. */
const stride = 8;
/**
 * Plating by Butler and Volmer: nothing while the anode is above lithium, then
 * exp(−α·F·η/RT) − exp((1 − α)·F·η/RT) times this share of capacity per hour, with α of O'Kane et al., PCCP 24
 * (2022) 7909. The share is an assumption; the evaluation varies it.
 */
const platingPerHour = 1e-4;
const transfer = 0.65;
const faraday = 96_485;
const gas = 8.314;

export interface ChargingScenario {
  readonly seed: number;
  readonly start: number;
  readonly ambient_degC: number;
  readonly noise_mV: number;
  /** Times the assumed plating. */
  readonly platingFactor: number;
}

export interface ChargingTrial {
  /** Until the target; undefined where it is not reached in a day. */
  readonly time_s: number | undefined;
  /** Share of capacity lost over three hours from plugging in, or until the target where that is later. */
  readonly wear: number;
  readonly platingWear: number;
  /** Alarms that reached the fatal level. */
  readonly fatalEvents: number;
}

/** Start and weather of a seed's charge. */
export function chargingScenario(
  seed: number,
  noise_mV: number,
  platingFactor = 1,
): ChargingScenario {
  const random = new SeededRandom(seed * 7919 + 3);
  return {
    seed,
    start: 0.1 + 0.2 * random.uniform(),
    ambient_degC: 4 + 34 * random.uniform(),
    noise_mV,
    platingFactor,
  };
}

/** One charge of a simulated pack; `decide` gives the current for the coming ten seconds. */
export function runCharging(
  o: ChargingScenario & { decide: (sample: PackSample) => number },
): ChargingTrial {
  const pack = new PackSimulator({
    random: new SeededRandom(o.seed),
    startSoc: o.start,
    ambient_degC: o.ambient_degC,
    noise_mV: o.noise_mV,
  });
  const alarms = new PackAlarms({ area: scaledToPack(lgHg2Cell, capacity_Ah) });
  const wear = new ChargeWear(o.platingFactor);
  let sample = pack.step({ current_A: 0, step_s: 0, wall_ms: 0, monotonic_ms: 0 });
  let time_s: number | undefined;
  let fatalEvents = 0;
  while (time_s === undefined && pack.elapsed_s < longest_s) {
    const current_A = o.decide(sample);
    const at_ms = (pack.elapsed_s + step_s) * 1000;
    sample = pack.step({ current_A, step_s, wall_ms: at_ms, monotonic_ms: at_ms });
    fatalEvents += alarms.update(sample).filter(isFatal).length;
    wear.add(pack, current_A / capacity_Ah, step_s);
    if (pack.soc >= targetSoc - 0.001) time_s = pack.elapsed_s;
  }
  while (pack.elapsed_s < counted_s) {
    pack.advance({ current_A: 0, step_s: restStep_s });
    wear.add(pack, 0, restStep_s);
  }
  return { time_s, wear: wear.calendar + wear.plating, platingWear: wear.plating, fatalEvents };
}

function isFatal(change: { state: string; level: number }): boolean {
  return change.state === "asserted" && change.level === 3;
}

class ChargeWear {
  readonly #factor: number;
  calendar = 0;
  plating = 0;

  constructor(factor: number) {
    this.#factor = factor;
  }

  add(pack: PackSimulator, rate: number, step_s: number): void {
    const { soc, cell_degC, voltage_V, count, resistanceFactor } = pack.physics;
    let plating = 0;
    let calendar = 0;
    let cells = 0;
    for (let i = 0; i < count; i += stride) {
      const its_degC = cell_degC[i] ?? 25;
      const cell_K = its_degC + 273.15;
      cells++;
      // Schmalstieg's calendar loss k·t^0.75, at the pace of a cell one year old.
      const k = Math.max(0, 7.543 * (voltage_V[i] ?? 0) - 23.75) * 1e6 * Math.exp(-6976 / cell_K);
      calendar += (k * 0.75 * 365 ** -0.25 * step_s) / 86_400;
      if (rate <= 0) continue;
      const own = {
        ...anodeCell,
        resistancePerRate: anodeCell.resistancePerRate * (resistanceFactor[i] ?? 1),
      };
      const margin_V = anodeMargin_V({ cell: own, soc: soc[i] ?? 0, cell_degC: its_degC, rate });
      if (margin_V >= 0) continue;
      const scaled = (margin_V * faraday) / (gas * cell_K);
      const pace = Math.exp(-transfer * scaled) - Math.exp((1 - transfer) * scaled);
      plating += (platingPerHour * pace * step_s) / 3600;
    }
    this.calendar += calendar / cells;
    this.plating += (this.#factor * plating) / cells;
  }
}
