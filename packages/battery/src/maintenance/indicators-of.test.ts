import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type HistoryDay, historyVehicle } from "../simulation/fleet-history/fleet-history.ts";
import type { DailyIndicators, Interval90 } from "./daily-indicators.ts";
import type { DayReadings } from "./day-readings.ts";
import { indicatorsOf } from "./indicators-of.ts";

const vehicle = historyVehicle({ seed: 1, vehicles: 20, days: 200 }, 2);
const { pack } = vehicle;
const days: HistoryDay[] = [];
const indicators: DailyIndicators[] = [];

beforeAll(() => {
  for (const day of vehicle.days()) {
    days.push(day);
    indicators.push(indicatorsOf(day.readings, indicators, pack));
  }
});

function isOrdered(interval: Interval90 | null): boolean {
  if (interval === null) return true;
  const { value, low, high } = interval;
  return Number.isFinite(value) && low <= value && value <= high;
}

function isWhole(one: DailyIndicators): boolean {
  const times = [one.timeHot_s, one.timeCold_s, one.timeHighSoc_s, one.timeLowSoc_s];
  return (
    [one.soh, one.cellHealth, one.resistance_Ohm].every(isOrdered) &&
    isOrdered(one.remainingLife?.days ?? null) &&
    one.covered_s <= 86_400 &&
    times.every((time_s) => time_s >= 0 && time_s <= one.covered_s) &&
    one.throughput_Ah >= 0 &&
    one.fastChargeShare >= 0 &&
    one.fastChargeShare <= 1 &&
    Number.isFinite(one.anomalyScore) &&
    one.safetyScore >= 0 &&
    one.safetyScore <= 1
  );
}

/** A store keeps them as JSON, which has no NaN. */
function throughJson(one: DailyIndicators): DailyIndicators {
  return JSON.parse(JSON.stringify(one)) as DailyIndicators;
}

interface Hurt {
  readonly name: string;
  readonly at: number;
  readonly value: number;
  readonly cut: boolean;
}

function columnsOf(readings: DayReadings): readonly string[] {
  return Object.keys(readings).filter((name) => name !== "day" && name !== "gaps");
}

/** The readings with values changed and columns cut short. */
function hurtBy(readings: DayReadings, faults: readonly Hurt[]): DayReadings {
  const copy = structuredClone(readings) as unknown as Record<string, number[]>;
  for (const name of columnsOf(readings)) copy[name] = Array.from(copy[name] ?? []);
  for (const { name, at, value, cut } of faults) {
    const column = copy[name] ?? [];
    if (cut) column.length = Math.min(column.length, at);
    else if (at < column.length) column[at] = value;
  }
  return copy as unknown as DayReadings;
}

const empty: DayReadings = {
  day: "2024-01-01",
  wall_ms: [],
  packVoltage_V: [],
  packCurrent_A: [],
  soc: [],
  cellMin_mV: [],
  cellMean_mV: [],
  cellMax_mV: [],
  temperatureMin_degC: [],
  temperatureMax_degC: [],
  gaps: [],
};

describe("indicators of a day", () => {
  it("hold the truth of a simulated vehicle in their intervals after four months", () => {
    const last = indicators.at(-1);
    const truth = days.at(-1)?.truth;
    const { low = 1, high = 0 } = last?.cellHealth ?? {};
    expect(truth?.cells).toBeGreaterThan(low);
    expect(truth?.cells).toBeLessThan(high);
    expect(high - low).toBeLessThan(0.06);
    expect(last?.soh?.value).toBeGreaterThan((truth?.usable ?? 1) - 0.04);
    expect(last?.remainingLife?.days.value).toBeGreaterThan(300);
  });

  it("are whole on every day, and come out alike from days that were kept as JSON", () => {
    expect(indicators.every(isWhole)).toBe(true);
    const kept = indicators.slice(0, 60).map(throughJson);
    const next = days[60]?.readings ?? empty;
    expect(throughJson(indicatorsOf(next, kept, pack))).toEqual(
      throughJson(indicators[60] as DailyIndicators),
    );
  });

  it("name the estimator, and another version gives another figure", () => {
    const offset_A = 0.5;
    const [old, newer]: DailyIndicators[][] = [[], []];
    for (const { readings } of days.slice(0, 90)) {
      const off = {
        ...readings,
        packCurrent_A: Array.from(readings.packCurrent_A, (one_A) => one_A + offset_A),
      };
      old?.push(indicatorsOf(off, old, pack, { version: "1" }));
      newer?.push(indicatorsOf(off, newer, pack));
    }
    expect(old?.at(-1)?.estimator).toEqual({ name: "rest-to-rest", version: "1" });
    expect(newer?.at(-1)?.estimator.version).toBe("2");
    const errorOf = (rows: readonly DailyIndicators[] | undefined): number =>
      Math.abs((rows?.at(-1)?.soh?.value ?? 0) - (indicators[89]?.soh?.value ?? 0));
    expect(errorOf(newer)).toBeLessThan(0.003);
    expect(errorOf(old)).toBeGreaterThan(0.004);
  });

  it("of a day without readings are null, or zero where nothing happened", () => {
    const first = indicatorsOf(empty, [], pack);
    expect(first).toMatchObject({ samples: 0, soh: null, cellHealth: null, resistance_Ohm: null });
    expect(first).toMatchObject({ imbalance_mV: null, remainingLife: null, throughput_Ah: 0 });
    const later = indicatorsOf({ ...empty, day: "2024-07-19" }, indicators, pack);
    expect(later.soh?.value).toBeCloseTo(indicators.at(-1)?.soh?.value ?? 0, 3);
    expect(isWhole(later)).toBe(true);
  });

  it("of one reading say that it was one, and no more", () => {
    const one: DayReadings = {
      ...empty,
      wall_ms: [Date.UTC(2024, 0, 1, 12)],
      packVoltage_V: [360],
    };
    const readings = {
      ...one,
      ...{ packCurrent_A: [0], soc: [0.6], cellMin_mV: [3700], cellMean_mV: [3701] },
      ...{ cellMax_mV: [3702], temperatureMin_degC: [10], temperatureMax_degC: [11] },
    };
    expect(indicatorsOf(readings, [], pack)).toMatchObject({ samples: 1, covered_s: 0, soh: null });
  });

  it("do not join what a declared gap lies between", () => {
    const { readings } = days[10] as HistoryDay;
    const from_ms = Date.parse(`${readings.day}T00:00:00Z`);
    const gaps = [{ from_ms, to_ms: from_ms + 86_400_000 }];
    const broken = indicatorsOf({ ...readings, gaps }, indicators.slice(0, 10), pack);
    expect(broken.covered_s).toBe(0);
    expect(broken.samples).toBe(readings.wall_ms.length);
  });

  it("are the same when rows come in another order or twice", () => {
    const { readings } = days[30] as HistoryDay;
    const order = Array.from(readings.wall_ms, (_, i) => i).reverse();
    const twice = [...order, ...order];
    const at = (column: ArrayLike<number>): number[] => twice.map((i) => column[i] ?? 0);
    const mixed: DayReadings = {
      ...readings,
      ...{ wall_ms: at(readings.wall_ms), packVoltage_V: at(readings.packVoltage_V) },
      ...{ packCurrent_A: at(readings.packCurrent_A), soc: at(readings.soc) },
      ...{ cellMin_mV: at(readings.cellMin_mV), cellMean_mV: at(readings.cellMean_mV) },
      cellMax_mV: at(readings.cellMax_mV),
      temperatureMin_degC: at(readings.temperatureMin_degC),
      temperatureMax_degC: at(readings.temperatureMax_degC),
    };
    expect(indicatorsOf(mixed, indicators.slice(0, 30), pack)).toEqual(indicators[30]);
  });

  it("stay whole whatever the readings hold: NaN, jumps of the clock, columns of other lengths", () => {
    const wild = fc.oneof(
      fc.double(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0, -1),
    );
    const { readings } = days[40] as HistoryDay;
    const names = columnsOf(readings);
    const hurt = fc.record({
      name: fc.constantFrom(...names),
      at: fc.nat({ max: 80 }),
      value: wild,
      cut: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(hurt, { maxLength: 40 }), (faults) => {
        const copy = hurtBy(readings, faults);
        const one = indicatorsOf(copy, indicators.slice(0, 40), pack);
        const next = indicatorsOf(
          days[41]?.readings ?? empty,
          [...indicators.slice(0, 40), one],
          pack,
        );
        expect(isWhole(one) && isWhole(next)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
