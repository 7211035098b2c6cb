import fc from "fast-check";
import { expect, test } from "vitest";
import { proposerAt, proposerOf } from "./proposer.ts";

test("equal weights take turns in the order of the set", () => {
  const turns = Array.from({ length: 8 }, (_, turn) => proposerAt({ weights: [1, 1, 1, 1], turn }));
  expect(turns).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
});

test("a heavier voter proposes more often, but spread over the turns", () => {
  const turns = Array.from({ length: 7 }, (_, turn) => proposerAt({ weights: [5, 1, 1], turn }));
  expect(turns).toEqual([0, 0, 1, 0, 2, 0, 0]);
});

test("over one cycle every voter gets exactly its weight in turns", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(weights, fc.nat(500), (each, cycle) => {
      const total = each.reduce((sum, weight) => sum + weight, 0);
      const counts = each.map(() => 0);
      for (let turn = cycle * total; turn < (cycle + 1) * total; turn++) {
        const proposer = proposerAt({ weights: each, turn });
        counts[proposer] = (counts[proposer] ?? 0) + 1;
      }
      expect(counts).toEqual(each);
    }),
    { numRuns: 50 },
  );
});

test("the next round of a height has another proposer", () => {
  const weights = [1, 1, 1, 1];
  const rounds = [0, 1, 2, 3].map((round) => proposerOf({ weights, height: 6, round }));
  expect(rounds).toEqual([1, 2, 3, 0]);
});
