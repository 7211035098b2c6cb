import fc from "fast-check";
import { expect, test } from "vitest";
import { packOf, parsePackSettings, usualPacks } from "./pack-settings.ts";

const pack = {
  preset: "lfp100",
  capacity_Ah: 230,
  firstUse: "2023-05-01",
  distanceBefore_km: 1200,
};

test("a file says which pack a vehicle has; what it leaves out is the preset's", () => {
  const text = JSON.stringify({ version: 1, packs: { "car-1": pack } });
  const parsed = parsePackSettings(text);
  expect(parsed).toEqual({ ok: true, value: { ...usualPacks, packs: new Map([["car-1", pack]]) } });
  expect(packOf(pack as never, 5)).toMatchObject({
    ...{ cells: 100, capacity_Ah: 230, firstUse_ms: Date.UTC(2023, 4, 1), fullCyclesBefore: 0 },
  });
  expect(packOf(usualPacks.usual, 5)).toMatchObject({ cells: 96, firstUse_ms: 5 });
});

test.each([
  [{ version: 2 }],
  [{ version: 1, more: 1 }],
  [{ version: 1, usual: { preset: "other" } }],
  [{ version: 1, packs: [] }],
  [{ version: 1, packs: { "Car 1": pack } }],
  [{ version: 1, packs: { "car-1": { ...pack, capacity_Ah: -1 } } }],
  [{ version: 1, packs: { "car-1": { ...pack, firstUse: "2023-13-01" } } }],
  [{ version: 1, packs: { "car-1": { ...pack, colour: 1 } } }],
  [{ version: 1, packs: { "car-1": { ...pack, preset: "constructor" } } }],
])("what is not clear refuses the whole file: %j", (file) => {
  expect(parsePackSettings(JSON.stringify(file))).toMatchObject({
    problem: { code: "PACKS_INVALID" },
  });
});

test("any text and any JSON get a verdict", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parsePackSettings(text).ok).toBe(false);
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parsed = parsePackSettings(JSON.stringify({ version: 1, packs: { "car-1": value } }));
      if (!parsed.ok) expect(parsed.problem.code).toBe("PACKS_INVALID");
    }),
  );
});
