import type { Outcome } from "@voltfog/runtime";
import fc from "fast-check";
import { expect, it } from "vitest";
import { codecFault } from "../testing/codec-laws.ts";
import {
  decodeBeanEnvelope,
  decodeBeanGift,
  decodeBeanMovement,
  decodeBeanOffer,
  decodeBeanPurchase,
  decodeEnvelopeName,
  decodeRebate,
  encodeBeanEnvelope,
  encodeBeanGift,
  encodeBeanMovement,
  encodeBeanOffer,
  encodeBeanPurchase,
  encodeEnvelopeName,
  encodeRebate,
} from "./bean-payloads.ts";
import {
  decodeBeanClaim,
  decodeBeanIssuer,
  decodeBeans,
  decodeEnvelope,
  decodeEnvelopeResult,
  encodeBeanClaim,
  encodeBeanIssuer,
  encodeBeans,
  encodeEnvelope,
  encodeEnvelopeResult,
} from "./bean-records.ts";

const raw = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const u32 = fc.nat(0xffff_ffff);
const u64 = fc.maxSafeNat();
const organisation = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
const rebate = { account: raw(32), energy_Wh: u64 };
const envelopeRecord = fc.record({
  organisation,
  energy_Wh: u64,
  shares: u32,
  untilHeight: u64,
  left_Wh: u64,
  sharesLeft: u32,
});

/** Lawful for any value, and a verdict for any bytes. */
function expectLawful<T>(codec: {
  value: fc.Arbitrary<T>;
  encode: (value: T) => Uint8Array;
  decode: (bytes: Uint8Array) => Outcome<T>;
}): void {
  const { value, encode, decode } = codec;
  fc.assert(
    fc.property(value, fc.uint8Array({ maxLength: 120 }), (one, any) => {
      expect(decode(encode(one))).toEqual({ ok: true, value: one });
      expect(codecFault({ bytes: encode(one), encode, decode })).toBeUndefined();
      for (const bytes of [any, Uint8Array.of(1, ...any)]) {
        const decoded = decode(bytes);
        if (decoded.ok) expect(encode(decoded.value)).toEqual(bytes);
      }
    }),
    { numRuns: 40 },
  );
}

it("payloads of beans have one encoding, and any bytes get a verdict", () => {
  expectLawful({ value: fc.record(rebate), encode: encodeRebate, decode: decodeRebate });
  expectLawful({ value: u64, encode: encodeBeanOffer, decode: decodeBeanOffer });
  expectLawful({
    value: fc.record({ organisation, energy_Wh: u64, pricePerKWh: u64 }),
    encode: encodeBeanPurchase,
    decode: decodeBeanPurchase,
  });
  expectLawful({
    value: fc.record({ organisation, ...rebate }),
    encode: encodeBeanGift,
    decode: decodeBeanGift,
  });
  expectLawful({
    value: fc.record({ id: raw(16), energy_Wh: u64, shares: u32, untilHeight: u64 }),
    encode: encodeBeanEnvelope,
    decode: decodeBeanEnvelope,
  });
  expectLawful({ value: raw(16), encode: encodeEnvelopeName, decode: decodeEnvelopeName });
});

it("results and records of beans have one encoding, and any bytes get a verdict", () => {
  const movement = {
    organisation,
    ...rebate,
    amount: u64,
    envelopeId: fc.option(raw(16), { nil: undefined }),
  };
  expectLawful({
    value: fc.record(movement),
    encode: encodeBeanMovement,
    decode: decodeBeanMovement,
  });
  const issuer = { outstanding_Wh: u64, issued_Wh: u64, redeemed_Wh: u64, pricePerKWh: u64 };
  expectLawful({ value: fc.record(issuer), encode: encodeBeanIssuer, decode: decodeBeanIssuer });
  expectLawful({ value: envelopeRecord, encode: encodeEnvelope, decode: decodeEnvelope });
  expectLawful({ value: u64, encode: encodeBeanClaim, decode: decodeBeanClaim });
  expectLawful({
    value: fc.record({ id: raw(16), envelope: envelopeRecord }),
    encode: encodeEnvelopeResult,
    decode: decodeEnvelopeResult,
  });
});

it("a holder's beans stand once per issuer, in the order of the issuers' ids, none of nothing", () => {
  const holding = fc.record({ organisation, energy_Wh: fc.integer({ min: 1, max: 2 ** 40 }) });
  const value = fc
    .uniqueArray(holding, { selector: (one) => one.organisation, maxLength: 5 })
    .map((all) => all.sort((a, b) => (a.organisation < b.organisation ? -1 : 1)));
  expectLawful<readonly { organisation: string; energy_Wh: number }[]>({
    value,
    encode: encodeBeans,
    decode: decodeBeans,
  });
  const [a, b] = [
    { organisation: "a", energy_Wh: 1 },
    { organisation: "b", energy_Wh: 1 },
  ];
  expect(decodeBeans(encodeBeans([a, b])).ok).toBe(true);
  expect(decodeBeans(encodeBeans([b, a])).ok).toBe(false);
  expect(decodeBeans(encodeBeans([a, a])).ok).toBe(false);
  expect(decodeBeans(encodeBeans([{ ...a, energy_Wh: 0 }])).ok).toBe(false);
});
