import { describe, expect, it } from "vitest";
import { cellDeviations, deviationColour } from "./cell-deviation.ts";

describe("cellDeviations", () => {
  it("compares each cell with the median of its own moment, and leaves moments without a sample empty", () => {
    const found = cellDeviations([[3650, 3650, 3620], undefined, [3700, 3705, 3700]]);
    expect(found.columns).toEqual([[0, 0, -30], undefined, [0, 5, 0]]);
    expect(found).toMatchObject({ cells: 3, reach_mV: 30, largest_mV: -30, largestCell: 2 });
  });

  it("does not paint noise as a fault, nor fail where nothing is", () => {
    expect(cellDeviations([[3650, 3651]]).reach_mV).toBe(10);
    expect(cellDeviations([])).toMatchObject({ cells: 0, largest_mV: 0 });
  });
});

describe("deviationColour", () => {
  it("is blue below and orange above, and never stronger than full", () => {
    expect(deviationColour(-30, 30)).toBe("hsl(220 85% 66%)");
    expect(deviationColour(60, 30)).toBe(deviationColour(30, 30));
    expect(deviationColour(0, 30)).toBe("hsl(28 0% 96%)");
  });
});
