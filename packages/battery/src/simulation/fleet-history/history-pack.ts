import { normal } from "@voltfog/runtime";
import { drawCellSpread } from "../cell-spread.ts";
import type { PackPreset } from "../pack-preset.ts";
import { randomStream } from "../random-stream.ts";
import { cellVoltageAtRest_V, restSlope } from "../simulated-cell.ts";
import type { FaultEffects } from "./history-faults.ts";
import { type HistoryCharacter, historyPurposes } from "./history-vehicle.ts";
import { HistoryWear } from "./history-wear.ts";

/** A balanced new pack: cells of one lot, charged alike. */
const spreadSize = { capacityShare: 0.006, resistanceShare: 0.06, chargeShare: 0.002 };
/** Heat of the pack as a whole, per C² and kelvin, with air around it and with its coolant on. */
const warmth_s = 9000;
const coolantOn_degC = 27;
const coolantGain = 7;
/** Balancing takes this share of charge a day from cells above the lowest and its dead band. */
const bled = 0.001;
const deadBand = 0.008;
const leakPerDay = 0.02 / 30;
/** Temperature over the pack per kelvin above the outside; packs differ by 40 % (σ). */
const gradientShare = 0.12;
/** Kelvin that 1 C warms a pack in the long run with air alone. */
const heating_K = 38;

/**
 * The pack of one vehicle over years: every cell has a charge, a capacity and a resistance of its own; the
 * pack has one temperature. Steps are minutes to an hour, over which the current is constant.
 */
export class HistoryPack {
  readonly preset: PackPreset;
  /** State of charge of each cell. */
  readonly soc: Float64Array;
  /** Capacity over nominal and resistance over new, at 25 °C. */
  readonly capacity: Float64Array;
  readonly resistance: Float64Array;
  readonly wear: HistoryWear;
  core_degC: number;
  outside_degC = 15;
  /** What drives the relaxing terms, in C, and the current itself. */
  rate = 0;
  #fast = 0;
  #slow = 0;
  readonly #spread: { capacityFactor: Float64Array; resistanceFactor: Float64Array };
  readonly #leak: Float64Array;
  readonly #coldShare: number;
  readonly #gradientShare: number;
  #flowColdFactor = 1;
  #effects: FaultEffects;
  #day = { looks_s: 0, heat: 0, volts: 0, low: 1, high: 0, moved: 0, warmMoved: 0 };

  constructor(o: {
    seed: number;
    vehicle: number;
    preset: PackPreset;
    character: HistoryCharacter;
    effects: FaultEffects;
  }) {
    const random = randomStream({ ...o, purpose: historyPurposes.spread });
    const { cells, cell } = o.preset;
    this.preset = o.preset;
    const drawn = drawCellSpread({ cells, random, size: spreadSize });
    this.#spread = drawn;
    this.#coldShare = o.character.coldShare;
    this.#effects = o.effects;
    this.soc = drawn.chargeOffset.map((offset) => 0.7 + offset);
    this.#leak = Float64Array.from({ length: cells }, () => leakPerDay * (0.5 + random.uniform()));
    const place_K = Float64Array.from({ length: cells }, () => 0.5 * normal(random));
    const pace = Math.exp(0.15 * normal(random));
    this.#gradientShare = gradientShare * Math.exp(0.4 * normal(random));
    this.wear = new HistoryWear({ chemistry: cell.chemistry, place_K, pace });
    this.capacity = drawn.capacityFactor.slice();
    this.resistance = drawn.resistanceFactor.slice();
    this.core_degC = o.character.climate_degC;
    this.refresh();
  }

  get meanSoc(): number {
    return meanOf(this.soc);
  }

  get meanCapacity(): number {
    return meanOf(this.capacity);
  }

  /** What the pack delivers from its fullest cell at full to its emptiest at empty, over nominal, at 25 °C. */
  get usable(): number {
    let [above, below] = [2, 2];
    for (let i = 0; i < this.soc.length; i++) {
      const [own = 0, capacity = 0] = [this.soc[i], this.capacity[i]];
      below = Math.min(below, own * capacity);
      above = Math.min(above, (1 - own) * capacity);
    }
    return above + below;
  }

  /** Share of the 25 °C charge between two rest voltages that is there at a temperature. */
  coldFactor(cell_degC: number): number {
    return 1 - this.#coldShare * Math.max(0, 25 - cell_degC);
  }

  /** The same while charge flowed, on the last day that any did. */
  get flowColdFactor(): number {
    return this.#flowColdFactor;
  }

  /** Greatest and least charge of a cell. */
  get extremes(): { readonly low: number; readonly high: number } {
    let [low, high] = [2, -1];
    for (const own of this.soc) {
      if (own < low) low = own;
      if (own > high) high = own;
    }
    return { low, high };
  }

  step(o: { rate: number; step_s: number }): void {
    const { cell } = this.preset;
    const { rate, step_s } = o;
    const change = (rate * step_s) / 3600 / this.coldFactor(this.core_degC);
    for (let i = 0; i < this.soc.length; i++) {
      const next = (this.soc[i] as number) + change / (this.capacity[i] as number);
      this.soc[i] = Math.min(1.02, Math.max(-0.02, next));
    }
    this.rate = rate;
    this.#fast += (1 - Math.exp(-step_s / cell.fastTime_s)) * (rate - this.#fast);
    this.#slow += (1 - Math.exp(-step_s / cell.slowTime_s)) * (rate - this.#slow);
    this.#warm(rate, step_s);
    const day = this.#day;
    const mean = this.meanSoc;
    day.looks_s += step_s;
    day.heat += this.core_degC * step_s;
    day.volts += cellVoltageAtRest_V(cell.ocv_V, mean) * step_s;
    day.low = Math.min(day.low, mean);
    day.high = Math.max(day.high, mean);
    const moved = Math.abs(rate) * (step_s / 3600);
    day.moved += moved;
    day.warmMoved += moved * this.coldFactor(this.core_degC);
  }

  /** Midnight: cells leak, are balanced and age, and faults move on. */
  endDay(effects: FaultEffects): void {
    this.#effects = effects;
    const { low } = this.extremes;
    for (let i = 0; i < this.soc.length; i++) {
      let own = (this.soc[i] ?? 0) - (this.#leak[i] ?? 0);
      if (i === effects.cell) own -= effects.leak;
      const excess = own - low - deadBand;
      if (excess > 0) own -= Math.min(excess, bled * effects.balancing);
      this.soc[i] = Math.max(0, own);
    }
    const day = this.#day;
    if (day.moved > 0) this.#flowColdFactor = day.warmMoved / day.moved;
    if (day.looks_s > 0) {
      this.wear.settle({
        cell_K: day.heat / day.looks_s + 273.15,
        cell_V: day.volts / day.looks_s,
        soc: Math.min(1, Math.max(0, (day.low + day.high) / 2)),
        depth: Math.min(1, Math.max(0, day.high - day.low)),
        throughput: day.moved,
      });
    }
    this.#day = { looks_s: 0, heat: 0, volts: 0, low: 1, high: 0, moved: 0, warmMoved: 0 };
    this.refresh();
  }

  /** Puts a new cell in the place of a faulty one and charges it like its neighbours. */
  repair(cell: number): void {
    this.soc[cell] = this.meanSoc;
  }

  /** Capacities and resistances from spread, wear and faults. */
  refresh(): void {
    const { cell, capacityLoss, resistanceRise } = this.#effects;
    for (let i = 0; i < this.soc.length; i++) {
      const loss = this.wear.lossOf(i);
      const isHurt = i === cell;
      const left = loss.capacityLeft * (isHurt ? 1 - capacityLoss : 1);
      this.capacity[i] = (this.#spread.capacityFactor[i] ?? 1) * left;
      const rise = loss.resistance * (isHurt ? 1 + resistanceRise : 1);
      this.resistance[i] = (this.#spread.resistanceFactor[i] ?? 1) * rise;
    }
  }

  /** Voltage of every cell, into the given array. */
  voltages(into_V: Float64Array): void {
    const { cell, capacity_Ah } = this.preset;
    const mean = this.meanSoc;
    const rest_V = cellVoltageAtRest_V(cell.ocv_V, mean);
    const slope = restSlope(cell.ocv_V, mean);
    const kelvin = this.core_degC + 273.15;
    const warmth = Math.exp(cell.arrhenius_K * (1 / kelvin - 1 / 298.15));
    const over_V =
      warmth *
      (cell.ohmicPerRate * this.rate +
        cell.fastPerRate * this.#fast +
        cell.slowPerRate * this.#slow);
    for (let i = 0; i < into_V.length; i++) {
      const apart_V = slope * ((this.soc[i] as number) - mean);
      into_V[i] = rest_V + apart_V + (this.resistance[i] as number) * over_V;
    }
    const { cell: hurt, joint_Ohm } = this.#effects;
    if (hurt >= 0) into_V[hurt] = (into_V[hurt] ?? 0) + this.rate * capacity_Ah * joint_Ohm;
  }

  /** Temperature between the two ends of the pack. */
  get gradient_K(): number {
    const { cooling } = this.#effects;
    return (this.#gradientShare * Math.max(0, this.core_degC - this.outside_degC)) / cooling ** 0.6;
  }

  get sensorFault(): { readonly cell: number; readonly sensor_mV: number } {
    return this.#effects;
  }

  #warm(rate: number, step_s: number): void {
    const isCooled = this.core_degC > coolantOn_degC && rate !== 0;
    const share = isCooled ? 1 + coolantGain * this.#effects.cooling : 1;
    const end_degC = this.outside_degC + (heating_K * rate ** 2) / share;
    const settled = 1 - Math.exp((-step_s * share) / warmth_s);
    this.core_degC += settled * (end_degC - this.core_degC);
  }
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}
