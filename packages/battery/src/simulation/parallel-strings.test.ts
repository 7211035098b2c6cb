import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shareCurrents } from "./parallel-strings.ts";

describe("strings in parallel", () => {
  it("carry together what the pack carries, and see one voltage", () => {
    const string = fc.record({
      source_V: fc.double({ min: 250, max: 420, noNaN: true }),
      resistance_Ohm: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(string, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: -600, max: 600 }),
        (strings, total_A) => {
          const source_V = Float64Array.from(strings, (one) => one.source_V);
          const resistance_Ohm = Float64Array.from(strings, (one) => one.resistance_Ohm);
          const current_A = new Float64Array(strings.length);
          const terminal_V = shareCurrents({ total_A, source_V, resistance_Ohm, current_A });
          expect(current_A.reduce((sum, each_A) => sum + each_A, 0)).toBeCloseTo(total_A, 6);
          strings.forEach((one, k) => {
            expect(one.source_V + one.resistance_Ohm * (current_A[k] ?? 0)).toBeCloseTo(
              terminal_V,
              6,
            );
          });
        },
      ),
    );
  });

  it("even out at rest: the fuller one charges the emptier", () => {
    const current_A = new Float64Array(2);
    shareCurrents({
      total_A: 0,
      source_V: Float64Array.of(360, 350),
      resistance_Ohm: Float64Array.of(0.1, 0.1),
      current_A,
    });
    expect([...current_A].map((each_A) => Math.round(each_A))).toEqual([-50, 50]);
  });
});
