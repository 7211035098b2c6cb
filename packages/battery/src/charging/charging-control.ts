import {
  type Movable,
  type SavedState,
  type StateReader,
  savedNumber,
  savedTime_ms,
} from "@voltfog/runtime";
import type { PackSample } from "../pack-sample.ts";
import { type AnodeCell, rateAtMargin } from "./anode-margin.ts";
import { temperatureShare } from "./temperature-derating.ts";

/** Why the current is no higher. */
export type ChargeLimit =
  | "charger"
  | "voltage"
  | "temperature"
  | "plating"
  | "health"
  | "departure"
  | "done"
  | "sensor";

export interface ChargeDecision {
  /** Asked of the charger; 0 where charging must not go on. */
  readonly current_A: number;
  readonly limit: ChargeLimit;
}

export interface ChargingControlOptions {
  readonly capacity_Ah: number;
  readonly cell: AnodeCell & { readonly chargeEnd_V: number };
  /** What the charger and the pack's operating area allow. */
  readonly currentMax_A: number;
  /** State of charge to reach, 0 to 1. */
  readonly targetSoc: number;
  /** Resistance when new over resistance now; ageing lowers the current by it. */
  readonly healthFactor?: number;
  /** When the driver leaves, on the sample's wall clock; without it charging is as fast as is safe. */
  readonly departure_ms?: number;
}

/** The anode stays this far above lithium: about what a degree and a per cent of error cost. */
const plating_V = 0.016;
/** Currents go in steps of a twentieth of capacity, so that a charger is not bothered by every sample. */
const stepRate = 0.05;
const taperRate = 0.05;
/** A limit that rose again is believed after this time; one that fell at once. */
const recover_ms = 30_000;
/** Sensors read up to 2 mV and noise too high; a cell may not pass its end by more. */
const voltageRoom_V = 0.003;
/** Time in hand at departure. */
const early_ms = 900_000;
/** With time in hand, no slower than this: chargers lose their efficiency below. */
const gentleRate = 0.1;
const readingMin_mV = 1500;

/**
 * Charges in steps of constant current, each the least of what charger, cell voltage, temperature, wear and
 * anode margin allow, and where a departure is known no more than it needs. Falls at once, recovers after
 * 30 s. Takes every sample in order; a sample without a believable cell or temperature stops the charge.
 */
export class ChargingControl implements Movable {
  readonly #options: ChargingControlOptions;
  #rate = 0;
  #heldFrom_ms = 0;
  #voltageRate: number;
  #isDone = false;

  constructor(options: ChargingControlOptions) {
    this.#options = options;
    this.#voltageRate = options.currentMax_A / options.capacity_Ah;
  }

  decide(sample: PackSample): ChargeDecision {
    const { capacity_Ah } = this.#options;
    const wanted = this.#wanted(sample);
    const isFalling = wanted.rate < this.#rate;
    const now_ms = sample.monotonic_ms;
    if (isFalling || this.#rate === 0) {
      this.#rate = wanted.rate;
      this.#heldFrom_ms = now_ms;
    } else if (wanted.rate === this.#rate) this.#heldFrom_ms = now_ms;
    else if (now_ms - this.#heldFrom_ms >= recover_ms) {
      this.#rate = wanted.rate;
      this.#heldFrom_ms = now_ms;
    }
    return { current_A: this.#rate * capacity_Ah, limit: wanted.limit };
  }

  save(): SavedState {
    const [rate, heldFrom_ms] = [this.#rate, this.#heldFrom_ms];
    return { rate, heldFrom_ms, voltageRate: this.#voltageRate, isDone: this.#isDone };
  }

  restore(from: StateReader): void {
    this.#rate = from.number("rate", { min: 0, max: 1e3 });
    this.#heldFrom_ms = from.number("heldFrom_ms", savedTime_ms);
    this.#voltageRate = from.number("voltageRate", savedNumber);
    this.#isDone = from.flag("isDone");
    from.end();
  }

  #wanted(sample: PackSample): { rate: number; limit: ChargeLimit } {
    if (this.#isDone || sample.soc >= this.#options.targetSoc) {
      this.#isDone = true;
      return { rate: 0, limit: "done" };
    }
    const reading = extremes(sample);
    if (reading === undefined) return { rate: 0, limit: "sensor" };
    const least = this.#limits(sample, reading).reduce((a, b) => (b.rate < a.rate ? b : a));
    // Steps for everything but the end of charge, which has to follow the voltage.
    if (least.limit !== "voltage") {
      return { ...least, rate: Math.floor(least.rate / stepRate + 1e-9) * stepRate };
    }
    if (least.rate >= taperRate) return least;
    this.#isDone = true;
    return { rate: 0, limit: "done" };
  }

  #limits(sample: PackSample, reading: Extremes): readonly { rate: number; limit: ChargeLimit }[] {
    const { capacity_Ah, currentMax_A, cell, healthFactor } = this.#options;
    const rateMax = currentMax_A / capacity_Ah;
    const warmth = Math.min(
      temperatureShare(reading.coldest_degC),
      temperatureShare(reading.hottest_degC),
    );
    const plating = rateAtMargin({
      cell,
      soc: sample.soc,
      cell_degC: reading.coldest_degC,
      margin_V: plating_V,
    });
    return [
      { rate: rateMax, limit: "charger" },
      { rate: this.#byVoltage(reading.highest_V, sample), limit: "voltage" },
      { rate: rateMax * warmth, limit: "temperature" },
      { rate: plating, limit: "plating" },
      { rate: rateMax * Math.min(1, healthFactor ?? 1), limit: "health" },
      { rate: this.#byDeparture(sample, rateMax), limit: "departure" },
    ];
  }

  /** The rate at which the fullest cell would be at its end, from its resistance. */
  #byVoltage(highest_V: number, sample: PackSample): number {
    const { cell, capacity_Ah } = this.#options;
    const room_V = cell.chargeEnd_V - voltageRoom_V - highest_V;
    const now = Math.max(0, sample.packCurrent_A) / capacity_Ah;
    // Half of what the whole resistance would allow: the slow part of it is yet to come.
    const rate = now + (0.5 * room_V) / cell.resistancePerRate;
    this.#voltageRate = room_V < 0 ? Math.min(this.#voltageRate, rate) : rate;
    return Math.max(0, this.#voltageRate);
  }

  #byDeparture(sample: PackSample, rateMax: number): number {
    const { departure_ms, targetSoc } = this.#options;
    if (departure_ms === undefined) return rateMax;
    const left_h = (departure_ms - early_ms - sample.wall_ms) / 3.6e6;
    if (left_h <= 0) return rateMax;
    return Math.min(rateMax, Math.max(gentleRate, (targetSoc - sample.soc) / left_h));
  }
}

interface Extremes {
  readonly highest_V: number;
  readonly coldest_degC: number;
  readonly hottest_degC: number;
}

function extremes(sample: PackSample): Extremes | undefined {
  let highest_mV = 0;
  let lowest_mV = Number.POSITIVE_INFINITY;
  for (const cell_mV of sample.cellVoltage_mV) {
    if (cell_mV > highest_mV) highest_mV = cell_mV;
    if (cell_mV < lowest_mV) lowest_mV = cell_mV;
  }
  let coldest_degC = Number.POSITIVE_INFINITY;
  let hottest_degC = Number.NEGATIVE_INFINITY;
  for (const each_degC of sample.temperature_degC) {
    if (!Number.isFinite(each_degC)) return undefined;
    if (each_degC < coldest_degC) coldest_degC = each_degC;
    if (each_degC > hottest_degC) hottest_degC = each_degC;
  }
  const isBelievable =
    lowest_mV >= readingMin_mV &&
    Number.isFinite(lowest_mV) &&
    Number.isFinite(coldest_degC) &&
    Number.isFinite(sample.soc) &&
    Number.isFinite(sample.packCurrent_A);
  return isBelievable ? { highest_V: highest_mV / 1000, coldest_degC, hottest_degC } : undefined;
}
