import { secp256k1 } from "@noble/curves/secp256k1.js";
import { equalBytes, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { exampleRing } from "./example-ring.ts";
import {
  decodeRingSignature,
  encodeRingSignature,
  isRingKey,
  type RingSignature,
  type RingStatement,
  ringKeyOf,
  signRing,
  verifyRing,
} from "./ring-signature.ts";

// Curve arithmetic in JavaScript: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const secrets = Array.from({ length: 5 }, (_, i) => crypto.sha256(Uint8Array.of(i)));
const ring = secrets.map(ringKeyOf);
const outsider = crypto.sha256(Uint8Array.of(99));

function stated(over: Partial<RingStatement> = {}): RingStatement {
  return { ring, context: Uint8Array.of(1), message: Uint8Array.of(2), ...over };
}

function signed(secret: Uint8Array, statement: RingStatement = stated()): RingSignature {
  const signature = signRing({ statement, secret, crypto });
  if (signature === undefined) throw new Error("a member signs");
  return signature;
}

const verify = (signature: RingSignature, statement: RingStatement = stated()): boolean =>
  verifyRing({ statement, signature, crypto });

const first = secrets[0] ?? new Uint8Array();
const second = secrets[1] ?? new Uint8Array();

describe("a ring signature", () => {
  it("of any member of any ring is good, and says the same of each", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.nat(4),
        fc.uint8Array(),
        (size, who, message) => {
          const own = secrets[who % size] ?? new Uint8Array();
          const statement = stated({ ring: ring.slice(0, size), message });
          const signature = signed(own, statement);
          expect(verify(signature, statement)).toBe(true);
          expect(signature.responses).toHaveLength(size);
        },
      ),
      { numRuns: 10 },
    );
  });

  it("is not made by who is no member, and not good for another ring, context or message", () => {
    expect(signRing({ statement: stated(), secret: outsider, crypto })).toBeUndefined();
    const signature = signed(first);
    expect(verify(signature, stated({ message: Uint8Array.of(3) }))).toBe(false);
    expect(verify(signature, stated({ context: Uint8Array.of(3) }))).toBe(false);
    const [a, b, ...rest] = ring;
    if (a === undefined || b === undefined) throw new Error("there are keys");
    expect(verify(signature, stated({ ring: [b, a, ...rest] }))).toBe(false);
    expect(verify(signature, stated({ ring: [ringKeyOf(outsider), b, ...rest] }))).toBe(false);
    expect(verify(signature, stated({ ring: ring.slice(1) }))).toBe(false);
    expect(verify(signature, stated({ ring: [] }))).toBe(false);
  });

  it("shows one image per key and context, whatever the ring and the message", () => {
    const one = signed(first).image;
    const other = stated({ ring: ring.slice(0, 2), message: Uint8Array.of(7) });
    expect(equalBytes(signed(first, other).image, one)).toBe(true);
    expect(equalBytes(signed(second).image, one)).toBe(false);
    const elsewhere = stated({ context: Uint8Array.of(9) });
    expect(equalBytes(signed(first, elsewhere).image, one)).toBe(false);
  });

  it("cannot be given another image: that of another key, its negative or nothing at all", () => {
    const signature = signed(first);
    expect(verify({ ...signature, image: signed(second).image })).toBe(false);
    const negative = signature.image.slice();
    negative[0] = negative[0] === 2 ? 3 : 2;
    expect(verify({ ...signature, image: negative })).toBe(false);
    expect(verify({ ...signature, image: new Uint8Array(33) })).toBe(false);
  });

  it("has one form: a response or challenge above the order is refused", () => {
    const signature = signed(first);
    const { ORDER } = secp256k1.Point.Fn;
    const value = BigInt(`0x${toHex(signature.challenge)}`);
    const above = value + ORDER;
    // Seldom below 2^256: then the second form cannot be written at all.
    const hex = above.toString(16).padStart(64, "0");
    expect(hex.length > 64 || !verify({ ...signature, challenge: bytesOf(hex) })).toBe(true);
    const order = bytesOf(ORDER.toString(16));
    expect(verify({ ...signature, challenge: order })).toBe(false);
    const responses = [order, ...signature.responses.slice(1)];
    expect(verify({ ...signature, responses })).toBe(false);
  });

  it("breaks with any bit that is changed", () => {
    const bytes = encodeRingSignature(signed(second));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (place, bit) => {
        const changed = bytes.slice();
        changed[place] = (changed[place] ?? 0) ^ (1 << bit);
        const decoded = decodeRingSignature(changed);
        expect(decoded.ok && verify(decoded.value)).toBe(false);
      }),
      { numRuns: 12 },
    );
  });

  it("stays what it was: vectors of this construction", () => {
    const { statement, signature } = exampleRing({ size: 3, crypto });
    if (signature === undefined) throw new Error("a member signs");
    expect(verify(signature, statement)).toBe(true);
    expect(toHex(signature.image)).toBe(
      "024ef64ca496a8f018ac65a3961bb1fc8fe074fcdea29c23468085571b1d971c26",
    );
    expect(toHex(crypto.sha256(encodeRingSignature(signature)))).toBe(
      "56c34bfffbaabd166f392ba044176cc72b22befd1f4d1980099b3f8fcc289b77",
    );
  });
});

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  );
}

describe("bytes from outside", () => {
  it("get a verdict, as signatures and as keys", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), (bytes) => {
        const decoded = decodeRingSignature(bytes);
        if (decoded.ok) expect(encodeRingSignature(decoded.value)).toEqual(bytes);
        if (bytes.length !== 33) expect(isRingKey(bytes)).toBe(false);
      }),
    );
    expect(ring.every(isRingKey)).toBe(true);
    expect(isRingKey(new Uint8Array(33))).toBe(false);
    const off = new Uint8Array(33).fill(255);
    off[0] = 2;
    expect(isRingKey(off)).toBe(false);
  });
});
