import {
  type Movable,
  orNull,
  type SavedState,
  type StateReader,
  savedTime_ms,
} from "@voltfog/runtime";
import type { PackSample } from "../pack-sample.ts";
import { RunawayDetector, type ThermalRules } from "./runaway-detector.ts";

/** What is seen at one sensor: never NaN. */
export interface ThermalSighting {
  readonly sensor: number;
  /** 2: heats up or breaks down as no cell in service does; 3: a runaway is more likely than not. */
  readonly tier: 2 | 3;
  readonly probability: number;
  readonly cause: string;
}

/** The rules are chosen on two readings a second; more would only shift the window. */
const interval_ms = 500;

/** For so long a sighting may still grow; then its sensor is watched anew. */
const growth_ms = 60_000;

/** Sensors that a frame can carry. */
const sensorsMax = 256;

interface Place {
  detector: RunawayDetector;
  said: 0 | 2 | 3;
  said_ms: number;
}

/**
 * Tiers 2 and 3 for a whole pack: a RunawayDetector per temperature sensor, each with the lowest voltage of
 * the cells around it against the median cell of the pack, so that load and charge, which all cells share,
 * cancel. Each tier of a sensor is said once; a minute later the sensor is watched anew, so what goes on is
 * said again. Total: a changed number of cells or sensors, or a clock that ran back, starts anew; nothing
 * makes it throw. About 3 µs per sensor and half second.
 */
export class PackThermalWatch implements Movable {
  readonly #rules: ThermalRules;
  #places: Place[] = [];
  #cells = 0;
  #last_ms = Number.NEGATIVE_INFINITY;

  constructor(rules: ThermalRules) {
    this.#rules = rules;
  }

  /** What this reading is the first to show; usually nothing. */
  update(sample: PackSample): readonly ThermalSighting[] {
    const now_ms = sample.monotonic_ms;
    if (!Number.isFinite(now_ms)) return [];
    const sensors = sample.temperature_degC.length;
    const cells = sample.cellVoltage_mV.length;
    const hasChanged = sensors !== this.#places.length || cells !== this.#cells;
    if (hasChanged || now_ms < this.#last_ms) this.#restart(sensors, cells);
    else if (now_ms - this.#last_ms < interval_ms) return [];
    this.#last_ms = now_ms;
    const expected_V = medianVoltage_V(sample.cellVoltage_mV);
    return this.#places.flatMap((place, sensor) => {
      const verdict = this.#detectorOf(place, now_ms).update({
        t_s: now_ms / 1000,
        cell_degC: sample.temperature_degC[sensor] ?? Number.NaN,
        voltage_V: lowestNear_V(sample.cellVoltage_mV, sensor, sensors),
        expected_V,
      });
      if (verdict.tier < 2 || verdict.tier <= place.said) return [];
      place.said = verdict.tier === 3 ? 3 : 2;
      place.said_ms = now_ms;
      const { probability, cause } = verdict;
      return [{ sensor, tier: place.said, probability, cause }];
    });
  }

  save(): SavedState {
    const places = this.#places.map(({ detector, said, said_ms }) => {
      return { detector: detector.save(), said, said_ms };
    });
    return { cells: this.#cells, last_ms: orNull(this.#last_ms), places };
  }

  restore(from: StateReader): void {
    this.#cells = from.whole("cells", { min: 0, max: 1024 });
    this.#last_ms = from.maybe("last_ms", savedTime_ms) ?? Number.NEGATIVE_INFINITY;
    this.#places = from.objects("places", { max: sensorsMax }).map((one) => {
      const detector = new RunawayDetector(this.#rules);
      detector.restore(one.object("detector"));
      const said = one.oneOf<0 | 2 | 3>("said", [0, 2, 3]);
      const said_ms = one.number("said_ms", savedTime_ms);
      one.end();
      return { detector, said, said_ms };
    });
    from.end();
  }

  #detectorOf(place: Place, now_ms: number): RunawayDetector {
    if (place.said > 0 && now_ms - place.said_ms >= growth_ms) {
      place.said = 0;
      place.detector = new RunawayDetector(this.#rules);
    }
    return place.detector;
  }

  #restart(sensors: number, cells: number): void {
    this.#places = Array.from({ length: sensors }, () => {
      return { detector: new RunawayDetector(this.#rules), said: 0, said_ms: 0 };
    });
    this.#cells = cells;
  }
}

function medianVoltage_V(cells_mV: Uint16Array): number {
  const sorted = cells_mV.toSorted();
  return sorted.length === 0 ? Number.NaN : (sorted[sorted.length >> 1] ?? 0) / 1000;
}

/** Of the cells that the sensor stands for: sensors are spread evenly over the cells. */
function lowestNear_V(cells_mV: Uint16Array, sensor: number, sensors: number): number {
  const from = Math.floor((sensor * cells_mV.length) / sensors);
  const to = Math.floor(((sensor + 1) * cells_mV.length) / sensors);
  let lowest_mV = Number.POSITIVE_INFINITY;
  for (let cell = from; cell < to; cell++) {
    lowest_mV = Math.min(lowest_mV, cells_mV[cell] ?? Number.POSITIVE_INFINITY);
  }
  return Number.isFinite(lowest_mV) ? lowest_mV / 1000 : Number.NaN;
}
