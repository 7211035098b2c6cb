import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CoulombCounter } from "./coulomb-counter.ts";
import type { PackSample } from "./pack-sample.ts";
import { DriveCurrent } from "./simulation/drive-current.ts";
import { PackSimulator } from "./simulation/pack-simulator.ts";
import { NoSocEstimator, type SocEstimate } from "./soc-estimator.ts";
import { steadySample } from "./testing/steady-sample.ts";

const start = { soc: 0.5, halfWidth: 0.02 };

function last(estimates: readonly SocEstimate[]): SocEstimate {
  const estimate = estimates.at(-1);
  if (estimate === undefined) throw new Error("no estimate");
  return estimate;
}

const width = ({ low, high }: SocEstimate): number => high - low;

describe("the Coulomb counter", () => {
  it("counts an hour of 10 A into 100 Ah as a tenth", () => {
    const counter = new CoulombCounter({ capacity_Ah: 100, start });
    const hour = Array.from({ length: 3601 }, (_, t_s) =>
      counter.update(steadySample(t_s, { packCurrent_A: 10 })),
    );
    expect(last(hour).soc).toBeCloseTo(0.6, 9);
    expect(last(hour)).toMatchObject({
      estimator: "coulomb-counter",
      version: "1",
      at_ms: 1_790_000_000_000 + 3_600_000,
      suspect: undefined,
    });
  });

  it("grows its interval with time and throughput, and never shrinks it", () => {
    const counter = new CoulombCounter({ capacity_Ah: 100, start });
    const estimates = Array.from({ length: 1000 }, (_, t_s) =>
      counter.update(steadySample(t_s, { packCurrent_A: t_s < 500 ? 0 : -50 })),
    );
    estimates.reduce((before, now) => {
      expect(width(now)).toBeGreaterThanOrEqual(width(before));
      return now;
    });
    const [early, middle, late] = [0, 499, 999].map((t) => width(estimates[t] as SocEstimate));
    expect((late as number) - (middle as number)).toBeGreaterThan(
      (middle as number) - (early as number),
    );
  });

  it("holds the true charge in its interval over two hours of driving with real sensors", () => {
    for (const seed of [1, 2, 3]) {
      const random = new SeededRandom(seed);
      const pack = new PackSimulator({ random });
      const driver = new DriveCurrent({ random, capacity_Ah: pack.capacity_Ah });
      const counter = new CoulombCounter({
        capacity_Ah: pack.capacity_Ah,
        start: { soc: pack.soc, halfWidth: 0.005 },
      });
      for (let t_s = 0; t_s < 7200; t_s++) {
        const current_A = driver.next_A({ step_s: 1, soc: pack.soc });
        const sample = pack.step({ current_A, step_s: 1, wall_ms: 1e12, monotonic_ms: 1000 * t_s });
        const { low, high } = counter.update(sample);
        expect(low).toBeLessThanOrEqual(pack.soc);
        expect(high).toBeGreaterThanOrEqual(pack.soc);
      }
    }
  });

  it("starts from the cells' voltage where it is told nothing, the wider the more current flows", () => {
    const at = (packCurrent_A: number): SocEstimate =>
      new CoulombCounter({ capacity_Ah: 100 }).update(steadySample(0, { packCurrent_A }));
    expect(at(0).soc).toBeCloseTo(0.47, 1);
    expect(width(at(0))).toBeGreaterThan(0.1);
    expect(width(at(-200))).toBeGreaterThan(width(at(0)));
  });

  it("says when samples are missing, counts nothing for them, and is less sure after", () => {
    const counter = new CoulombCounter({ capacity_Ah: 100, start });
    const before = counter.update(steadySample(0, { packCurrent_A: -50 }));
    const after = counter.update(steadySample(60, { packCurrent_A: -50 }));
    expect(after).toMatchObject({ soc: 0.5, suspect: "samples-missing" });
    expect(width(after)).toBeGreaterThan(width(before));
    expect(counter.update(steadySample(61)).suspect).toBeUndefined();
  });

  it("says when time ran back, and goes on counting from there", () => {
    const counter = new CoulombCounter({ capacity_Ah: 100, start });
    counter.update(steadySample(1000));
    const back = counter.update({ ...steadySample(2000), monotonic_ms: 5 });
    expect(back).toMatchObject({ soc: 0.5, suspect: "time-ran-back" });
    expect(width(back)).toBeGreaterThan(0.5);
    const next = counter.update({ ...steadySample(2001), monotonic_ms: 1005 });
    expect(next.suspect).toBeUndefined();
  });

  it("holds its value through a current or a time that is no number, and says so", () => {
    const counter = new CoulombCounter({ capacity_Ah: 100, start });
    counter.update(steadySample(0, { packCurrent_A: 36 }));
    expect(counter.update(steadySample(1, { packCurrent_A: Number.NaN }))).toMatchObject({
      soc: 0.5,
      suspect: "current-invalid",
    });
    expect(counter.update(steadySample(2, { monotonic_ms: Number.NaN }))).toMatchObject({
      soc: 0.5,
      suspect: "time-invalid",
    });
    // The two seconds between good readings are counted when the current is known again.
    const again = counter.update(steadySample(2, { packCurrent_A: 36 }));
    expect(again.soc).toBeCloseTo(0.5002, 9);
  });

  it("starts anew when the number of cells changes", () => {
    const counter = new CoulombCounter({ capacity_Ah: 100, start });
    counter.update(steadySample(0));
    const other = counter.update(steadySample(1, { cells_mV: [4181, 4181] }));
    expect(other).toMatchObject({ soc: 1, suspect: "cell-count-changed" });
    const none = counter.update(steadySample(2, { cells_mV: [] }));
    expect(none).toMatchObject({ soc: undefined, low: 0, high: 1, suspect: "no-estimate" });
  });

  it("never throws, never says NaN, and stays within 0 and 1 whatever is measured", () => {
    const number = fc.oneof(fc.double(), fc.double({ min: -1000, max: 1e6, noNaN: true }));
    const sample = fc.record<PackSample>({
      wall_ms: number,
      monotonic_ms: number,
      packVoltage_V: number,
      packCurrent_A: number,
      soc: number,
      cellVoltage_mV: fc.uint16Array({ maxLength: 3 }),
      temperature_degC: fc.float32Array({ maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 20 }), fc.boolean(), (samples, known) => {
        const counter = new CoulombCounter({ capacity_Ah: 100, ...(known ? { start } : {}) });
        for (const one of samples) {
          const { soc = 0, low, high, at_ms } = counter.update(one);
          expect(soc >= 0 && soc <= 1 && low >= 0 && low <= high && high <= 1).toBe(true);
          expect(Number.isFinite(at_ms)).toBe(true);
        }
      }),
    );
  });

  it("is not made with a capacity or a start that is none", () => {
    expect(() => new CoulombCounter({ capacity_Ah: 0 })).toThrow();
    const wrong = { soc: Number.NaN, halfWidth: 0 };
    expect(() => new CoulombCounter({ capacity_Ah: 1, start: wrong })).toThrow();
  });
});

describe("the empty estimator", () => {
  it("says that it does not know", () => {
    expect(new NoSocEstimator().update(steadySample(0, { wall_ms: Number.NaN }))).toEqual({
      soc: undefined,
      low: 0,
      high: 1,
      estimator: "none",
      version: "1",
      at_ms: 0,
      suspect: "no-estimate",
    });
  });
});
