import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Crypto, Signer } from "@voltfog/runtime";

/**
 * SHA-256 and strict RFC 8032 Ed25519 in plain JavaScript, for the browser. The same verdicts as
 * node-crypto on every signature that an honest signer can make; about a tenth of its speed.
 */
export const portableCrypto: Crypto = {
  sha256(...parts) {
    const hash = sha256.create();
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  verify({ publicKey, message, signature }) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    try {
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false; // A key or signature that is no point of the curve.
    }
  },
};

/** The signer of a private key in plain JavaScript: 32 bytes from a source of good randomness (RFC 8032 §5.1.5). */
export function portableSigner(seed: Uint8Array): Signer {
  const publicKey = ed25519.getPublicKey(seed);
  return { publicKey, sign: (message) => ed25519.sign(message, seed) };
}
