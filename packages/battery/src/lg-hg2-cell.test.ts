import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openCircuitVoltage_V, restingSoc } from "./lg-hg2-cell.ts";

describe("the open-circuit voltage", () => {
  it("has the measured values and runs straight between them", () => {
    expect(openCircuitVoltage_V(0)).toBe(2.804);
    expect(openCircuitVoltage_V(1)).toBe(4.181);
    expect(openCircuitVoltage_V(0.525)).toBeCloseTo((3.726 + 3.772) / 2, 12);
  });

  it("rises with the charge, outside 0 to 1 as well", () => {
    const soc = fc.double({ min: -0.2, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(soc, fc.double({ min: 1e-6, max: 1, noNaN: true }), (low, more) => {
        expect(openCircuitVoltage_V(low + more)).toBeGreaterThan(openCircuitVoltage_V(low));
      }),
    );
  });

  it("gives the charge back", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (soc) => {
        expect(restingSoc(openCircuitVoltage_V(soc))).toBeCloseTo(soc, 9);
      }),
    );
    expect([0, 2.7, 4.181, 4.3, Number.NaN].map(restingSoc)).toEqual([0, 0, 1, 1, 0]);
  });
});
