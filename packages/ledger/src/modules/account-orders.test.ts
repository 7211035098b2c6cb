import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, it } from "vitest";
import { codecFault } from "../testing/codec-laws.ts";
import { signerOf } from "../testing/consortium.ts";
import {
  decodeHolder,
  decodeOpening,
  encodeHolder,
  encodeOpening,
  handleHashOf,
  signOpening,
  verifyOpening,
} from "./account-holders.ts";
import {
  decodeAdjustment,
  decodeDeposit,
  decodeSuspension,
  decodeWithdrawalOrder,
  encodeAdjustment,
  encodeDeposit,
  encodeSuspension,
  encodeWithdrawalOrder,
} from "./account-orders.ts";
import { decodeWithdrawal, encodeWithdrawal } from "./account-transit.ts";

const raw = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const account = fc.oneof(raw(32), raw(20));
const amount = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const goal = fc.oneof(
  fc.record({ kind: fc.constant("desk" as const) }),
  fc.record({ kind: fc.constant("ethereum" as const), address: raw(20) }),
  fc.record({ kind: fc.constant("vault" as const), vault: raw(32), address: raw(20) }),
);

it("every order and record about accounts has exactly one form", () => {
  const bytes = fc.oneof(
    fc.record({ account, amount, depositId: raw(32) }).map((value) => ({
      bytes: encodeDeposit(value),
      fault: (form: Uint8Array) =>
        codecFault({ bytes: form, encode: encodeDeposit, decode: decodeDeposit }),
    })),
    fc.record({ amount, goal }).map((value) => ({
      bytes: encodeWithdrawalOrder(value),
      fault: (form: Uint8Array) =>
        codecFault({ bytes: form, encode: encodeWithdrawalOrder, decode: decodeWithdrawalOrder }),
    })),
    fc.record({ key: raw(32), reasonHash: raw(32) }).map((value) => ({
      bytes: encodeSuspension(value),
      fault: (form: Uint8Array) =>
        codecFault({ bytes: form, encode: encodeSuspension, decode: decodeSuspension }),
    })),
    fc
      .record({
        account,
        sign: fc.constantFrom("plus" as const, "minus" as const),
        amount,
        reasonHash: raw(32),
      })
      .map((value) => ({
        bytes: encodeAdjustment(value),
        fault: (form: Uint8Array) =>
          codecFault({ bytes: form, encode: encodeAdjustment, decode: decodeAdjustment }),
      })),
    fc.record({ key: raw(32), handleHash: raw(32), possession: raw(64) }).map((value) => ({
      bytes: encodeOpening(value),
      fault: (form: Uint8Array) =>
        codecFault({ bytes: form, encode: encodeOpening, decode: decodeOpening }),
    })),
    fc
      .record({
        handleHash: raw(32),
        openedHeight: amount,
        suspended: fc.option(fc.record({ height: amount, reasonHash: raw(32) }), {
          nil: undefined,
        }),
      })
      .map((value) => ({
        bytes: encodeHolder(value),
        fault: (form: Uint8Array) =>
          codecFault({ bytes: form, encode: encodeHolder, decode: decodeHolder }),
      })),
    fc.record({ number: amount, account, goal, amount, height: amount }).map((value) => ({
      bytes: encodeWithdrawal(value),
      fault: (form: Uint8Array) =>
        codecFault({ bytes: form, encode: encodeWithdrawal, decode: decodeWithdrawal }),
    })),
  );
  fc.assert(
    fc.property(bytes, (one) => {
      expect(one.fault(one.bytes)).toBeUndefined();
    }),
  );
});

it("an opening holds on its own chain, for its own handle and key only", () => {
  const signer = signerOf("ada", crypto);
  const chainId = crypto.sha256(Uint8Array.of(1));
  const handleHash = handleHashOf("ada-7", crypto);
  const opening = signOpening({ chainId, handleHash, signer });
  expect(verifyOpening({ opening, chainId, crypto })).toBe(true);
  const other = handleHashOf("ada-8", crypto);
  expect(verifyOpening({ opening, chainId: other, crypto })).toBe(false);
  expect(verifyOpening({ opening: { ...opening, handleHash: other }, chainId, crypto })).toBe(
    false,
  );
  const key = signerOf("ben", crypto).publicKey;
  expect(verifyOpening({ opening: { ...opening, key }, chainId, crypto })).toBe(false);
});
