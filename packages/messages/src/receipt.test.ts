import { assert, ByteWriter, CodedError, type UnitId, utf8 } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { publishedSigner as signer } from "./node/published-signer.ts";
import {
  decodeReceipt,
  type OpenedReceipt,
  type Receipt,
  receiptMax_bytes,
  sealReceipt,
  verifyReceipt,
} from "./receipt.ts";
import { canonicalFaults, changed } from "./testing/canonical-faults.ts";

const { publicKey } = signer;
const entry = {
  stream: "urgent",
  sequence: 3,
  commitment: new Uint8Array(32).fill(7),
  index: 0,
} as const;
const receipt: Receipt = {
  unitId: "unit-1" as UnitId,
  keyId: new Uint8Array(16).fill(4),
  entries: [entry, { ...entry, stream: "telemetry", sequence: 2 ** 40, index: 2 ** 33 }],
  checkpoint: "voltfog/test/log/unit-1\n2\nAAAA\n\n— voltfog/test/log/unit-1 AAAA\n",
};
const seal = (value: Receipt): Uint8Array => sealReceipt({ receipt: value, signer });

/** Writes again what was read, from its fields. */
function encode({ keyId, signed, ...rest }: OpenedReceipt): Uint8Array {
  assert(keyId !== undefined && signed !== undefined, "version 1 is not written any more");
  return sealReceipt({
    receipt: { ...rest, keyId },
    signer: { publicKey, sign: () => signed.signature },
  });
}

/** As units wrote it before receipts were signed. */
function unsigned(): Uint8Array {
  return new ByteWriter()
    .u8(1)
    .text("unit-1")
    .u32(1)
    .u8(1)
    .u64(3)
    .raw(entry.commitment)
    .u64(0)
    .block(utf8("note"))
    .finish();
}

describe("a receipt", () => {
  it("has one encoding only, with entries and without", () => {
    for (const value of [receipt, { ...receipt, entries: [] }]) {
      const bytes = seal(value);
      expect(canonicalFaults({ bytes, decode: decodeReceipt, encode })).toEqual([]);
      expect(decodeReceipt(bytes)).toMatchObject({ ok: true, value });
    }
  });

  it("proves what it says: with any byte changed the unit has not signed it", () => {
    const bytes = seal(receipt);
    const verdict = (altered: Uint8Array): boolean => {
      const opened = decodeReceipt(altered);
      return opened.ok && verifyReceipt({ receipt: opened.value, publicKey, crypto });
    };
    expect(verdict(bytes)).toBe(true);
    for (let place = 0; place < bytes.length; place++) {
      expect(verdict(changed(bytes, place, 1)), `byte ${place}`).toBe(false);
    }
  });

  it("of version 1 is read, and proves nothing", () => {
    const opened = decodeReceipt(unsigned());
    assert(opened.ok, "version 1 is known");
    expect(opened.value).toEqual({
      unitId: "unit-1",
      keyId: undefined,
      entries: [entry],
      checkpoint: "note",
      signed: undefined,
    });
    expect(verifyReceipt({ receipt: opened.value, publicKey, crypto })).toBe(false);
    expect(decodeReceipt(Uint8Array.of(...unsigned(), 0)).ok).toBe(false);
    expect(decodeReceipt(changed(unsigned(), 0, 2)).ok).toBe(false);
  });

  it("keeps a byte order mark in the note, which would be a second encoding of it otherwise", () => {
    const value = { ...receipt, checkpoint: "\uFEFFnote" };
    expect(decodeReceipt(seal(value))).toMatchObject({ ok: true, value });
  });

  it("carries 1024 entries and a note of 4096 bytes, and no more", () => {
    const entries = Array.from({ length: 1024 }, () => entry);
    const checkpoint = "x".repeat(4096);
    const full = seal({ ...receipt, entries, checkpoint });
    expect(decodeReceipt(full).ok).toBe(true);
    expect(full.length).toBeLessThanOrEqual(receiptMax_bytes);
    expect(() => seal({ ...receipt, entries: [...entries, entry] })).toThrow(CodedError);
    expect(() => seal({ ...receipt, checkpoint: `${checkpoint}x` })).toThrow(CodedError);
    expect(() => seal({ ...receipt, keyId: new Uint8Array(15) })).toThrow(CodedError);
  });

  it("refuses a claim of a billion entries without making room for them", () => {
    const bytes = seal({ ...receipt, entries: [] });
    bytes.set([0x3b, 0x9a, 0xca, 0x00], 24);
    expect(decodeReceipt(bytes)).toMatchObject({ ok: false, problem: { code: "MALFORMED" } });
  });

  it("gets a verdict for any bytes, and none is taken that writing would not give", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodeReceipt(bytes);
        if (decoded.ok && decoded.value.signed) expect(encode(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});
