import type { Outcome } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codecFault } from "../testing/codec-laws.ts";
import { signerOf } from "../testing/consortium.ts";
import {
  decodeAuthorisation,
  decodeDispute,
  decodeMeterReading,
  decodeOfflineSettlement,
  decodeResolution,
  decodeSessionCount,
  decodeSessionName,
  decodeSettlement,
  decodeVoucher,
  encodeAuthorisation,
  encodeDispute,
  encodeMeterReading,
  encodeOfflineSettlement,
  encodeResolution,
  encodeSessionCount,
  encodeSessionName,
  encodeSettlement,
  encodeVoucher,
} from "./session-payloads.ts";
import {
  decodeSession,
  decodeSessionResult,
  encodeSession,
  encodeSessionResult,
  sessionStates,
  settlementKinds,
} from "./session-record.ts";
import { sessionIdOf, signVoucher, verifyVoucher } from "./session-voucher.ts";

const raw = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const u8 = fc.nat(255);
const u64 = fc.maxSafeNat();
const id = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });

const authorisation = {
  salt: raw(16),
  chargePoint: raw(32),
  plugType: u8,
  limitAmount: u64,
  limit_Wh: u64,
  expiry_ms: u64,
  beansOf: maybe(id),
};
const reading = { sessionId: raw(16), meter_Wh: u64, time_ms: u64 };
const voucher = fc.record({
  driver: raw(32),
  ...authorisation,
  pricePerKWh: u64,
  sessionFee: u64,
  signature: raw(64),
});
const session = fc.record({
  state: fc.constantFrom(...sessionStates),
  driver: raw(32),
  chargePoint: raw(32),
  organisation: id,
  plugType: u8,
  limitAmount: u64,
  limit_Wh: u64,
  expiry_ms: u64,
  pricePerKWh: u64,
  sessionFee: u64,
  authorised_ms: u64,
  heldBeans_Wh: u64,
  meter: maybe(fc.record({ start_ms: u64, start_Wh: u64, last_ms: u64, last_Wh: u64 })),
  settlement: maybe(
    fc.record({
      kind: fc.constantFrom(...settlementKinds),
      energy_Wh: u64,
      beans_Wh: u64,
      paid: u64,
      shortfall: u64,
      receiptHash: raw(32),
      height: u64,
      settled_ms: u64,
    }),
  ),
  dispute: maybe(
    fc.record({ vehicleEnergy_Wh: u64, evidenceHash: raw(32), held: u64, disputed_ms: u64 }),
  ),
  resolution: maybe(fc.record({ refund: u64, unpaid: u64, reasonHash: raw(32) })),
});

/** Lawful for any value, and a verdict for any bytes. */
function expectLawful<T>(codec: {
  value: fc.Arbitrary<T>;
  encode: (value: T) => Uint8Array;
  decode: (bytes: Uint8Array) => Outcome<T>;
}): void {
  const { value, encode, decode } = codec;
  fc.assert(
    fc.property(value, fc.uint8Array({ maxLength: 300 }), (one, any) => {
      expect(decode(encode(one))).toEqual({ ok: true, value: one });
      expect(codecFault({ bytes: encode(one), encode, decode })).toBeUndefined();
      const versioned = Uint8Array.of(1, ...any);
      const decoded = decode(versioned);
      if (decoded.ok) expect(encode(decoded.value)).toEqual(versioned);
      expect(decode(any).ok && any[0] !== 1).toBe(false);
    }),
    { numRuns: 40 },
  );
}

describe("payloads of sessions have one encoding, and any bytes get a verdict", () => {
  it("authorisation", () => {
    const value = fc.record(authorisation);
    expectLawful({ value, encode: encodeAuthorisation, decode: decodeAuthorisation });
  });

  it("reading and settlement", () => {
    const value = fc.record(reading);
    expectLawful({ value, encode: encodeMeterReading, decode: decodeMeterReading });
    const settlement = fc.record({ ...reading, receiptHash: raw(32) });
    expectLawful({ value: settlement, encode: encodeSettlement, decode: decodeSettlement });
  });

  it("voucher and settlement by voucher", () => {
    expectLawful({ value: voucher, encode: encodeVoucher, decode: decodeVoucher });
    const value = fc.record({
      voucher,
      start_ms: u64,
      start_Wh: u64,
      end_ms: u64,
      end_Wh: u64,
      receiptHash: raw(32),
    });
    expectLawful({ value, encode: encodeOfflineSettlement, decode: decodeOfflineSettlement });
  });

  it("name, dispute and resolution", () => {
    expectLawful({ value: raw(16), encode: encodeSessionName, decode: decodeSessionName });
    const dispute = { sessionId: raw(16), vehicleEnergy_Wh: u64, evidenceHash: raw(32) };
    expectLawful({ value: fc.record(dispute), encode: encodeDispute, decode: decodeDispute });
    const resolution = { sessionId: raw(16), refund: u64, reasonHash: raw(32) };
    const value = fc.record(resolution);
    expectLawful({ value, encode: encodeResolution, decode: decodeResolution });
    const times = { energy_Wh: u64, from_ms: u64, to_ms: u64 };
    const side = fc.constantFrom("given" as const, "received" as const);
    const statement = fc.record({ tradeId: raw(16), side, ...times, signature: raw(64) });
    const count = fc.record({ vehicle: raw(32), statement });
    expectLawful({ value: count, encode: encodeSessionCount, decode: decodeSessionCount });
  });

  it("record", () => {
    expectLawful({ value: session, encode: encodeSession, decode: decodeSession });
  });
});

describe("a result of the module", () => {
  it("names the session and says what became of it", () => {
    fc.assert(
      fc.property(raw(16), session, fc.uint8Array({ maxLength: 300 }), (sessionId, one, any) => {
        const result = { sessionId, session: one };
        expect(decodeSessionResult(encodeSessionResult(result))).toEqual({
          ok: true,
          value: result,
        });
        const decoded = decodeSessionResult(any);
        if (decoded.ok) expect(encodeSessionResult(decoded.value)).toEqual(any);
      }),
    );
  });
});

describe("a voucher", () => {
  it("is the driver's word for one chain, one charge point and one limit", () => {
    const driver = signerOf("driver", crypto);
    const chainId = crypto.sha256(Uint8Array.of(1));
    const terms = {
      salt: new Uint8Array(16).fill(1),
      chargePoint: new Uint8Array(32).fill(2),
      plugType: 2,
      limitAmount: 1,
      limit_Wh: 2,
      expiry_ms: 3,
      beansOf: undefined,
      pricePerKWh: 4,
      sessionFee: 5,
    };
    const signed = signVoucher({ chainId, terms, signer: driver });
    const holds = (over: object, chain: Uint8Array = chainId): boolean =>
      verifyVoucher({ voucher: { ...signed, ...over }, chainId: chain, crypto });
    expect(holds({})).toBe(true);
    expect(holds({}, crypto.sha256(Uint8Array.of(2)))).toBe(false);
    for (const over of [
      { chargePoint: new Uint8Array(32).fill(3) },
      { salt: new Uint8Array(16) },
      { limitAmount: 2 },
      { expiry_ms: 4 },
      { beansOf: "north" },
      { sessionFee: 6 },
      { driver: signerOf("other", crypto).publicKey },
    ]) {
      expect(holds(over)).toBe(false);
    }
  });

  it("and an authorisation of the same salt at the same charge point are one session", () => {
    const session = { driver: raw(32), chargePoint: raw(32), salt: raw(16) };
    fc.assert(
      fc.property(fc.record(session), raw(16), (one, salt) => {
        expect(sessionIdOf(one, crypto)).toEqual(sessionIdOf({ ...one }, crypto));
        expect(sessionIdOf(one, crypto)).toHaveLength(16);
        fc.pre(String(salt) !== String(one.salt));
        expect(sessionIdOf({ ...one, salt }, crypto)).not.toEqual(sessionIdOf(one, crypto));
      }),
    );
  });
});
