import { describe, expect, it } from "vitest";
import { type TimedChainOptions, timedChainRun } from "./timed-chain-run.ts";

const base = {
  replicas: 7,
  link: { mean_ms: 5, jitter_ms: 2 },
  blockInterval_ms: 1000,
  blocks: 60,
  seed: 1,
} satisfies Partial<TimedChainOptions>;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("a timed run of an engine to compare with", () => {
  it("of the published proof of authority includes after half a slot and counts that as final", () => {
    const { records, removedFinal } = timedChainRun({ ...base, engine: "poa-published" });
    expect(records.length).toBeGreaterThan(200);
    const included_ms = mean(records.map((each) => each.included_ms));
    expect(included_ms).toBeGreaterThan(450);
    expect(included_ms).toBeLessThan(600);
    for (const { final_ms, included_ms: own_ms } of records) expect(final_ms).toBe(own_ms);
    expect(removedFinal).toBe(0);
  });

  it("of proof of work waits a whole interval in the mean, and four blocks more among seven", () => {
    const { records, messagesPerBlock } = timedChainRun({ ...base, engine: "pow", blocks: 200 });
    const included_ms = mean(records.map((each) => each.included_ms));
    expect(included_ms).toBeGreaterThan(800);
    expect(included_ms).toBeLessThan(1400);
    const final_ms = mean(records.map((each) => each.final_ms));
    expect(final_ms - included_ms).toBeGreaterThan(3200);
    expect(final_ms - included_ms).toBeLessThan(4800);
    expect(messagesPerBlock).toBeGreaterThanOrEqual(6);
  });

  it("forks where blocks come about as fast as they travel", () => {
    const slow = { mean_ms: 300, jitter_ms: 100 };
    expect(timedChainRun({ ...base, engine: "pow", link: slow }).removed).toBeGreaterThan(0);
  });

  it("is the same for the same seed", () => {
    const run = { ...base, engine: "pow" } as const;
    expect(timedChainRun(run)).toEqual(timedChainRun(run));
  });
});
