import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChargingControl } from "../charging/charging-control.ts";
import { packPresets } from "../simulation/pack-preset.ts";
import { PackSimulator } from "../simulation/pack-simulator.ts";
import { type ChargeForecast, forecastCharge } from "./charge-forecast.ts";
import type { ChargePlan, ChargeStart } from "./charge-question.ts";

const { cell, cells, capacity_Ah } = packPresets.nmc96;
const doubt = { soc: 0.02, capacityShare: 0.01, resistanceShare: 0.1, cell_K: 1 };
const plain: ChargeStart = {
  ...{ cell, cells, capacity_Ah, soc: 0.3, fullestSoc: 0.32, cell_degC: 20 },
  ...{ coldest_K: -1, hottest_K: 1, capacityFactor: 0.95, resistanceFactor: 1.1 },
};
const usual: ChargePlan = {
  ...{ pattern: "guarded", charger_kW: 50, currentMax_A: 150, targetSoc: 0.8 },
  ...{ ambient_degC: 20, isPreconditioned: false },
};

function forecast(start: Partial<ChargeStart>, plan: Partial<ChargePlan>): ChargeForecast {
  const made = forecastCharge({
    start: { ...plain, ...start },
    plan: { ...usual, ...plan },
    doubt,
  });
  if (!made.ok) throw new Error(JSON.stringify(made.problem));
  return made.value;
}

/** A charge that never ends at its target counts as endless. */
function time_s({ end, duration_s }: ChargeForecast): number {
  return end === "reached" ? duration_s.value : Number.POSITIVE_INFINITY;
}

const starts = fc.record({
  soc: fc.double({ min: 0.02, max: 0.75, noNaN: true }),
  cell_degC: fc.double({ min: -15, max: 30, noNaN: true }),
  resistanceFactor: fc.double({ min: 0.7, max: 2, noNaN: true }),
});
const ambients = fc.double({ min: -20, max: 25, noNaN: true });
const powers = fc.double({ min: 2, max: 200, noNaN: true });
const asFullest = <T extends { soc: number }>(start: T): T & { fullestSoc: number } => ({
  ...start,
  fullestSoc: start.soc + 0.02,
});

describe("the forecast of a charge", () => {
  it("is never longer with more power", () => {
    fc.assert(
      fc.property(starts, ambients, powers, powers, (start, ambient_degC, one, other) => {
        const given = asFullest(start);
        const weak = forecast(given, { ambient_degC, charger_kW: Math.min(one, other) });
        const strong = forecast(given, { ambient_degC, charger_kW: Math.max(one, other) });
        expect(time_s(strong)).toBeLessThanOrEqual(time_s(weak) + tolerance_s);
      }),
      { numRuns: 400 },
    );
  });

  it("is never shorter in a colder place, up to 25 °C", () => {
    fc.assert(
      fc.property(starts, ambients, ambients, powers, (start, one, other, charger_kW) => {
        const given = asFullest(start);
        const cold = forecast(given, { ambient_degC: Math.min(one, other), charger_kW });
        const warm = forecast(given, { ambient_degC: Math.max(one, other), charger_kW });
        expect(time_s(warm)).toBeLessThanOrEqual(time_s(cold) + tolerance_s);
      }),
      { numRuns: 400 },
    );
  });

  it("holds numbers only, in order, for every question in range", () => {
    const any = fc.record({
      start: fc.record({
        soc: fc.double({ min: 0, max: 1, noNaN: true }),
        cell_degC: fc.double({ min: -40, max: 70, noNaN: true }),
        capacityFactor: fc.double({ min: 0.3, max: 1.2, noNaN: true }),
        resistanceFactor: fc.double({ min: 0.2, max: 10, noNaN: true }),
      }),
      plan: fc.record({
        pattern: fc.constantFrom<ChargePlan["pattern"]>("plain", "guarded"),
        charger_kW: fc.double({ min: 0.1, max: 2000, noNaN: true }),
        targetSoc: fc.double({ min: 0, max: 1, noNaN: true }),
        ambient_degC: fc.double({ min: -40, max: 55, noNaN: true }),
        isPreconditioned: fc.boolean(),
      }),
      preset: fc.constantFrom(...Object.values(packPresets)),
    });
    fc.assert(
      fc.property(any, ({ start, plan, preset }) => {
        const own = { cell: preset.cell, cells: preset.cells, capacity_Ah: preset.capacity_Ah };
        const made = forecast({ ...own, ...start, fullestSoc: start.soc }, plan);
        const { duration_s, energy_Wh, hottest_degC, wear } = made;
        for (const { low, value, high } of [duration_s, energy_Wh, hottest_degC, wear]) {
          expect([low, value, high].every(Number.isFinite)).toBe(true);
          expect(low).toBeLessThanOrEqual(value);
          expect(value).toBeLessThanOrEqual(high);
        }
        const others = [made.endSoc, made.heating_Wh, made.coldest_degC, made.end_degC];
        expect(others.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["soc", { soc: Number.NaN }, {}],
    ["cell_degC", { cell_degC: 99 }, {}],
    ["charger_kW", {}, { charger_kW: 0 }],
    ["targetSoc", {}, { targetSoc: 1.5 }],
  ])("refuses a %s out of range, with the range", (name, start, plan) => {
    const made = forecastCharge({
      start: { ...plain, ...start },
      plan: { ...usual, ...plan },
      doubt,
    });
    expect(made).toMatchObject({ ok: false, problem: { code: "FORECAST_OUT_OF_RANGE", name } });
  });

  it("warms a frozen pack where it may, and says that nothing flows where it may not", () => {
    const frozen = { cell_degC: -8 };
    expect(forecast(frozen, { ambient_degC: -5 })).toMatchObject({ end: "stopped" });
    const warmed = forecast(frozen, { ambient_degC: -5, isPreconditioned: true });
    expect(warmed).toMatchObject({ end: "reached" });
    expect(warmed.heating_Wh).toBeGreaterThan(500);
  });

  it("costs more wear when the pack is charged further, or for hours in the heat", () => {
    const wear = (plan: Partial<ChargePlan>): number => forecast({}, plan).wear.value;
    expect(wear({ targetSoc: 0.9 })).toBeGreaterThan(wear({ targetSoc: 0.6 }));
    const slow = { charger_kW: 3, targetSoc: 0.6 };
    expect(wear({ ...slow, ambient_degC: 38 })).toBeGreaterThan(
      wear({ ...slow, ambient_degC: 10 }),
    );
  });

  it("agrees with the simulated pack under ChargingControl: within 6 % in 29 of 30 charges", () => {
    const shares = Array.from({ length: 45 }, (_, seed) => simulated(seed + 1)).flatMap(
      (one) => one ?? [],
    );
    expect(shares.length).toBeGreaterThan(29);
    const errors = shares.map(({ error }) => error).sort((a, b) => a - b);
    expect(errors[Math.floor(errors.length / 2)]).toBeLessThan(0.01);
    expect(errors[Math.floor(errors.length * 0.96)]).toBeLessThan(0.06);
    const inside = shares.filter(({ isInside }) => isInside).length / shares.length;
    expect(inside).toBeGreaterThan(0.95);
    expect(shares.every(({ isWarmthInside }) => isWarmthInside)).toBe(true);
  });
});

/** Courses go in steps of 10 s. */
const tolerance_s = 10;

/** A charge of a simulated pack of a seed beside its forecast; nothing where no target is reached. */
function simulated(
  seed: number,
): { error: number; isInside: boolean; isWarmthInside: boolean } | undefined {
  const random = new SeededRandom(seed * 31 + 7);
  const ambient_degC = 1 + 35 * random.uniform();
  const charger_kW = 4 + 120 * random.uniform() ** 2;
  const startSoc = 0.1 + 0.4 * random.uniform();
  const targetSoc = startSoc + (0.95 - startSoc) * (0.4 + 0.6 * random.uniform());
  const pack = new PackSimulator({ random: new SeededRandom(seed), startSoc, ambient_degC });
  let sample = pack.step({ current_A: 0, step_s: 0, wall_ms: 0, monotonic_ms: 0 });
  const sensors = sample.temperature_degC;
  const mean_degC = sensors.reduce((sum, each) => sum + each, 0) / sensors.length;
  const made = forecast(
    {
      ...{ soc: pack.soc, fullestSoc: Math.max(...pack.physics.soc), cell_degC: mean_degC },
      ...{
        coldest_K: Math.min(...sensors) - mean_degC,
        hottest_K: Math.max(...sensors) - mean_degC,
      },
      ...{ capacityFactor: 1, resistanceFactor: 1 },
    },
    { charger_kW, targetSoc, ambient_degC },
  );
  const control = new ChargingControl({
    ...{ capacity_Ah, currentMax_A: usual.currentMax_A, targetSoc: 1 },
    cell: {
      resistancePerRate: cell.ohmicPerRate + cell.fastPerRate + cell.slowPerRate,
      arrhenius_K: cell.arrhenius_K,
      chargeEnd_V: cell.chargeEnd_V,
    },
  });
  let hottest_degC = Math.max(...pack.physics.cell_degC);
  while (pack.soc < targetSoc && pack.elapsed_s < 40_000) {
    const decided_A = control.decide(sample).current_A;
    const current_A = Math.min(decided_A, (charger_kW * 1000) / sample.packVoltage_V);
    const at_ms = (pack.elapsed_s + 10) * 1000;
    sample = pack.step({ current_A, step_s: 10, wall_ms: at_ms, monotonic_ms: at_ms });
    hottest_degC = Math.max(hottest_degC, ...pack.physics.cell_degC);
  }
  if (pack.soc < targetSoc) return undefined;
  const { duration_s } = made;
  const { low, high } = made.hottest_degC;
  return {
    error: Math.abs(duration_s.value / pack.elapsed_s - 1),
    isInside: pack.elapsed_s >= duration_s.low && pack.elapsed_s <= duration_s.high,
    isWarmthInside: hottest_degC >= low && hottest_degC <= high,
  };
}
