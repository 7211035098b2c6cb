import {
  type PackAlarmChange,
  PackAlarms,
  type SafeOperatingArea,
  type SafetyClass,
  type SafetyLevel,
  safetyUnit,
} from "@voltfog/battery";
import type { EventClass } from "@voltfog/messages";
import {
  type Movable,
  orNull,
  type SavedState,
  type StateReader,
  savedTime_ms,
} from "@voltfog/runtime";
import type { Condition, FunctionSample, OpenCondition } from "../network-function.ts";

/** After a restart, how long a condition that was open must stay away before it is cleared. */
const carriedHold_ms = 30_000;

interface Carried {
  readonly level: SafetyLevel;
  awaySince_ms: number | undefined;
}

/**
 * The alarms of one vehicle's pack as conditions, for the safety classes that one function watches.
 * Conditions that were open when an earlier thread ended are either found again or cleared after a hold.
 */
export class PackConditions implements Movable {
  readonly #alarms: PackAlarms;
  readonly #classes: ReadonlyMap<SafetyClass, EventClass>;
  #area: SafeOperatingArea;
  readonly #carried: Map<SafetyClass, Carried>;

  constructor(options: {
    area: SafeOperatingArea;
    classes: ReadonlyMap<SafetyClass, EventClass>;
    open: readonly OpenCondition[];
  }) {
    this.#alarms = new PackAlarms({ area: options.area });
    this.#classes = options.classes;
    this.#area = options.area;
    this.#carried = new Map(
      [...options.classes.keys()].flatMap((name) => {
        const open = options.open.find((condition) => condition.name === name);
        return open === undefined ? [] : [[name, { level: open.level, awaySince_ms: undefined }]];
      }),
    );
  }

  /** What this sample asserts or clears; usually nothing. */
  update(sample: FunctionSample): readonly Condition[] {
    const conditions = this.#alarms
      .update(sample)
      .flatMap((change) => this.#conditionOf(change, sample.vehicleId) ?? []);
    return [...conditions, ...this.#endCarried(sample)];
  }

  /** Judges by other limits from now on. */
  useArea(area: SafeOperatingArea): void {
    this.#area = area;
    this.#alarms.useArea(area);
  }

  save(): SavedState {
    const carried = [...this.#carried].map(([name, { level, awaySince_ms }]) => {
      return { name, level, awaySince_ms: orNull(awaySince_ms) };
    });
    return { alarms: this.#alarms.save(), carried };
  }

  restore(from: StateReader): void {
    this.#alarms.restore(from.object("alarms"));
    this.#carried.clear();
    const names = [...this.#classes.keys()];
    for (const one of from.objects("carried", { max: names.length })) {
      const name = one.oneOf("name", names);
      const level = one.oneOf<SafetyLevel>("level", [1, 2, 3]);
      const awaySince_ms = one.maybe("awaySince_ms", savedTime_ms);
      one.end();
      this.#carried.set(name, { level, awaySince_ms });
    }
    from.end();
  }

  level(name: SafetyClass): 0 | SafetyLevel {
    return this.#alarms.level(name);
  }

  #conditionOf(change: PackAlarmChange, vehicleId: string): Condition | undefined {
    const eventClass = this.#classes.get(change.class);
    if (eventClass === undefined) return undefined;
    if (change.state === "asserted") this.#carried.delete(change.class);
    const { state, level, cell, value, limit } = change;
    const unit = safetyUnit[change.class];
    const standing = this.#alarms.level(change.class);
    const sentence = sentenceOf({ ...change, vehicleId, unit });
    return {
      name: change.class,
      class: eventClass,
      state,
      level,
      standing,
      cell,
      value,
      limit,
      unit,
      sentence,
    };
  }

  #endCarried(sample: FunctionSample): readonly Condition[] {
    const ended: Condition[] = [];
    for (const [name, carried] of this.#carried) {
      if (this.#alarms.level(name) > 0) {
        this.#carried.delete(name);
        continue;
      }
      carried.awaySince_ms ??= sample.monotonic_ms;
      const away_ms = sample.monotonic_ms - carried.awaySince_ms;
      if (away_ms < 0) carried.awaySince_ms = sample.monotonic_ms;
      if (away_ms < carriedHold_ms) continue;
      this.#carried.delete(name);
      const condition = this.#clearedCondition({ name, level: carried.level, sample });
      if (condition !== undefined) ended.push(condition);
    }
    return ended;
  }

  #clearedCondition(options: {
    name: SafetyClass;
    level: SafetyLevel;
    sample: FunctionSample;
  }): Condition | undefined {
    const { name, level, sample } = options;
    const eventClass = this.#classes.get(name);
    if (eventClass === undefined) return undefined;
    const unit = safetyUnit[name];
    const limit = limitOf({ name, level, area: this.#area });
    const sentence = `${words[name]} of ${sample.vehicleId} is over: not seen for ${carriedHold_ms / 1000} s`;
    const value = limit;
    return {
      name,
      class: eventClass,
      state: "cleared",
      level,
      standing: 0,
      cell: null,
      value,
      limit,
      unit,
      sentence,
    };
  }
}

const words: Readonly<Record<SafetyClass, string>> = {
  "cell-over-voltage": "cell over-voltage",
  "cell-under-voltage": "cell under-voltage",
  "over-temperature": "over-temperature",
  "under-temperature": "under-temperature",
  "temperature-rise": "fast temperature rise",
  "over-current": "over-current",
};

const shown = { V: "V", degC: "°C", "degC/s": "°C/s", A: "A" } as const;

function sentenceOf(
  options: PackAlarmChange & { vehicleId: string; unit: keyof typeof shown },
): string {
  const { value, limit, cell, level, vehicleId } = options;
  const unit = shown[options.unit];
  const place = options.unit === "V" ? `cell ${cell + 1}` : `sensor ${cell + 1}`;
  const what = `${words[options.class]} of ${vehicleId}`;
  const numbers = `${place} at ${round(value)} ${unit}, limit ${round(limit)} ${unit}`;
  if (options.state === "asserted") return `${what}, level ${level}: ${numbers}`;
  return `${what} left level ${level}: ${numbers}`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function limitOf(options: {
  name: SafetyClass;
  level: SafetyLevel;
  area: SafeOperatingArea;
}): number {
  const { name, area } = options;
  const limits = {
    "cell-over-voltage": area.cellVoltageMax_V,
    "cell-under-voltage": area.cellVoltageMin_V,
    "over-temperature": area.dischargeTemperatureMax_degC,
    "under-temperature": area.dischargeTemperatureMin_degC,
    "temperature-rise": area.temperatureRiseMax,
    "over-current": area.dischargeCurrentMax_A,
  }[name];
  return limits[options.level - 1] ?? 0;
}
