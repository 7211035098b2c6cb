import { normal, SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CapacityTracker } from "./capacity-tracker.ts";

const nominal_Ah = 150;

/** Goes to a charge in small steps; `off` is what the estimate of the end is wrong by. */
function go(
  tracker: CapacityTracker,
  o: { from: number; to: number; true_Ah: number; off?: number; step_s?: number },
): boolean {
  const steps = 20;
  let isUsed = false;
  for (let i = 1; i <= steps; i++) {
    const moved = (o.to - o.from) / steps;
    const soc = o.from + moved * i + ((o.off ?? 0) * i) / steps;
    const charge_Ah = moved * o.true_Ah;
    isUsed = tracker.update({ soc, sigma: 0.02, charge_Ah, step_s: o.step_s ?? 60 }) || isUsed;
  }
  return isUsed;
}

function begun(soc: number): CapacityTracker {
  const tracker = new CapacityTracker({ capacity_Ah: nominal_Ah });
  tracker.update({ soc, sigma: 0.02, charge_Ah: 0, step_s: 0 });
  return tracker;
}

describe("the tracker of a pack's capacity", () => {
  it("says the nominal capacity and how little that is before anything moved", () => {
    const { capacity_Ah, low_Ah, high_Ah, stretches } = begun(0.5).estimate;
    expect(capacity_Ah).toBeCloseTo(nominal_Ah, 6);
    expect(high_Ah - low_Ah).toBeGreaterThan(0.5 * nominal_Ah);
    expect(stretches).toBe(0);
  });

  it("ends a stretch where the charge turns, as deep as it went, and not before", () => {
    const tracker = begun(0.9);
    expect(go(tracker, { from: 0.9, to: 0.3, true_Ah: 120 })).toBe(false);
    expect(go(tracker, { from: 0.3, to: 0.5, true_Ah: 120 })).toBe(true);
    expect(tracker.estimate.stretches).toBe(1);
    expect(tracker.estimate.depth).toBeCloseTo(0.6, 2);
  });

  it("finds a pack that lost a fifth, the better the deeper it is used", () => {
    const widths = [0.45, 0.9].map((depth) => {
      const tracker = begun(0.95);
      for (let i = 0; i < 10; i++) {
        go(tracker, { from: 0.95, to: 0.95 - depth, true_Ah: 120 });
        go(tracker, { from: 0.95 - depth, to: 0.95, true_Ah: 120 });
      }
      const { capacity_Ah, low_Ah, high_Ah } = tracker.estimate;
      expect(low_Ah).toBeLessThan(120);
      expect(high_Ah).toBeGreaterThan(120);
      expect(Math.abs(capacity_Ah / 120 - 1)).toBeLessThan(0.06);
      return high_Ah - low_Ah;
    });
    expect(widths[1]).toBeLessThan(0.7 * (widths[0] ?? 0));
  });

  it("does not grow sure of an error that comes back at the same charge, however often", () => {
    const tracker = begun(0.8);
    for (let i = 0; i < 200; i++) {
      go(tracker, { from: 0.8, to: 0.4, true_Ah: 150, off: -0.03 });
      go(tracker, { from: 0.37, to: 0.77, true_Ah: 150, off: 0.03 });
    }
    const { capacity_Ah, low_Ah, high_Ah } = tracker.estimate;
    expect(capacity_Ah).toBeLessThan(145);
    expect(low_Ah).toBeLessThan(150);
    expect(high_Ah).toBeGreaterThan(150);
  });

  it("drops a stretch across a gap, and one in which an offset could have counted too much", () => {
    const tracker = begun(0.9);
    go(tracker, { from: 0.9, to: 0.65, true_Ah: 120 });
    tracker.interrupt();
    go(tracker, { from: 0.6, to: 0.4, true_Ah: 120 });
    go(tracker, { from: 0.4, to: 0.5, true_Ah: 120 });
    expect(tracker.estimate.stretches).toBe(0);
  });

  it("goes on from what was saved as if it had not been away", () => {
    const random = new SeededRandom(5);
    const tracker = begun(0.9);
    for (let i = 0; i < 4; i++) {
      go(tracker, { from: 0.9, to: 0.3, true_Ah: 130, off: 0.01 * normal(random) });
      go(tracker, { from: 0.3, to: 0.9, true_Ah: 130, off: 0.01 * normal(random) });
    }
    const again = new CapacityTracker({ capacity_Ah: nominal_Ah, saved: tracker.saved });
    expect(again.estimate.capacity_Ah).toBeCloseTo(tracker.estimate.capacity_Ah, 9);
    expect(again.estimate.high_Ah).toBeCloseTo(tracker.estimate.high_Ah, 0);
  });

  it("says a positive capacity in order, whatever it is told", () => {
    const update = fc.record({
      soc: fc.double({ min: 0, max: 1, noNaN: true }),
      sigma: fc.double({ min: 0, max: 0.2, noNaN: true }),
      charge_Ah: fc.double({ min: -100, max: 100, noNaN: true }),
      step_s: fc.double({ min: 0, max: 600, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(update, { maxLength: 60 }), (updates) => {
        const tracker = new CapacityTracker({ capacity_Ah: nominal_Ah });
        for (const each of updates) tracker.update(each);
        const { capacity_Ah, low_Ah, high_Ah } = tracker.estimate;
        expect(low_Ah).toBeGreaterThanOrEqual(0);
        expect(capacity_Ah).toBeGreaterThanOrEqual(low_Ah);
        expect(high_Ah).toBeGreaterThanOrEqual(capacity_Ah);
        expect(Number.isFinite(high_Ah)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
