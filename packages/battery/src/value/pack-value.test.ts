import { describe, expect, it } from "vitest";
import { type GradeFacts, packGrade } from "./pack-grade.ts";
import { bestTest, examplePrices, packValue_EUR, packValueInterval_EUR } from "./pack-value.ts";
import { ServiceCounter } from "./service-counter.ts";

const good: GradeFacts = {
  soh: 0.9,
  capacitySpread: undefined,
  resistanceRise: undefined,
  fatalEvents: 0,
};

describe("the grade of a pack", () => {
  it("falls at .85, .75 and .65", () => {
    const at = (soh: number): string => packGrade({ ...good, soh });
    expect([0.85, 0.849, 0.75, 0.749, 0.65, 0.649].map(at).join("")).toBe("ABBCCD");
  });

  it("is one lower for spread, resistance or a fatal event, and for all three together", () => {
    expect(packGrade({ ...good, capacitySpread: 0.06 })).toBe("B");
    expect(packGrade({ ...good, resistanceRise: 0.61 })).toBe("B");
    expect(packGrade({ soh: 0.9, capacitySpread: 0.2, resistanceRise: 2, fatalEvents: 3 })).toBe(
      "B",
    );
    expect(packGrade({ ...good, soh: 0.7, fatalEvents: 1 })).toBe("D");
  });
});

describe("the value of a pack", () => {
  const prices = examplePrices;

  it("is never under scrap, and grows with health", () => {
    const at = (soh: number): number => packValue_EUR({ energy_kWh: 50, soh, doubt: 0.01, prices });
    expect(at(0.5)).toBe(400);
    // 50 · .8 · 110 · .6 · .6 − 60 − 150 − 100 · .01 · 50
    expect(at(0.8)).toBeCloseTo(1324, 6);
    expect(at(0.9)).toBeGreaterThan(at(0.8));
  });

  it("is wider the less is known, and the best test is the one that narrows it most", () => {
    const energy_kWh = { low: 50, high: 50 };
    const width = (soh: { low: number; high: number }): number => {
      const value = packValueInterval_EUR({ energy_kWh, soh, prices });
      return value.high - value.low;
    };
    expect(width({ low: 0.5, high: 1 })).toBeGreaterThan(width({ low: 0.7, high: 0.8 }));
    expect(bestTest({ energy_kWh, soh: { low: 0.5, high: 1 }, prices }).name).toContain("C/3");
    const unsure = { energy_kWh: { low: 20, high: 80 }, soh: { low: 0.8, high: 0.81 }, prices };
    expect(bestTest(unsure).name).toContain("type plate");
  });
});

describe("the count of service", () => {
  const reading = (wall_ms: number, packCurrent_A: number, warm_degC = 20) => ({
    wall_ms,
    packVoltage_V: 400,
    packCurrent_A,
    cellVoltage_mV: [3600, 3620],
    temperature_degC: [warm_degC],
  });

  it("keeps charge and discharge apart and bridges no gap", () => {
    const counter = new ServiceCounter();
    for (let at_s = 0; at_s <= 3600; at_s++) counter.add(reading(at_s * 1000, 10));
    for (let at_s = 10_000; at_s <= 13_600; at_s++) counter.add(reading(at_s * 1000, -5, 50));
    const { counts } = counter;
    expect(counts.charged_Ah).toBeCloseTo(10, 6);
    expect(counts.discharged_Ah).toBeCloseTo(5, 6);
    expect(counts.discharged_Wh).toBeCloseTo(2000, 3);
    expect(counts.covered_h).toBeCloseTo(2, 6);
    expect(counts.uncovered_h).toBeCloseTo(6400 / 3600, 6);
    expect(counts).toMatchObject({ hottest_degC: 50, cellSpread_mV: 20 });
    expect(counts.hot_h).toBeCloseTo(1, 6);
  });

  it("counts no time backwards", () => {
    const counter = new ServiceCounter();
    counter.add(reading(5000, 10));
    counter.add(reading(1000, 10));
    expect(counter.counts).toMatchObject({ readings: 2, charged_Ah: 0, covered_h: 0 });
  });
});
