import { expect, test } from "vitest";
import { greatCircle_km, streetEstimate } from "./travel-time.ts";

const notreDame = { latitude: 48.853, longitude: 2.3499 };
const eiffelTower = { latitude: 48.8584, longitude: 2.2945 };

test("a quarter of the equator is a quarter of the earth's circumference", () => {
  const quarter_km = (Math.PI * 6371) / 2;
  const length_km = greatCircle_km({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 90 });
  expect(length_km).toBeCloseTo(quarter_km, 6);
});

test("streets are longer than the great circle by the stated factor", () => {
  const [trip] = streetEstimate({ zone_min: 0 })(notreDame, [eiffelTower], 0);
  expect(trip?.distance_km).toBeCloseTo(1.343 * greatCircle_km(notreDame, eiffelTower), 9);
});

test("the same way takes longer in the local rush hour than at night", () => {
  const paris = streetEstimate({ zone_min: 120 });
  const at = (hourUtc: number): number =>
    paris(notreDame, [eiffelTower], Date.UTC(2023, 4, 5, hourUtc))[0]?.travel_min ?? 0;
  expect(at(15)).toBeGreaterThan(1.5 * at(1));
  // 23:30 UTC is the next day's 01:30 there; times before 1970 have an hour too.
  expect(paris(notreDame, [eiffelTower], -1)[0]?.travel_min).toBeGreaterThan(0);
});

test("who is there already still has to park", () => {
  expect(streetEstimate({ zone_min: 0 })(notreDame, [notreDame], 0)).toEqual([
    { distance_km: 0, travel_min: 2 },
  ]);
});
