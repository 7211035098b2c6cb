import fc from "fast-check";
import { expect, test } from "vitest";
import { chargingTime_min } from "./charging-time.ts";

const car = { capacity_kWh: 60, power_kW: 30 };

test("below 80 % the power is the plug's", () => {
  expect(chargingTime_min({ ...car, from: 0.3, to: 0.8 })).toBeCloseTo(60, 6);
});

test("from 80 % to full it falls to a fifth, which takes ln 5 / 4 of the time of a whole charge", () => {
  const expected_min = (120 * Math.log(5)) / 4;
  expect(chargingTime_min({ ...car, from: 0.8, to: 1 })).toBeCloseTo(expected_min, 6);
});

test("two parts of a charge take as long as the whole", () => {
  const soc = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(soc, soc, soc, (a, b, c) => {
      const [from = 0, middle = 0, to = 0] = [a, b, c].sort((x, y) => x - y);
      const whole_min = chargingTime_min({ ...car, from, to });
      const parts_min =
        chargingTime_min({ ...car, from, to: middle }) +
        chargingTime_min({ ...car, from: middle, to });
      expect(parts_min).toBeCloseTo(whole_min, 6);
    }),
  );
});

test("nothing to charge takes no time, and no power takes forever", () => {
  expect(chargingTime_min({ ...car, from: 0.9, to: 0.5 })).toBe(0);
  expect(chargingTime_min({ ...car, power_kW: 0, from: 0.1, to: 0.5 })).toBe(
    Number.POSITIVE_INFINITY,
  );
});
