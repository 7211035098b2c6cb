import {
  type Movable,
  packNumbers,
  type SavedState,
  type StateReader,
  savedTime_ms,
} from "@voltfog/runtime";
import type { PackSample } from "./pack-sample.ts";

/** The steepest rise, and the sensor that shows it. */
export interface TemperatureRise {
  readonly sensor: number;
  /** °C per second, at least 0. */
  readonly rise: number;
}

/** A rise is measured over at least this time: a second alone is one step of a 0.5 °C sensor. */
const window_ms = 3000;
/** Readings further apart say nothing about a rate. */
const stepMax_ms = 6000;
/** Readings closer together add nothing and are not kept, which bounds the memory. */
const stepMin_ms = 50;
/** So many readings at most, by the times above, and sensors that a frame can carry. */
const readingsMax = 256;
const sensorsMax = 256;

interface Reading {
  readonly at_ms: number;
  readonly temperature_degC: Float32Array;
}

/**
 * How fast the temperature rises: the difference to the latest reading that is at least 3 s old, over the
 * time between. Sensors round to steps, and a step alone says nothing: two readings one step apart may
 * come from temperatures that hardly differ, and at 1 Hz a step of 0.5 °C would look like 0.5 °C/s. So a
 * difference of one step counts as none, whatever the step, and 0.5 °C/s is reached by 0.5 °C sensors
 * only with three steps in 3 s, which no true rise of less than 1 °C in that time can make.
 */
export class TemperatureRiseMeter implements Movable {
  readonly #resolution_degC: number;
  #readings: Reading[] = [];

  constructor(options: { resolution_degC: number }) {
    this.#resolution_degC = options.resolution_degC;
  }

  /** Undefined until 3 s of readings without a hole are known, or where there is no sensor. */
  update(sample: PackSample): TemperatureRise | undefined {
    const now: Reading = {
      at_ms: sample.monotonic_ms,
      temperature_degC: sample.temperature_degC,
    };
    const before = this.#earlier(now);
    if (now.at_ms - (this.#readings.at(-1)?.at_ms ?? Number.NEGATIVE_INFINITY) >= stepMin_ms) {
      this.#readings.push(now);
    }
    return before === undefined ? undefined : this.#steepest(before, now);
  }

  save(): SavedState {
    const sensors = this.#readings[0]?.temperature_degC.length ?? 0;
    return {
      readings: this.#readings.length,
      sensors,
      at_ms: packNumbers(this.#readings.map(({ at_ms }) => at_ms)),
      temperature_degC: packNumbers(
        this.#readings.flatMap(({ temperature_degC }) => [...temperature_degC]),
      ),
    };
  }

  restore(from: StateReader): void {
    const readings = from.whole("readings", { min: 0, max: readingsMax });
    const sensors = from.whole("sensors", { min: 0, max: sensorsMax });
    const at_ms = from.numbers("at_ms", { ...savedTime_ms, length: readings });
    const length = readings * sensors;
    const range = { min: -1e4, max: 1e4, length, mayBeNaN: true };
    const all_degC = from.numbers("temperature_degC", range);
    this.#readings = Array.from(at_ms, (each_ms, i) => {
      const values_degC = all_degC.subarray(i * sensors, (i + 1) * sensors);
      return { at_ms: each_ms, temperature_degC: Float32Array.from(values_degC) };
    });
    from.end();
  }

  /** The latest reading that is at least one window old, if it is not too old. */
  #earlier(now: Reading): Reading | undefined {
    const last = this.#readings.at(-1);
    if (last !== undefined && !follows(last, now)) this.#readings = [];
    const place = this.#readings.findLastIndex((reading) => now.at_ms - reading.at_ms >= window_ms);
    if (place > 0) this.#readings.splice(0, place);
    return place < 0 ? undefined : this.#readings[0];
  }

  #steepest(before: Reading, now: Reading): TemperatureRise | undefined {
    const time_s = (now.at_ms - before.at_ms) / 1000;
    let steepest: TemperatureRise | undefined;
    for (let sensor = 0; sensor < now.temperature_degC.length; sensor++) {
      const difference_degC =
        (now.temperature_degC[sensor] ?? 0) - (before.temperature_degC[sensor] ?? 0);
      // A little over one step, since tenths of a degree are no whole floats.
      const counts = difference_degC > 1.01 * this.#resolution_degC;
      const rise = counts ? difference_degC / time_s : 0;
      if (!Number.isNaN(difference_degC) && rise > (steepest?.rise ?? -1)) {
        steepest = { sensor, rise };
      }
    }
    return steepest;
  }
}

function follows(last: Reading, now: Reading): boolean {
  const step_ms = now.at_ms - last.at_ms;
  if (!(step_ms >= 0 && step_ms <= stepMax_ms)) return false;
  return last.temperature_degC.length === now.temperature_degC.length;
}
