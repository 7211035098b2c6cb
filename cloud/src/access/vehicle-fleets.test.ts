import fc from "fast-check";
import { expect, test } from "vitest";
import { parseVehicleFleets } from "./vehicle-fleets.ts";

const row = { id: "car-1", key: "ab".repeat(32), salt: "cd".repeat(16) };

test("a list from before there were fleets reads as one where nobody's is known", () => {
  const parsed = parseVehicleFleets(JSON.stringify([row, { ...row, id: "car-2", revoked: true }]));
  expect(parsed).toEqual({ ok: true, value: new Map() });
});

test("fleets stay with their vehicles, whatever else the rows hold", () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
  const rows = fc.uniqueArray(fc.record({ id: name, fleet: name, more: fc.jsonValue() }), {
    selector: ({ id }) => id,
  });
  fc.assert(
    fc.property(rows, (vehicles) => {
      const fleets = new Map(vehicles.map(({ id, fleet }) => [id, fleet]));
      expect(parseVehicleFleets(JSON.stringify(vehicles))).toEqual({ ok: true, value: fleets });
    }),
  );
});

test("any text and any JSON get a verdict", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseVehicleFleets(text).ok).toBe(/^\s*\[\s*\]\s*$/.test(text));
    }),
  );
});

test.each([
  [[{ ...row, fleet: "North" }]],
  [[{ ...row, fleet: 5 }]],
  [[{ ...row, fleet: null }]],
  [[{ fleet: "north" }]],
  [
    [
      { ...row, fleet: "north" },
      { ...row, fleet: "south" },
    ],
  ],
])("a file that does not say clearly whose a vehicle is is refused whole: %j", (rows) => {
  expect(parseVehicleFleets(JSON.stringify([row, ...rows]))).toMatchObject({
    ok: false,
    problem: { code: "VEHICLES_INVALID" },
  });
});
