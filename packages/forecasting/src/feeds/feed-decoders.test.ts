import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBelibFeed } from "./belib-feed.ts";
import type { FeedDecoder } from "./charger-feed.ts";
import { feedMax_bytes } from "./feed-rows.ts";
import { decodeVoltFeed } from "./volt-feed.ts";

/** Constructed from the documented fields; no answer of either network. */
const belibRow = {
  ...{ id_pdc: "FR*V75*E9001*01*1", statut_pdc: "Disponible" },
  ...{ last_updated: "2023-02-09T17:19:00+01:00", adresse_station: "4 Quai du Marché Neuf" },
  ...{ coordonneesxy: { lon: 2.34556, lat: 48.854057 }, code_insee_commune: "75101" },
};
const socket = {
  ...{ id: 7, name: "Left", socketStatusId: "AVAILABLE", maximumPower: 50 },
  ...{ stationModelSocketSocketTypeId: "TYPE_COMBO_GERMANY" },
  socketPrices: [
    { kwhPrice: 0.37, currency: "EUR" },
    { kwhPrice: 0.42, currency: "EUR" },
  ],
};
const station = {
  ...{ id: 42, caption: "Kose", latitude: 59.184, longitude: 25.167, stationSockets: [socket] },
};

const read = (decode: FeedDecoder, value: unknown): ReturnType<FeedDecoder> =>
  decode(new TextEncoder().encode(JSON.stringify(value)), 1000);
const belib = (value: unknown): ReturnType<FeedDecoder> => read(decodeBelibFeed, value);
const volt = (value: unknown): ReturnType<FeedDecoder> => read(decodeVoltFeed, value);
const refusal = (code: string, detail: unknown = expect.any(String)): unknown => ({
  ok: false,
  problem: { code, detail },
});

describe("Belib'", () => {
  const record = {
    ...{ pointId: "FR*V75*E9001*01*1", siteId: "FR*V75*E9001*01", name: "4 Quai du Marché Neuf" },
    ...{ latitude: 48.854057, longitude: 2.34556, types: [], power_kW: 0, price_EURperkWh: 0 },
    ...{ status: "available", updated_ms: Date.UTC(2023, 1, 9, 16, 19) },
  };
  const counts = { refusedRows: 0, unknownStatuses: 0, totalRows: 1 };

  test("is read as an export and as a page, whose total is told", () => {
    const value = { at_ms: 1000, records: [record], ...counts };
    expect(belib([belibRow])).toEqual({ ok: true, value });
    expect(belib({ total_count: 2097, results: [belibRow] })).toEqual({
      ok: true,
      value: { ...value, totalRows: 2097 },
    });
  });

  test("takes plugs and power from the point list", () => {
    const bytes = new TextEncoder().encode(JSON.stringify([belibRow]));
    const known = new Map([[belibRow.id_pdc, { types: ["type2" as const], power_kW: 22 }]]);
    expect(decodeBelibFeed(bytes, 0, known)).toMatchObject({
      value: { records: [{ types: ["type2"], power_kW: 22 }] },
    });
  });

  test.each([
    ["Occupé (en charge)", "charging"],
    ["Occupe\u0301 (en charge)", "charging"],
    ["Réservé", "reserved"],
    ["En maintenance", "maintenance"],
    ["En cours de mise en service", "commissioning"],
    ["Mise en service planifiée", "planned"],
    ["Supprimé", "removed"],
    ["Inconnu", "unknown"],
    ["Pas implémenté", "unknown"],
  ])("says %s for %s", (word, status) => {
    expect(belib([{ ...belibRow, statut_pdc: word }])).toMatchObject({
      value: { records: [{ status }], unknownStatuses: 0 },
    });
  });

  test.each([
    ["id_pdc", { id_pdc: "" }],
    ["id_pdc", { id_pdc: "x".repeat(301) }],
    ["id_pdc", { id_pdc: "a\u0000b" }],
    ["statut_pdc", { statut_pdc: undefined }],
    ["coordonneesxy", { coordonneesxy: null }],
    ["coordonneesxy", { coordonneesxy: { lon: 0, lat: 0 } }],
    ["coordonneesxy", { coordonneesxy: { lon: 48.85, lat: 2.35 } }],
    ["coordonneesxy", { coordonneesxy: { lon: "2.35", lat: 48.85 } }],
  ])("refuses a row for %s, and the feed once most rows have the fault", (column, fault) => {
    const wrong = { ...belibRow, id_pdc: "other", ...fault };
    expect(belib([belibRow, wrong])).toMatchObject({ value: { refusedRows: 1 } });
    expect(belib([belibRow, wrong, wrong])).toEqual(refusal("FEED_SCHEMA", column));
  });

  test("takes a point once", () => {
    expect(belib([belibRow, { ...belibRow, statut_pdc: "Inconnu" }])).toMatchObject({
      value: { records: [record], refusedRows: 1 },
    });
  });
});

describe("Enefit VOLT", () => {
  test("makes every socket a charge point, with the highest price in euro", () => {
    const value = {
      ...{ at_ms: 1000, refusedRows: 0, unknownStatuses: 0, totalRows: 1 },
      records: [
        {
          ...{ pointId: "42*7", siteId: "42", name: "Kose", latitude: 59.184, longitude: 25.167 },
          ...{ types: ["ccs"], power_kW: 50, price_EURperkWh: 0.42, status: "available" },
        },
      ],
    };
    expect(volt({ success: true, data: [station] })).toEqual({ ok: true, value });
    expect(volt([station])).toEqual({ ok: true, value });
    expect(volt({ success: true, data: station })).toEqual({ ok: true, value });
  });

  test.each([
    ["AVAILABLE", {}, "available", 0],
    ["OCCUPIED", {}, "occupied-not-charging", 0],
    ["CHARGING", {}, "charging", 0],
    ["FAULTED", {}, "maintenance", 0],
    ["AVAILABLE", { reserved: true }, "reserved", 0],
    ["AVAILABLE", { stationInMaintenance: true }, "maintenance", 0],
    ["SOMETHING_NEW", {}, "unknown", 1],
    [3, {}, "unknown", 1],
  ])("reads status %s with %o as %s", (socketStatusId, flags, status, unknownStatuses) => {
    const stationSockets = [{ ...socket, socketStatusId, ...flags }];
    expect(volt([{ ...station, stationSockets }])).toMatchObject({
      value: { records: [{ status }], unknownStatuses },
    });
  });

  test("says that a quantity is unknown where it is impossible", () => {
    const stationSockets = [{ ...socket, maximumPower: -1, socketPrices: [{ kwhPrice: 99 }] }];
    expect(volt([{ ...station, stationSockets }])).toMatchObject({
      value: { records: [{ power_kW: 0, price_EURperkWh: 0 }] },
    });
  });

  test.each([
    ["success", { success: false, errors: [] }],
    ["data", { success: true }],
    ["id", [{ ...station, id: null }]],
    ["stationSockets", [{ ...station, stationSockets: undefined }]],
    ["socketStatusId", [{ ...station, stationSockets: [{ id: 7 }] }]],
    ["latitude, longitude", [{ ...station, latitude: -59 }]],
  ])("names %s when it is gone or wrong", (detail, value) => {
    expect(volt(value)).toEqual(refusal("FEED_SCHEMA", detail));
  });

  test("is refused when most statuses are words of a new vocabulary", () => {
    const stationSockets = Array.from({ length: 30 }, (_, id) => ({
      ...{ id, socketStatusId: id < 16 ? "NEU" : "AVAILABLE" },
    }));
    expect(volt([{ ...station, stationSockets }])).toEqual(
      refusal("FEED_SCHEMA", "socketStatusId"),
    );
  });
});

describe.each([
  ["Belib'", decodeBelibFeed as FeedDecoder, belibRow],
  ["Enefit VOLT", decodeVoltFeed as FeedDecoder, station],
])("the decoder of %s", (_, decode, row) => {
  test("refuses what is empty, no JSON, too large or of too many rows", () => {
    expect(read(decode, [])).toEqual(refusal("FEED_EMPTY"));
    expect(decode(Uint8Array.of(0x7b), 0)).toEqual(refusal("FEED_NOT_JSON"));
    expect(decode(Uint8Array.of(0x22, 0xff, 0x22), 0)).toEqual(refusal("FEED_NOT_JSON"));
    expect(decode(new Uint8Array(feedMax_bytes + 1), 0)).toEqual(refusal("FEED_TOO_LARGE"));
    expect(read(decode, new Array(20_001).fill(0))).toEqual(refusal("FEED_TOO_LARGE"));
  });

  test("gives only sound records, whatever the answer is", () => {
    const changed = fc
      .tuple(fc.constantFrom(...Object.keys(row)), fc.jsonValue())
      .map(([key, value]) => ({ ...row, [key]: value }));
    fc.assert(
      fc.property(fc.oneof(fc.array(changed), fc.jsonValue()), (value) => {
        const decoded = read(decode, value);
        if (!decoded.ok) return;
        const { records, refusedRows, totalRows } = decoded.value;
        expect(new Set(records.map(({ pointId }) => pointId)).size).toBe(records.length);
        expect(records.length + refusedRows).toBeLessThanOrEqual(totalRows);
        for (const { latitude, longitude, power_kW, price_EURperkWh, name } of records) {
          expect(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180).toBe(true);
          expect(power_kW >= 0 && price_EURperkWh >= 0 && name.length <= 300).toBe(true);
        }
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void decode(bytes, 0)));
  });
});
