import { describe, expect, it } from "vitest";
import { ChargeHistory, chargeHistoryNames, chargeStatistics } from "./charge-history.ts";

const charge = (value: number): number[] => chargeStatistics.map(() => value);

function last(values: readonly number[]): Readonly<Record<string, number>> {
  const history = new ChargeHistory();
  let features: readonly number[] = [];
  for (const value of values) features = history.add(charge(value));
  return Object.fromEntries(
    chargeHistoryNames.map((name, at) => [name, features[at] ?? Number.NaN]),
  );
}

describe("the history of a cell's charges", () => {
  it("has no movement in the first charge", () => {
    expect(last([5])).toMatchObject({ "now:v_mean": 5, "fast:v_mean": 5, "fast-begin:v_mean": 0 });
  });

  it("follows a drift, fast before slow, against the cell's own beginning", () => {
    const drift = last(Array.from({ length: 300 }, (_, at) => at / 100));
    expect(drift["fast-begin:i_std"]).toBeGreaterThan(drift["slow-begin:i_std"] ?? 9);
    expect(drift["fast-fast[150]:i_std"]).toBeCloseTo(1.5, 1);
    expect(drift["fast-fast[30]:i_std"]).toBeCloseTo(0.3, 2);
  });

  it("is not moved by one bad charge", () => {
    const bad = [...Array.from({ length: 50 }, () => 1), 1000, 1];
    expect(last(bad)).toMatchObject({ "fast:cv_q_ah": 1, "fast-begin:cv_q_ah": 0 });
  });

  it("leaves the means where they were when a statistic is missing", () => {
    const history = last([2, 2, Number.NaN, Number.NaN]);
    expect(history).toMatchObject({ "fast:v_entropy": 2, "begin:v_entropy": 2 });
    expect(history["now:v_entropy"]).toBeNaN();
  });
});
