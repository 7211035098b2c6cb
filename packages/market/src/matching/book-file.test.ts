import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeMatchBook } from "./book-file.ts";

const example: unknown = JSON.parse(
  readFileSync(new URL("../../../../docs/specs/examples/v2v-book.json", import.meta.url), "utf8"),
);

type Json = Record<string, unknown>;

/** The example with its first buy order, and the whole, changed. */
function changed(order: Json, whole: Json = {}): unknown {
  const book = structuredClone(example) as Json & { orders: Json[] };
  Object.assign(book.orders[3] ?? {}, order);
  return Object.assign(book, whole);
}

function codeOf(json: unknown): string {
  const decoded = decodeMatchBook(json);
  return decoded.ok ? "OK" : `${decoded.problem.code} ${decoded.problem.path}`;
}

it("reads the example, in thousandths, micro-degrees and millimetres", () => {
  const decoded = decodeMatchBook(example);
  if (!decoded.ok) throw new Error(decoded.problem.detail);
  const { book, ignored } = decoded.value;
  expect(ignored).toEqual([]);
  expect(book.meetingPoints[1]?.position).toEqual({ kind: "plane", east: 9e6, north: 4e6 });
  expect(book.orders[4]).toMatchObject({
    id: "C2",
    arrival: 4,
    milliWhPerKm: 200_000,
    side: "buy",
  });
});

it.each<[string, unknown]>([
  ["TYPE_WRONG ", 5],
  ["FIELD_MISSING coordinates", {}],
  ["TYPE_WRONG coordinates", changed({}, { coordinates: "moon" })],
  ["VERSION_UNKNOWN version", changed({}, { version: 2 })],
  ["NUMBER_TOO_SMALL rules.feePerKWh", changed({}, { rules: { feePerKWh: 0 } })],
  ["NUMBER_TOO_LARGE rules.feePerKWh", changed({}, { rules: { feePerKWh: 1_000_000 } })],
  ["NUMBER_NEGATIVE orders[3].energy_Wh", changed({ energy_Wh: -1 })],
  ["NUMBER_NEGATIVE orders[3].ownPricePerKWh", changed({ ownPricePerKWh: -1 })],
  ["NUMBER_TOO_SMALL orders[3].energy_Wh", changed({ energy_Wh: 0 })],
  ["NUMBER_TOO_LARGE orders[3].energy_Wh", changed({ energy_Wh: 1e10 })],
  ["NUMBER_TOO_LARGE orders[3].maxPricePerKWh", changed({ maxPricePerKWh: 1e12 })],
  ["NUMBER_NOT_WHOLE orders[3].funds", changed({ funds: 0.5 })],
  ["FIELD_MISSING orders[3].funds", changed({ funds: null })],
  ["TYPE_WRONG orders[3].funds", changed({ funds: "5" })],
  ["POSITION_INVALID orders[3].x_m", changed({ x_m: 1e9 })],
  ["SIDE_UNKNOWN orders[3].side", changed({ side: "swap" })],
  ["ID_INVALID orders[3].id", changed({ id: "" })],
  ["ID_REPEATED orders[3].id", changed({ id: "P1" })],
  ["FIELD_MISSING orders[3].time_ms", changed({ time_ms: 5 })],
  ["TYPE_WRONG orders", changed({}, { orders: {} })],
  ["LIMIT_EXCEEDED orders", changed({}, { orders: new Array(200_001).fill(0) })],
])("a bad book is refused with %s", (code, json) => expect(codeOf(json)).toBe(code));

it("refuses times that run backwards, and takes equal ones", () => {
  const book = structuredClone(example) as { orders: Json[] };
  for (const order of book.orders) Object.assign(order, { time_ms: 7 });
  expect(codeOf(book)).toBe("OK");
  Object.assign(book.orders[5] ?? {}, { time_ms: 6 });
  expect(codeOf(book)).toBe("TIME_BACKWARDS orders[5].time_ms");
});

it("names fields that the format does not have", () => {
  const decoded = decodeMatchBook(changed({ colour: "red" }, { note: 1 }));
  expect(decoded.ok && decoded.value.ignored).toEqual(["orders[3].colour", "note"]);
});

it("gives a verdict on any JSON", () => {
  const field = fc.constantFrom("id", "side", "energy_Wh", "funds", "x_m", "time_ms", "account");
  fc.assert(
    fc.property(fc.jsonValue(), field, fc.jsonValue(), (any, name, value) => {
      for (const json of [any, changed({ [name]: value }), changed({}, { [name]: any })]) {
        const decoded = decodeMatchBook(json);
        if (!decoded.ok) expect(decoded.problem.detail).not.toBe("");
      }
    }),
  );
});
