import {
  type Movable,
  orNull,
  type SavedState,
  type StateReader,
  savedNumber,
  savedTime_ms,
} from "@voltfog/runtime";
import { type AlarmChange, AlarmMachine, type AlarmRules } from "./alarm-machine.ts";
import type { PackSample } from "./pack-sample.ts";
import {
  type SafeOperatingArea,
  type SafetyClass,
  type SafetyLevel,
  safetyClasses,
} from "./safe-operating-area.ts";
import { safetyReadings } from "./safety-reading.ts";
import { TemperatureRiseMeter } from "./temperature-rise.ts";

/** A change of one class's alarm. */
export interface PackAlarmChange extends AlarmChange {
  readonly class: SafetyClass;
}

/**
 * Waiting times after foxBMS 2: voltage 200 ms, temperature 1 s, current 100 ms. At slower sampling two
 * readings in a row pass the time, so a single outlier alarms nowhere.
 */
export const alarmRules: Readonly<Record<SafetyClass, AlarmRules>> = {
  "cell-over-voltage": voltageRules("above"),
  "cell-under-voltage": voltageRules("below"),
  "over-temperature": temperatureRules("above"),
  "under-temperature": temperatureRules("below"),
  // A rise is already an average over 3 s; two readings in a row rule out a spike.
  "temperature-rise": {
    side: "above",
    assertEvents: 20,
    assert_ms: 500,
    hysteresis: 0.2,
    hold_ms: 10_000,
  },
  "over-current": {
    side: "above",
    assertEvents: 10,
    assert_ms: 100,
    hysteresis: 5,
    hold_ms: 5000,
  },
};

function voltageRules(side: AlarmRules["side"]): AlarmRules {
  return { side, assertEvents: 10, assert_ms: 200, hysteresis: 0.04, hold_ms: 10_000 };
}

function temperatureRules(side: AlarmRules["side"]): AlarmRules {
  return { side, assertEvents: 20, assert_ms: 1000, hysteresis: 5, hold_ms: 30_000 };
}

/** Braking gives charge back for seconds; only a net charge over about a minute is charging. */
const chargingTime_ms = 60_000;
const chargingRate = 0.05;

/** All alarms of one pack against its safe operating area. Takes every sample in order; never throws. */
export class PackAlarms implements Movable {
  #area: SafeOperatingArea;
  readonly #machines: ReadonlyMap<SafetyClass, AlarmMachine>;
  readonly #rise: TemperatureRiseMeter;
  #meanCurrent_A = 0;
  #last_ms: number | undefined;

  constructor(options: { area: SafeOperatingArea }) {
    this.#area = options.area;
    this.#rise = new TemperatureRiseMeter({
      resolution_degC: options.area.temperatureResolution_degC,
    });
    this.#machines = new Map(
      safetyClasses.map((name) => [name, new AlarmMachine(alarmRules[name])]),
    );
  }

  /** What this sample asserts or clears; usually nothing. */
  update(sample: PackSample): PackAlarmChange[] {
    this.#averageCurrent(sample);
    const charging = this.#meanCurrent_A > chargingRate * this.#area.capacity_Ah;
    const rise = this.#rise.update(sample);
    const changes: PackAlarmChange[] = [];
    for (const reading of safetyReadings({ sample, area: this.#area, charging, rise })) {
      const change = this.#machines
        .get(reading.class)
        ?.update({ ...reading, at_ms: sample.monotonic_ms });
      if (change !== undefined) changes.push({ class: reading.class, ...change });
    }
    return changes;
  }

  /** The level that a class is at; 0 while nothing is asserted. */
  level(name: SafetyClass): 0 | SafetyLevel {
    return this.#machines.get(name)?.level ?? 0;
  }

  /** Ends all alarms, latched ones too. */
  reset(): void {
    for (const machine of this.#machines.values()) machine.reset();
  }

  /** Judges by other limits from now on; what is asserted stays so until it clears by them. */
  useArea(area: SafeOperatingArea): void {
    this.#area = area;
  }

  save(): SavedState {
    return {
      machines: [...this.#machines.values()].map((machine) => machine.save()),
      rise: this.#rise.save(),
      meanCurrent_A: this.#meanCurrent_A,
      last_ms: orNull(this.#last_ms),
    };
  }

  restore(from: StateReader): void {
    const machines = from.objects("machines", { max: this.#machines.size });
    if (machines.length !== this.#machines.size) from.fail("a class is missing");
    for (const [at, machine] of [...this.#machines.values()].entries()) {
      const saved = machines[at];
      if (saved !== undefined) machine.restore(saved);
    }
    this.#rise.restore(from.object("rise"));
    this.#meanCurrent_A = from.number("meanCurrent_A", savedNumber);
    this.#last_ms = from.maybe("last_ms", savedTime_ms);
    from.end();
  }

  #averageCurrent(sample: PackSample): void {
    const { monotonic_ms, packCurrent_A } = sample;
    if (!Number.isFinite(monotonic_ms) || !Number.isFinite(packCurrent_A)) return;
    const step_ms = Math.max(0, monotonic_ms - (this.#last_ms ?? monotonic_ms));
    this.#last_ms = monotonic_ms;
    const weight = step_ms / (chargingTime_ms + step_ms);
    this.#meanCurrent_A += weight * (packCurrent_A - this.#meanCurrent_A);
  }
}
