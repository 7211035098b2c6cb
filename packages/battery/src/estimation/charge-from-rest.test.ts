import { expect, test } from "vitest";
import { a123Parameters } from "../cell/a123-26650.ts";
import { lgHg2Parameters } from "../cell/lg-hg2.ts";
import { leafParameters } from "../cell/nissan-leaf.ts";
import { chargeFromRest } from "./charge-from-rest.ts";

test("a knot of each cell's own curve lies within what its voltage allows", () => {
  for (const parameters of [lgHg2Parameters, a123Parameters, leafParameters]) {
    parameters.ocvSoc.forEach((truth, i) => {
      const { soc, sigma } = chargeFromRest(parameters, parameters.ocv_V[i] ?? 0);
      expect(Math.abs(soc - truth)).toBeLessThanOrEqual(sigma + 0.01);
    });
  }
});

test("a flat curve says little, a steep one more, and neither says more than 10 points", () => {
  expect(chargeFromRest(a123Parameters, 3.3).sigma).toBeGreaterThan(0.12);
  expect(chargeFromRest(lgHg2Parameters, 3.9).sigma).toBe(0.1);
});

test("a voltage beyond the curve is its end, and none at all says nothing", () => {
  expect(chargeFromRest(lgHg2Parameters, 2).soc).toBe(0);
  expect(chargeFromRest(lgHg2Parameters, 5).soc).toBe(1);
  expect(chargeFromRest(lgHg2Parameters, Number.NaN)).toEqual({ soc: 0.5, sigma: 0.5 });
});
