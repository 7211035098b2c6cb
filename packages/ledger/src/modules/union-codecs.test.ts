import type { Outcome } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codecFault } from "../testing/codec-laws.ts";
import { signerOf } from "../testing/consortium.ts";
import {
  decodeAgreement,
  decodeChargePointKey,
  decodeChargePointRequest,
  decodeDelegation,
  decodeFunding,
  decodeJoin,
  decodeLeave,
  decodePenalty,
  decodePromotion,
  decodeTariff,
  decodeTerms,
  encodeAgreement,
  encodeChargePointKey,
  encodeChargePointRequest,
  encodeDelegation,
  encodeFunding,
  encodeJoin,
  encodeLeave,
  encodePenalty,
  encodePromotion,
  encodeTariff,
  encodeTerms,
} from "./union-payloads.ts";
import { signChargePoint, signJoin, verifyChargePoint, verifyJoin } from "./union-possession.ts";
import {
  decodeChargePoint,
  decodeOperator,
  decodeUnion,
  encodeChargePoint,
  encodeOperator,
  encodeUnion,
} from "./union-records.ts";

const raw = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const organisation = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
const amount = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const count = fc.nat({ max: 2 ** 32 - 1 });
const ppm = fc.nat({ max: 1_000_000 });
const account = fc.oneof(raw(32), raw(20));
const price = fc.nat({ max: 1_000_000_000 });
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const tariff = fc.record({ pricePerKWh: price, sessionFee: price });
const terms = fc.record({
  rewardPerBlock: fc.nat({ max: 1_000_000_000 }),
  promotionSharePpm: ppm,
  poolSharePpm: ppm,
  depositMin: fc.maxSafeNat(),
});
const place = {
  pileId: fc.stringMatching(/^[A-Za-z0-9-]{1,36}$/),
  plugType: fc.integer({ min: 1, max: 7 }),
  power_W: count,
  latitude: fc.integer({ min: -90_000_000, max: 90_000_000 }),
  longitude: fc.integer({ min: -180_000_000, max: 180_000_000 }),
};

function law<T>(options: {
  values: fc.Arbitrary<T>;
  encode: (value: T) => Uint8Array;
  decode: (bytes: Uint8Array) => Outcome<T>;
}): void {
  const { encode, decode } = options;
  fc.assert(
    fc.property(options.values, (value) => {
      expect(codecFault({ bytes: encode(value), encode, decode })).toBeUndefined();
    }),
    { numRuns: 40 },
  );
}

describe("what is said about the union has exactly one form", () => {
  it("by its members", () => {
    const join = fc.record({ organisation, key: raw(32), deposit: amount, possession: raw(64) });
    law({ values: join, encode: encodeJoin, decode: decodeJoin });
    law({ values: fc.constant(undefined), encode: encodeLeave, decode: decodeLeave });
    const request = fc.record({ key: raw(32), ...place, possession: raw(64) });
    law({ values: request, encode: encodeChargePointRequest, decode: decodeChargePointRequest });
    law({ values: raw(32), encode: encodeChargePointKey, decode: decodeChargePointKey });
    const delegation = fc.record({ organisation, amount });
    law({ values: delegation, encode: encodeDelegation, decode: decodeDelegation });
    law({ values: amount, encode: encodeFunding, decode: decodeFunding });
  });

  it("by the authority", () => {
    const penalty = fc.record({ organisation, amount, reasonHash: raw(32) });
    law({ values: penalty, encode: encodePenalty, decode: decodePenalty });
    law({ values: tariff, encode: encodeTariff, decode: decodeTariff });
    law({ values: terms, encode: encodeTerms, decode: decodeTerms });
    const agreement = fc.record({ organisation, tariffHash: raw(32) });
    law({ values: agreement, encode: encodeAgreement, decode: decodeAgreement });
    const promotion = fc.record({ account, amount, reasonHash: raw(32) });
    law({ values: promotion, encode: encodePromotion, decode: decodePromotion });
  });

  it("by the state", () => {
    const union = fc.record({
      terms: optional(terms),
      tariff: optional(tariff),
      paidBlocks: fc.maxSafeNat(),
      unpaidBlocks: fc.maxSafeNat(),
    });
    law({ values: union, encode: encodeUnion, decode: decodeUnion });
    const operator = fc.record({
      key: raw(32),
      term: count,
      joinedHeight: amount,
      leftHeight: optional(amount),
      deposit: amount,
      penalties: amount,
      earned: amount,
      chargePoints: count,
      tariff: optional(tariff),
      proposedTariff: optional(tariff),
    });
    law({ values: operator, encode: encodeOperator, decode: decodeOperator });
    const point = fc.record({
      organisation,
      ...place,
      registeredHeight: amount,
      removedHeight: optional(amount),
    });
    law({ values: point, encode: encodeChargePoint, decode: decodeChargePoint });
  });
});

describe("absurd numbers", () => {
  it("are no price, no share and no place", () => {
    const dear = encodeTariff({ pricePerKWh: 1_000_000_001, sessionFee: 0 });
    expect(decodeTariff(dear).ok).toBe(false);
    const shares = { rewardPerBlock: 1, promotionSharePpm: 1, poolSharePpm: 1_000_001 };
    expect(decodeTerms(encodeTerms({ ...shares, depositMin: 0 })).ok).toBe(false);
    const key = new Uint8Array(32);
    const point = { pileId: "p", plugType: 1, power_W: 1, latitude: 90_000_001, longitude: 0 };
    const possession = new Uint8Array(64);
    const request = encodeChargePointRequest({ key, ...point, possession });
    expect(decodeChargePointRequest(request).ok).toBe(false);
  });
});

describe("a key's word", () => {
  const signer = signerOf("operator", crypto);
  const [chainId, otherChain] = [crypto.sha256(Uint8Array.of(1)), crypto.sha256(Uint8Array.of(2))];

  it("joins one organisation, once, with one deposit", () => {
    const said = { chainId, organisation: "north", deposit: 100, term: 1 };
    const join = signJoin({ ...said, signer });
    const verify = (change: object): boolean =>
      verifyJoin({ join, chainId, term: 1, crypto, ...change });
    expect(verify({})).toBe(true);
    expect(verify({ term: 2 })).toBe(false);
    expect(verify({ chainId: otherChain })).toBe(false);
    expect(verify({ join: { ...join, deposit: 101 } })).toBe(false);
    expect(verify({ join: { ...join, organisation: "south" } })).toBe(false);
  });

  it("meters one pile of one operator", () => {
    const point = { pileId: "P-1", plugType: 2, power_W: 50_000, latitude: 1, longitude: 2 };
    const request = signChargePoint({ chainId, organisation: "north", point, signer });
    const verify = (change: object): boolean =>
      verifyChargePoint({ request, chainId, organisation: "north", crypto, ...change });
    expect(verify({})).toBe(true);
    expect(verify({ organisation: "south" })).toBe(false);
    expect(verify({ chainId: otherChain })).toBe(false);
    expect(verify({ request: { ...request, pileId: "P-2" } })).toBe(false);
  });
});
