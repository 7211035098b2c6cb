import {
  type Movable,
  orNull,
  type SavedState,
  type StateReader,
  savedTime_ms,
} from "@voltfog/runtime";
import type { PackSample } from "../pack-sample.ts";

/** What is asked of the vehicle's thermal system now. */
export interface ThermalRequest {
  /** Flow of pump and fan, 0 off to 1 full. */
  readonly cooling: number;
  /** Heater, 0 off to 1 full. */
  readonly heating: number;
  /** Why, with the reading that made it so. */
  readonly because: string;
}

export interface TemperatureRegulatorOptions {
  /** Power of pump and fan at full flow; it falls with the third power of the flow. */
  readonly coolingFull_W: number;
  readonly heatingFull_W: number;
  /** What heating may use in one stretch without a rest; afterwards the pack stays cold. */
  readonly heatingBudget_Wh: number;
}

/** Circulation pump and fan, and a coolant heater, of a car of about 80 kWh. */
export const usualThermalSystem: TemperatureRegulatorOptions = {
  coolingFull_W: 250,
  heatingFull_W: 3000,
  heatingBudget_Wh: 1500,
};

/** Cooling starts above the first and ends below the second; heating the other way round. */
const warm = { start_degC: 31, stop_degC: 29, full_degC: 44 } as const;
const cold = { start_degC: 11, stop_degC: 16, full_degC: 3 } as const;
/** Flow below this moves no heat worth its noise. */
const flowMin = 0.35;
const heatMin = 0.4;
/** Steps of a quarter keep commands few. */
const step = 0.25;
/** A pump that runs goes on for this long, and one that stopped rests for this long. */
const runMin_ms = 180_000;
const restMin_ms = 60_000;
/** Below this share of capacity per hour a pack is not in use and is not heated. */
const usedRate = 0.02;
/** A pack counts as in use for so long after its last current. */
const idleMax_ms = 300_000;
/** A budget is full again after so long without heating. */
const budgetRest_ms = 6 * 3_600_000;
const credible = { low_degC: -45, high_degC: 150 } as const;

/**
 * Asks for flow and heat by the hottest and the coldest credible sensor, with hysteresis, a least time to run
 * and to rest, and a budget for heat. Flow grows with the temperature, because half of it costs an eighth of
 * the pump's power and carries most of the heat. Never cools and heats at once. Total: a sample without a
 * credible sensor, or with a time that runs back, keeps what stood. Units in the options; O(sensors).
 */
export class TemperatureRegulator implements Movable {
  readonly #options: TemperatureRegulatorOptions;
  readonly #capacity_Ah: number;
  #request: ThermalRequest = { cooling: 0, heating: 0, because: "" };
  #since_ms = Number.NEGATIVE_INFINITY;
  #last_ms: number | undefined;
  #used_ms = Number.NEGATIVE_INFINITY;
  #heat_Wh = 0;
  #heated_ms = Number.NEGATIVE_INFINITY;
  #energy_Wh = 0;
  #earlier_degC = 0;

  constructor(options: TemperatureRegulatorOptions & { readonly capacity_Ah: number }) {
    this.#options = options;
    this.#capacity_Ah = options.capacity_Ah;
  }

  /** What pump, fan and heater took as asked, since the start. */
  get energy_Wh(): number {
    return this.#energy_Wh;
  }

  /** Cooling starts, grows and ends so far below its usual temperatures from now on. No part of the state. */
  coolEarlier(by_degC: number): void {
    this.#earlier_degC = by_degC;
  }

  decide(sample: PackSample): ThermalRequest {
    const now_ms = sample.monotonic_ms;
    const step_ms = now_ms - (this.#last_ms ?? now_ms);
    if (!Number.isFinite(now_ms)) return this.#request;
    if (step_ms < 0) this.#restartTime(now_ms);
    else this.#spend(step_ms);
    this.#last_ms = now_ms;
    if (Math.abs(sample.packCurrent_A) > usedRate * this.#capacity_Ah) this.#used_ms = now_ms;
    const range = credibleRange(sample.temperature_degC);
    if (range === undefined) return this.#request;
    const wanted = this.#wanted({ ...range, now_ms });
    if (this.#mayChange(wanted, now_ms)) {
      const isSwitch = isOn(wanted) !== isOn(this.#request);
      if (isSwitch) this.#since_ms = now_ms;
      this.#request = wanted;
    }
    return this.#request;
  }

  save(): SavedState {
    return {
      request: { ...this.#request },
      since_ms: orNull(this.#since_ms),
      last_ms: orNull(this.#last_ms),
      used_ms: orNull(this.#used_ms),
      heat_Wh: this.#heat_Wh,
      heated_ms: orNull(this.#heated_ms),
      energy_Wh: this.#energy_Wh,
    };
  }

  restore(from: StateReader): void {
    const never = Number.NEGATIVE_INFINITY;
    const energy = { min: 0, max: 1e12 };
    const request = from.object("request");
    const share = { min: 0, max: 1 };
    this.#request = {
      cooling: request.number("cooling", share),
      heating: request.number("heating", share),
      because: request.text("because", 300),
    };
    request.end();
    this.#since_ms = from.maybe("since_ms", savedTime_ms) ?? never;
    this.#last_ms = from.maybe("last_ms", savedTime_ms);
    this.#used_ms = from.maybe("used_ms", savedTime_ms) ?? never;
    this.#heat_Wh = from.number("heat_Wh", energy);
    this.#heated_ms = from.maybe("heated_ms", savedTime_ms) ?? never;
    this.#energy_Wh = from.number("energy_Wh", energy);
    from.end();
  }

  #wanted(now: { coldest_degC: number; hottest_degC: number; now_ms: number }): ThermalRequest {
    const { coldest_degC, hottest_degC, now_ms } = now;
    const earlier_degC = this.#earlier_degC;
    const value = hottest_degC + earlier_degC;
    const cooling = share({ value, ...warm, wasOn: this.#request.cooling > 0 });
    if (cooling > 0) {
      const [start_degC, stop_degC] = [
        warm.start_degC - earlier_degC,
        warm.stop_degC - earlier_degC,
      ];
      const because = `hottest sensor ${round(hottest_degC)} °C; cooling runs from ${start_degC} down to ${stop_degC} °C`;
      return { cooling: stepped(cooling, flowMin), heating: 0, because };
    }
    const heating = share({ value: coldest_degC, ...cold, wasOn: this.#request.heating > 0 });
    if (heating === 0) return { cooling: 0, heating: 0, because: "between the limits" };
    const reading = `coldest sensor ${round(coldest_degC)} °C`;
    const off = (reason: string): ThermalRequest => {
      return { cooling: 0, heating: 0, because: `${reading}, but ${reason}` };
    };
    if (now_ms - this.#used_ms > idleMax_ms) return off("the pack is not in use");
    if (now_ms - this.#heated_ms > budgetRest_ms) this.#heat_Wh = 0;
    const { heatingBudget_Wh } = this.#options;
    if (this.#heat_Wh >= heatingBudget_Wh) return off(`${heatingBudget_Wh} Wh of heat are used up`);
    const because = `${reading}; heat runs from ${cold.start_degC} up to ${cold.stop_degC} °C`;
    return { cooling: 0, heating: stepped(heating, heatMin), because };
  }

  #mayChange(wanted: ThermalRequest, now_ms: number): boolean {
    const held_ms = now_ms - this.#since_ms;
    if (!isOn(this.#request)) return !isOn(wanted) || held_ms >= restMin_ms;
    const isOver = this.#heat_Wh >= this.#options.heatingBudget_Wh;
    const turnsRound = wanted.heating > 0 !== this.#request.heating > 0;
    return (isOn(wanted) && !turnsRound) || isOver || held_ms >= runMin_ms;
  }

  #spend(step_ms: number): void {
    const hours = Math.min(step_ms, 3_600_000) / 3_600_000;
    const { cooling, heating } = this.#request;
    const heat_Wh = heating * this.#options.heatingFull_W * hours;
    this.#heat_Wh += heat_Wh;
    if (heating > 0 && this.#last_ms !== undefined) this.#heated_ms = this.#last_ms + step_ms;
    this.#energy_Wh += heat_Wh + cooling ** 3 * this.#options.coolingFull_W * hours;
  }

  /** The vehicle started anew: what was held is held from now on. */
  #restartTime(now_ms: number): void {
    this.#since_ms = now_ms;
    this.#used_ms = Number.NEGATIVE_INFINITY;
    this.#heated_ms = now_ms;
  }
}

function isOn({ cooling, heating }: ThermalRequest): boolean {
  return cooling > 0 || heating > 0;
}

/** 0 to 1 between start and full, with hysteresis down to stop; works both ways round. */
function share(o: {
  value: number;
  start_degC: number;
  stop_degC: number;
  full_degC: number;
  wasOn: boolean;
}): number {
  const sign = Math.sign(o.full_degC - o.start_degC);
  const edge_degC = o.wasOn ? o.stop_degC : o.start_degC;
  if (sign * (o.value - edge_degC) <= 0) return 0;
  const rise = (o.value - o.stop_degC) / (o.full_degC - o.stop_degC);
  return Math.min(1, Math.max(Number.MIN_VALUE, rise));
}

function stepped(value: number, least: number): number {
  return Math.min(1, Math.max(least, Math.ceil(value / step) * step));
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function credibleRange(
  sensors_degC: Float32Array,
): { coldest_degC: number; hottest_degC: number } | undefined {
  let [coldest_degC, hottest_degC] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const sensor_degC of sensors_degC) {
    if (!(sensor_degC >= credible.low_degC && sensor_degC <= credible.high_degC)) continue;
    if (sensor_degC < coldest_degC) coldest_degC = sensor_degC;
    if (sensor_degC > hottest_degC) hottest_degC = sensor_degC;
  }
  return coldest_degC <= hottest_degC ? { coldest_degC, hottest_degC } : undefined;
}
