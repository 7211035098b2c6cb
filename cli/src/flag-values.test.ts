import { describe, expect, it } from "vitest";
import { parseDuration_ms, parseWhole } from "./flag-values.ts";

describe("flag values", () => {
  it("reads durations with their unit", () => {
    const read = (text: string): number => parseDuration_ms({ flag: "--for", text });
    expect(["500ms", "60s", "1.5m", "1h", "30d"].map(read)).toEqual([
      500, 60_000, 90_000, 3_600_000, 2_592_000_000,
    ]);
    for (const text of ["", "60", "s", "-1s", "0s", "1 s", "1w", "1e3s", "NaNs"]) {
      expect(() => read(text)).toThrow(/is no duration/);
    }
  });

  it("reads whole numbers in their range and nothing else", () => {
    const read = (text: string): number => parseWhole({ flag: "--units", text, min: 1, max: 10 });
    expect(["1", "10", "007"].map(read)).toEqual([1, 10, 7]);
    for (const text of ["", "0", "11", "1.5", "-1", "1e1", "0x1", "NaN", " 1"]) {
      expect(() => read(text)).toThrow(/--units is/);
    }
  });
});
