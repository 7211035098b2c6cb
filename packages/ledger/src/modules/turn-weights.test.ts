import fc from "fast-check";
import { expect, test } from "vitest";
import { faultTolerance } from "../chain/quorum.ts";
import { proposerIn, turnCycle } from "./proposer-turns.ts";
import { clampedWeights, weightMax, weightsByScore } from "./turn-weights.ts";

const seats = fc.array(
  fc.record({ weight: fc.integer({ min: 1, max: weightMax }), bad: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
);

/** At most f seats are quarantined: more are outside what the chain stands. */
function someQuarantined(list: readonly { weight: number; bad: boolean }[]): {
  weights: number[];
  quarantined: boolean[];
  faulty: number;
} {
  const faulty = faultTolerance(list.length);
  let left = faulty;
  const quarantined = list.map(({ bad }) => bad && left-- > 0);
  return { weights: list.map(({ weight }) => weight), quarantined, faulty };
}

test("no f seats, quarantined ones among them, own more than a third of the turns", () => {
  fc.assert(
    fc.property(seats, (list) => {
      const options = someQuarantined(list);
      const weights = clampedWeights(options);
      const cycle = turnCycle(weights);
      const known = options.quarantined.filter((one) => one).length;
      const turns = weights.map((_, seat) => cycle.filter((each) => each === seat).length);
      const highest = [...turns].sort((a, b) => b - a).slice(0, options.faulty - known);
      const owned = highest.reduce((sum, count) => sum + count, 0);
      expect(3 * owned).toBeLessThanOrEqual(cycle.length);
      for (const [seat, count] of turns.entries()) {
        expect(count > 0).toBe(options.quarantined[seat] === false);
      }
    }),
    { numRuns: 500 },
  );
});

test("the clamp takes no more than it must, and never turns an order round", () => {
  fc.assert(
    fc.property(seats, (list) => {
      const options = someQuarantined(list.map((seat) => ({ ...seat, bad: false })));
      const weights = clampedWeights(options);
      for (const [i, one] of options.weights.entries()) {
        for (const [j, other] of options.weights.entries()) {
          if (one >= other) expect(weights[i]).toBeGreaterThanOrEqual(weights[j] ?? 0);
        }
      }
      if (new Set(options.weights).size === 1) expect(new Set(weights)).toEqual(new Set([1]));
    }),
  );
});

test("four seats: one of thrice the service is cut down, one without service stays low", () => {
  const free = [false, false, false, false];
  const clamp = (weights: number[]): number[] =>
    clampedWeights({ weights, quarantined: free, faulty: 1 });
  expect(clamp([12, 4, 4, 4])).toEqual([3, 2, 2, 2]);
  expect(clamp([12, 12, 12, 1])).toEqual([12, 12, 12, 1]);
  expect(clamp([12, 12, 1, 1])).toEqual([2, 2, 1, 1]);
});

test("a quarantined seat has no turn; where all are quarantined all have one", () => {
  const clamp = (quarantined: boolean[]): number[] =>
    clampedWeights({ weights: [12, 12, 12, 12], quarantined, faulty: 1 });
  expect(clamp([false, true, false, false])).toEqual([1, 0, 1, 1]);
  expect(clamp([true, true, true, true])).toEqual([1, 1, 1, 1]);
});

test("weights are in proportion to the best score, from 1 to 12", () => {
  expect(weightsByScore([1000, 500, 0, 999])).toEqual([12, 6, 1, 12]);
  expect(weightsByScore([0, 0])).toEqual([1, 1]);
});

test("over a cycle every seat has its weight in turns, and equal weights go by rank", () => {
  const weights = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      weights.filter((each) => each.some((weight) => weight > 0)),
      (each) => {
        const cycle = turnCycle(each);
        expect(each.map((_, seat) => cycle.filter((one) => one === seat).length)).toEqual(each);
      },
    ),
  );
  expect([...turnCycle([1, 1, 1], [2, 0, 1])]).toEqual([1, 2, 0]);
  expect(proposerIn(turnCycle([1, 1, 1, 1]), { height: 6, round: 2 })).toBe(3);
});
