import { describe, expect, it } from "vitest";
import { reportRow } from "./report.ts";

const base = { metric: "m", unit: "ms" };

describe("a row", () => {
  it("holds exactly what every report's rows hold", () => {
    expect(reportRow({ ...base, values: [1, 2, 3] })).toEqual({
      ...base,
      value: 2,
      min: 1,
      max: 3,
      n: 3,
      goal: null,
      met: null,
    });
  });

  it("is met by the median on the right side of the goal, the goal itself included", () => {
    const met = (values: number[], sense: "at-least" | "at-most"): boolean | null =>
      reportRow({ ...base, values, goal: { sense, goal: 10 } }).met;
    expect(met([1, 10, 30], "at-least")).toBe(true);
    expect(met([1, 9, 30], "at-least")).toBe(false);
    expect(met([1, 10, 30], "at-most")).toBe(true);
    expect(met([1, 11, 30], "at-most")).toBe(false);
  });

  it("is judged before it is rounded", () => {
    const goal = { sense: "at-least", goal: 10 } as const;
    expect(reportRow({ ...base, values: [9.999_999_9], goal })).toMatchObject({
      value: 10,
      met: false,
    });
  });
});
