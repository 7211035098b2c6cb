import fc from "fast-check";
import { expect, test } from "vitest";
import { chosenFrom } from "./chosen.ts";

const place = { latitude: 48.85, longitude: 2.35 };
const chosen = { id: "a", name: "Quai", position: place, from: place, arrival_ms: 5, free: 0.9 };

test("the chosen charger is read back after a reload", () => {
  expect(chosenFrom(JSON.stringify(chosen))).toEqual(chosen);
});

test("a tab that remembers something else has chosen nothing", () => {
  expect(chosenFrom(undefined)).toBeUndefined();
  expect(chosenFrom("null")).toBeUndefined();
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(chosen)), (key) => {
      expect(chosenFrom(JSON.stringify({ ...chosen, [key]: undefined }))).toBeUndefined();
    }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(chosenFrom(text)).toBeUndefined();
    }),
  );
});
