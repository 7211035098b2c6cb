import { utf8 } from "@voltfog/runtime";
import { nodeCrypto, signerOfSeed } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { portableCrypto, portableSigner } from "./portable-crypto.ts";
import { signerOf } from "./testing/consortium.ts";

// Thousands of signatures and hashes: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const signer = signerOf("signer", nodeCrypto);
const { publicKey } = signer;

describe("the portable crypto", () => {
  it("hashes like node's", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (parts) => {
        expect(portableCrypto.sha256(...parts)).toEqual(nodeCrypto.sha256(...parts));
      }),
    );
  });

  it("signs as node does", () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, fc.uint8Array(), (seed, message) => {
        const [portable, node] = [portableSigner(seed), signerOfSeed(seed)];
        expect(portable.publicKey).toEqual(new Uint8Array(node.publicKey));
        expect(portable.sign(message)).toEqual(new Uint8Array(node.sign(message)));
      }),
      { numRuns: 30 },
    );
  });

  it("gives node's verdict on good and altered signatures", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(63), fc.nat(255), (message, i, mask) => {
        const signature = signer.sign(message);
        signature[i] = (signature[i] ?? 0) ^ mask;
        const signed = { publicKey, message, signature };
        expect(portableCrypto.verify(signed)).toBe(mask === 0);
        expect(nodeCrypto.verify(signed)).toBe(mask === 0);
      }),
      { numRuns: 60 },
    );
  });

  it("refuses the second form of a signature that adds the group order", () => {
    const message = utf8("message");
    const signature = signer.sign(message);
    // L = 2^252 + 27742317777372353535851937790883648493, RFC 8032 §5.1.
    let rest = 2n ** 252n + 27742317777372353535851937790883648493n;
    let carry = 0n;
    for (let i = 32; i < 64; i++) {
      const sum = BigInt(signature[i] ?? 0) + (rest & 255n) + carry;
      signature[i] = Number(sum & 255n);
      carry = sum >> 8n;
      rest >>= 8n;
    }
    expect(portableCrypto.verify({ publicKey, message, signature })).toBe(false);
    expect(nodeCrypto.verify({ publicKey, message, signature })).toBe(false);
  });

  it("gives false, and never throws, for malformed keys and signatures", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 70 }),
        fc.uint8Array({ maxLength: 70 }),
        (key, other) => {
          const message = utf8("message");
          expect(portableCrypto.verify({ publicKey: key, message, signature: other })).toBe(false);
        },
      ),
    );
    const message = utf8("message");
    for (const byte of [0, 0xff]) {
      const odd = new Uint8Array(32).fill(byte);
      const signature = signer.sign(message);
      expect(portableCrypto.verify({ publicKey: odd, message, signature })).toBe(false);
    }
  });
});
