import { describe, expect, it } from "vitest";
import { predictionLines } from "./predictions.ts";

describe("a prediction file", () => {
  it("has a header and one line per item in the given order, absent values empty", () => {
    const lines = predictionLines({
      columns: ["id", "t_s", "estimate", "low", "high"],
      rows: [
        ["US06", 0, 0.1 + 0.2, undefined, 1],
        ['25 "warm", dry', 1, 1e-12, 0, 1],
      ],
    });
    expect([...lines].join("")).toBe(
      'id,t_s,estimate,low,high\nUS06,0,0.3,,1\n"25 ""warm"", dry",1,1e-12,0,1\n',
    );
  });

  it("refuses to write what is no number, and rows that do not fit the header", () => {
    const write = (row: readonly number[]): string[] => [
      ...predictionLines({ columns: ["id", "estimate"], rows: [row] }),
    ];
    expect(() => write([1, Number.NaN])).toThrow();
    expect(() => write([1])).toThrow();
    expect(write([1, 2])).toHaveLength(2);
  });
});
