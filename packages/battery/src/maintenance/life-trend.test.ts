import { normal, SeededRandom } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import type { CapacityLook, LifeTrend } from "./daily-indicators.ts";
import { lifeTrend, trendAt } from "./life-trend.ts";
import { remainingLife } from "./remaining-life.ts";

const truth = { start: 0.995, perRootYear: -0.06, perHundredCycles: -0.01, cold: 0.0016 };
const recalibrated_d = 500;

/** Looks every third day for some years, with cold winters, a gain before a recalibration, and noise. */
function looksOf(o: { years: number; noise: number; gain: number }): readonly CapacityLook[] {
  const random = new SeededRandom(7);
  return Array.from({ length: Math.floor((o.years * 365) / 3) }, (_, i): CapacityLook => {
    const age_d = 30 + 3 * i;
    const fullCycles = age_d * 0.4;
    const cell_degC = 15 - 12 * Math.cos((2 * Math.PI * age_d) / 365);
    const cells =
      truth.start +
      truth.perRootYear * Math.sqrt(age_d / 365.25) +
      (truth.perHundredCycles * fullCycles) / 100;
    const cold = 1 - truth.cold * Math.max(0, 25 - cell_degC);
    const gain = age_d < recalibrated_d ? o.gain : 0;
    const share = cells * cold + gain + o.noise * normal(random);
    return { share, weight: 0.25, cell_degC, age_d, fullCycles };
  });
}

function fitted(looks: readonly CapacityLook[], recalibrated: readonly number[] = []): LifeTrend {
  const trend = lifeTrend(looks, recalibrated);
  if (trend === undefined) throw new Error("there are looks");
  return trend;
}

/** What the cells truly have left at an age. */
function trueAt(age_d: number): number {
  return (
    truth.start +
    truth.perRootYear * Math.sqrt(age_d / 365.25) +
    (truth.perHundredCycles * age_d * 0.4) / 100
  );
}

describe("the trend of a pack's capacity", () => {
  it("finds the cells' capacity under cold and noise, inside its interval", () => {
    const trend = fitted(looksOf({ years: 2, noise: 0.01, gain: 0 }));
    const { value, low, high } = trendAt(trend, { age_d: 730, fullCycles: 292 });
    expect(value).toBeCloseTo(trueAt(730), 2);
    expect(low).toBeLessThan(trueAt(730));
    expect(high).toBeGreaterThan(trueAt(730));
    expect(trend.coldShare).toBeCloseTo(truth.cold, 3);
  });

  it("is hardly moved by one look in ten that is far off", () => {
    const looks = looksOf({ years: 2, noise: 0.005, gain: 0 });
    const wrong = looks.map((look, i) =>
      i % 10 === 3 ? { ...look, share: look.share - 0.2 } : look,
    );
    const at = { age_d: 730, fullCycles: 292 };
    const moved = trendAt(fitted(wrong), at).value - trendAt(fitted(looks), at).value;
    expect(Math.abs(moved)).toBeLessThan(0.005);
  });

  it("takes the step at a recalibration for the sensor's and not for the cells'", () => {
    const looks = looksOf({ years: 2, noise: 0.004, gain: 0.015 });
    const trend = fitted(looks, [recalibrated_d]);
    expect(trend.steps[0]?.excess).toBeCloseTo(0.015, 2);
    expect(trendAt(trend, { age_d: 730, fullCycles: 292 }).value).toBeCloseTo(trueAt(730), 2);
  });

  it("says less the fewer looks there are, and nothing of none", () => {
    const at = { age_d: 365, fullCycles: 146 };
    const width = (trend: LifeTrend): number => trendAt(trend, at).high - trendAt(trend, at).low;
    const looks = looksOf({ years: 1, noise: 0.01, gain: 0 });
    expect(width(fitted(looks.slice(0, 3)))).toBeGreaterThan(1.5 * width(fitted(looks)));
    expect(lifeTrend([], [])).toBeUndefined();
  });

  it("tells the days until four fifths, wider the further they are", () => {
    const trend = fitted(looksOf({ years: 2, noise: 0.01, gain: 0 }));
    const place = { age_d: 760, fullCycles: 304, cyclesPerDay: 0.4 };
    const life = remainingLife({ trend, place, share: 0.8, stretch: 1 });
    let true_d = 0;
    while (trueAt(760 + true_d) > 0.8) true_d += 5;
    expect(life.days.low).toBeLessThan(true_d);
    expect(life.days.high).toBeGreaterThan(true_d);
    expect(life.fullCycles.value).toBeCloseTo(0.4 * life.days.value, 9);
    const nearer = remainingLife({ trend, place, share: 0.88, stretch: 1 }).days;
    expect(nearer.high - nearer.low).toBeLessThan(life.days.high - life.days.low);
  });
});
