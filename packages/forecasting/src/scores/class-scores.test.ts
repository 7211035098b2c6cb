import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClassScores } from "./class-scores.ts";

function scored(rows: readonly { truth: number; p: readonly number[] }[], classCount: number) {
  const scores = new ClassScores(classCount);
  for (const { truth, p } of rows) scores.add({ truth, probabilities: p, at: 0 });
  return scores.summary();
}

describe("class scores", () => {
  it("give what is computed by hand for three classes", () => {
    const certain = (c: number): number[] => [0, 1, 2].map((one) => (one === c ? 1 : 0));
    const rows = [
      ...Array.from({ length: 6 }, () => ({ truth: 0, p: certain(0) })),
      ...Array.from({ length: 2 }, () => ({ truth: 1, p: certain(0) })),
      ...Array.from({ length: 2 }, () => ({ truth: 1, p: certain(1) })),
    ];
    const summary = scored(rows, 3);
    expect(summary?.accuracy).toBeCloseTo(0.8);
    // Class 0: precision 6/8, recall 1, F1 6/7. Class 1: precision 1, recall 1/2, F1 2/3. Class 2 is absent.
    expect(summary?.macro.f1).toBeCloseTo((6 / 7 + 2 / 3) / 2);
    expect(summary?.weighted.precision).toBeCloseTo(0.6 * 0.75 + 0.4);
    expect(summary?.weighted.f1).toBeCloseTo((0.6 * 6) / 7 + (0.4 * 2) / 3);
    expect(summary?.macro.f1OfAverages).toBeCloseTo((2 * 0.875 * 0.75) / (0.875 + 0.75));
    expect(summary?.brier).toBeCloseTo(0.4);
    expect(summary?.ece).toBeCloseTo(0.2);
    // (10·8 − (6·8 + 4·2)) / √((100 − 68)(100 − 52))
    expect(summary?.mcc).toBeCloseTo(24 / Math.sqrt(32 * 48));
  });

  it("print, for an always-majority rule with share p, weighted recall p and F1 2p²/(1+p)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), (percent) => {
        const rows = Array.from({ length: 100 }, (_, i) => ({
          truth: i < percent ? 0 : 1,
          p: [1, 0],
        }));
        const p = percent / 100;
        const summary = scored(rows, 2);
        expect(summary?.weighted.recall).toBeCloseTo(p);
        expect(summary?.weighted.f1).toBeCloseTo((2 * p * p) / (1 + p));
        expect(summary?.mcc).toBe(0);
      }),
    );
  });

  it("have no calibration error where each probability comes true as often as it says", () => {
    const rows = Array.from({ length: 10 }, (_, i) => ({ truth: i < 7 ? 0 : 1, p: [0.7, 0.3] }));
    expect(scored(rows, 2)?.ece).toBeCloseTo(0);
    expect(scored(rows, 2)?.logLoss).toBeCloseTo(-0.7 * Math.log(0.7) - 0.3 * Math.log(0.3));
  });

  it("say nothing without rows", () => {
    expect(scored([], 2)).toBeUndefined();
  });

  it("take a decision that differs from the most likely class", () => {
    const scores = new ClassScores(2);
    scores.add({ truth: 1, probabilities: [0.6, 0.4], at: 0, decision: 1 });
    expect(scores.summary()?.accuracy).toBe(1);
    expect(scores.shares()).toEqual([0, 1]);
  });
});
