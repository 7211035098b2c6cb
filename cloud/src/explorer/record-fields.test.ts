import { expect, it } from "vitest";
import { recordFields } from "./record-fields.ts";

it("names each field in words with its unit, and what it stands in before it", () => {
  const fields = recordFields({
    sessionId: Uint8Array.of(1, 255),
    pricePerKWh: 250_000,
    limitAmount: 5_000_000,
    promotionSharePpm: 100_000,
    settled_ms: 1_700_000_000_000,
    tradeLife_ms: 1000,
    organisation: "north",
    beansOf: undefined,
    latitude: 48_849_000,
    position: { kind: "earth", east: 2_356_000, north: 48_849_000 },
    meter: { start_Wh: 12 },
    orders: [{ open: true }, { open: false }],
  });
  expect(fields.map(({ name, value, kind }) => [name, value, kind])).toEqual([
    ["session id", "01ff", "hex"],
    ["price per kWh", "0.25 per kWh", "text"],
    ["limit amount", "5.00", "text"],
    ["promotion share", "10 %", "text"],
    ["settled", "1700000000000", "time"],
    ["trade life", "1000 ms", "text"],
    ["organisation", "north", "organisation"],
    ["latitude", "48.849°", "text"],
    ["position", "48.849°, 2.356°", "text"],
    ["meter start", "12 Wh", "text"],
    ["orders 1 open", "true", "text"],
    ["orders 2 open", "false", "text"],
  ]);
});

it("is total and bounded", () => {
  expect(recordFields(7)).toEqual([{ name: "value", value: "7", kind: "text" }]);
  expect(recordFields(undefined)).toEqual([]);
  const key = { name: "key or id", value: "07", kind: "hex" };
  expect(recordFields(Uint8Array.of(7))).toEqual([key]);
  expect(recordFields(null)).toEqual([{ name: "value", value: "null", kind: "text" }]);
  expect(recordFields(Array.from({ length: 1000 }, (_, i) => i))).toHaveLength(400);
});
