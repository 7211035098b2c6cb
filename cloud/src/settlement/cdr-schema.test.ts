import { readFileSync } from "node:fs";
import {
  type CdrContext,
  cdrOf,
  correctedOf,
  creditOf,
  ocmfKeyOf,
  ocpiJson,
  signOcmf,
} from "@voltfog/market";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settledSession } from "./testing/settled-sessions.ts";

const schema: unknown = JSON.parse(readFileSync("docs/specs/ocpi-cdr.schema.json", "utf8"));
const isCdr = new Ajv2020({ allErrors: true }).compile(schema as object);

const context: CdrContext = {
  ...{ countryCode: "DE", country: "DEU", currency: "EUR" },
  partyIdOf: (organisation) => (organisation === "" ? "UNI" : `OP${organisation.at(-1)}`),
};

function problemsOf(value: unknown): unknown {
  return isCdr(value) ? [] : isCdr.errors;
}

describe("a charge detail record", () => {
  it("says what the session cost and took, under OCPI's names", () => {
    const json = ocpiJson(cdrOf(settledSession(), { context }));
    expect(problemsOf(json)).toEqual([]);
    expect(json).toMatchObject({
      country_code: "DE",
      party_id: "OP1",
      id: "00112233445566778899aabbccddeeff",
      start_date_time: "2026-05-03T11:00:00Z",
      cdr_token: { party_id: "OP2", type: "APP_USER" },
      cdr_location: {
        coordinates: { latitude: "48.137000", longitude: "11.575000" },
        connector_standard: "IEC_62196_T2",
        connector_power_type: "AC_3_PHASE",
      },
      total_cost: { excl_vat: 3.5 },
      total_fixed_cost: { excl_vat: 0.5 },
      total_energy: 10,
      total_energy_cost: { excl_vat: 3 },
      total_time: 1,
    });
  });

  it("carries the meter's signed values where they are known", () => {
    const algorithm = "ECDSA-secp256r1-SHA256";
    const secretKey = new Uint8Array(32).fill(7);
    const key = ocmfKeyOf({ algorithm, secretKey });
    const records = [signOcmf({ payload: "{}", algorithm, secretKey })];
    const json = ocpiJson(cdrOf(settledSession(), { context, meter: { key, records } }));
    expect(problemsOf(json)).toEqual([]);
    expect(json).toMatchObject({ signed_data: { encoding_method: "OCMF" } });
  });

  it("is of the schema for every session that the chain can settle", () => {
    const amount = fc.maxSafeNat();
    const session = fc.record({
      pileId: fc.stringMatching(/^[A-Za-z0-9-]{1,36}$/),
      plugType: fc.integer({ min: 0, max: 255 }),
      power_W: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      latitude_deg: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude_deg: fc.double({ min: -180, max: 180, noNaN: true }),
      beans_Wh: amount,
      height: amount,
      cost: amount,
      pricePerKWh: amount,
      sessionFee: amount,
      home: fc.constantFrom("", "operator-3"),
    });
    fc.assert(
      fc.property(session, fc.maxSafeNat(), (changes, refund) => {
        const settled = settledSession(changes);
        const cdr = cdrOf(settled, { context });
        expect(problemsOf(ocpiJson(cdr))).toEqual([]);
        expect(problemsOf(ocpiJson(creditOf(cdr, settled.settled_ms)))).toEqual([]);
        const corrected = correctedOf(settled, { context, refund, corrected_ms: 0 });
        expect(problemsOf(ocpiJson(corrected))).toEqual([]);
        expect(corrected.totalCost.exclVat).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("is taken back as a whole by its credit", () => {
    const cdr = cdrOf(settledSession(), { context });
    const credit = creditOf(cdr, 0);
    expect(credit.totalCost.exclVat + cdr.totalCost.exclVat).toBe(0);
    expect(credit).toMatchObject({ credit: true, creditReferenceId: cdr.id, id: `${cdr.id}-C` });
  });
});

describe("the schema", () => {
  const good = ocpiJson(cdrOf(settledSession(), { context })) as Record<string, unknown>;

  it.each([
    "country_code",
    "party_id",
    "id",
    "cdr_token",
    "auth_method",
    "cdr_location",
    "currency",
    "charging_periods",
    "total_cost",
    "total_energy",
    "total_time",
    "last_updated",
  ])("refuses a record without %s", (name) => {
    const { [name]: _dropped, ...rest } = good;
    expect(problemsOf(rest)).not.toEqual([]);
  });

  it.each([
    ["id", "x".repeat(40)],
    ["currency", "EURO"],
    ["country_code", "DEU"],
    ["start_date_time", "3 May 2026"],
    ["charging_periods", []],
    ["auth_method", "TOLD"],
    ["total_energy", "10"],
    ["unknown_field", 1],
  ])("refuses %s = %j", (name, value) => {
    expect(problemsOf({ ...good, [name]: value })).not.toEqual([]);
  });
});
