import { describe, expect, it } from "vitest";
import { type TimedRunOptions, timedRun } from "./timed-run.ts";

const base: TimedRunOptions = {
  engine: { name: "poa", redundant: 0 },
  voters: 4,
  link: { mean_ms: 25, jitter_ms: 0 },
  blockInterval_ms: 1000,
  decisions: 4,
  seed: 1,
};

describe("a timed run", () => {
  it("takes three links from a proposal to its decision elsewhere with poa", () => {
    const { committed_ms } = timedRun(base);
    expect(committed_ms).toHaveLength(12);
    expect(committed_ms.every((each) => each === 75)).toBe(true);
  });

  it.each([4, 7, 10])("counts the messages of poa among %i voters as the formula says", (n) => {
    const { messages, retries } = timedRun({ ...base, voters: n });
    expect(messages).toEqual({
      proposal: n - 1,
      prepare: n * (n - 1),
      commit: n * (n - 1),
    });
    expect(retries).toBe(0);
  });

  it("times transactions until inclusion, finality and six blocks above", () => {
    const { transactions } = timedRun({ ...base, decisions: 8, transactionEvery_ms: 130 });
    expect(transactions.length).toBeGreaterThan(50);
    for (const { included_ms, final_ms, buried_ms } of transactions) {
      expect(included_ms).toBeLessThanOrEqual(final_ms);
      expect(buried_ms).toBeGreaterThan(final_ms + 5 * base.blockInterval_ms);
    }
    const mean_ms =
      transactions.reduce((sum, each) => sum + each.final_ms, 0) / transactions.length;
    // Half an interval until the next block, and three links.
    expect(mean_ms).toBeGreaterThan(500);
    expect(mean_ms).toBeLessThan(700);
  });

  it("goes on with f silent voters, in later rounds where one of them would lead", () => {
    const { laterRounds } = timedRun({ ...base, silent: 1 });
    expect(laterRounds).toBe(1);
  });

  it("is the same for the same seed, and another for another", () => {
    const jittered = { ...base, link: { mean_ms: 25, jitter_ms: 10 } };
    expect(timedRun(jittered)).toEqual(timedRun(jittered));
    expect(timedRun(jittered).committed_ms).not.toEqual(
      timedRun({ ...jittered, seed: 2 }).committed_ms,
    );
  });
});
