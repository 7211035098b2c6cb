import { normal, SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunawayDetector, type ThermalReading, type ThermalVerdict } from "./runaway-detector.ts";
import { thermalRules } from "./thermal-rules.ts";

const none = Number.NaN;

/** Readings every half second of a cell at rest. */
function verdicts(
  temperatures_degC: readonly number[],
  voltages_V: readonly number[] = [],
): readonly ThermalVerdict[] {
  const detector = new RunawayDetector(thermalRules);
  return temperatures_degC.map((cell_degC, i) =>
    detector.update({
      t_s: i / 2,
      cell_degC,
      voltage_V: voltages_V[i] ?? 3.9,
      expected_V: none,
    }),
  );
}

const tierOf = (readings: readonly ThermalVerdict[]): number => readings.at(-1)?.tier ?? 0;
const resting = Array.from({ length: 40 }, (_, i) => 24 + 0.1 * (i % 3));

describe("the thermal alert", () => {
  it("comes with the third reading of a cell that heats up, and names the rise", () => {
    const readings = verdicts([...resting, 36.3, 41.8, 63]);
    expect(readings[41]?.tier).toBe(0);
    expect(readings[42]?.tier).toBeGreaterThanOrEqual(2);
    expect(readings[42]?.cause).toContain("38.9 °C");
  });

  it("comes when the voltage of a resting cell breaks down", () => {
    const broken = Array.from({ length: 44 }, (_, i) => (i < 41 ? 3.9 : 3.7));
    expect(tierOf(verdicts([...resting, 24, 24, 24, 24], broken))).toBe(2);
  });

  it("comes for a heating without jumps, too", () => {
    const rise = Array.from({ length: 90 }, (_, i) => 24 + 0.6 * i);
    const readings = verdicts([...resting, ...rise]);
    expect(tierOf(readings)).toBeGreaterThanOrEqual(2);
    expect(readings.find(({ tier }) => tier >= 2)?.cause).toContain("step by step");
  });

  it("confirms by the standard at tier 1, whatever else the sensor does", () => {
    const hot = verdicts([...resting, ...Array.from({ length: 20 }, () => 90)]);
    expect(tierOf(hot)).toBe(1);
    const collapsed = Array.from({ length: 60 }, (_, i) => (i < 39 ? 3.9 : 2));
    const broken = verdicts([...resting, ...Array.from({ length: 20 }, () => 50)], collapsed);
    expect(tierOf(broken)).toBeGreaterThanOrEqual(1);
  });

  it("says at tier 1 that the maker's limit is reached, whatever the voltage sensor shows", () => {
    const slow = Array.from({ length: 400 }, (_, i) => 24 + 0.1 * i);
    expect(
      tierOf(
        verdicts(
          slow,
          slow.map(() => none),
        ),
      ),
    ).toBe(1);
    expect(
      tierOf(
        verdicts(
          slow,
          slow.map(() => 0),
        ),
      ),
    ).toBe(1);
  });

  it.each<[string, (value: number, i: number) => number]>([
    ["jumps and stands still", (value, i) => (i < 40 ? value : value + 20)],
    ["is stuck", (_, i) => 24 + (i % 2) * 0],
    ["shows one wrong reading", (value, i) => (i === 50 ? 80 : value)],
    ["shows two wrong readings", (value, i) => (i === 50 ? 80 : i === 51 ? 50 : value)],
    ["is open and says nothing", (value, i) => (i > 40 ? none : value)],
    ["is open and says the lowest it can", (value, i) => (i > 40 && i % 7 < 3 ? -60 : value)],
    ["drifts by a degree in ten seconds", (value, i) => value + Math.max(0, i - 40) * 0.05],
  ])("says nothing of tier 2 when a sensor %s", (_, fault) => {
    const readings = Array.from({ length: 400 }, (_value, i) => fault(24 + 0.1 * (i % 3), i));
    expect(Math.max(...verdicts(readings).map(({ tier }) => tier))).toBeLessThan(2);
  });

  it("takes a sensor that has become noisy for a broken sensor", () => {
    const random = new SeededRandom(7);
    const noisy = Array.from({ length: 2000 }, () => 24 + normal(random));
    expect(tierOf(verdicts(noisy))).toBe(0);
  });

  it("believes a voltage under load only beside its expectation and a warming cell", () => {
    const detector = new RunawayDetector(thermalRules);
    const readings = Array.from({ length: 100 }, (_, t_s) =>
      detector.update({
        t_s,
        cell_degC: 24,
        voltage_V: t_s < 50 ? 3.9 : 3.2,
        expected_V: t_s < 50 ? 3.9 : 3.25,
      }),
    );
    expect(tierOf(readings)).toBe(0);
  });

  it("never takes back a tier and never says NaN, whatever comes", () => {
    const value = fc.oneof(fc.double({ min: -1000, max: 2000 }), fc.constant(none));
    const reading: fc.Arbitrary<ThermalReading> = fc.record({
      t_s: value,
      cell_degC: value,
      voltage_V: value,
      expected_V: value,
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 80 }), (readings) => {
        const detector = new RunawayDetector(thermalRules);
        let tier = 0;
        for (const one of readings) {
          const verdict = detector.update(one);
          expect(verdict.tier).toBeGreaterThanOrEqual(tier);
          expect(verdict.probability).toBeGreaterThanOrEqual(0);
          expect(verdict.probability).toBeLessThanOrEqual(1);
          tier = verdict.tier;
        }
      }),
    );
  });
});
