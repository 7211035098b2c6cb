import type { Crypto, Signer } from "@voltfog/runtime";

/**
 * Stand-ins for SHA-256 and Ed25519 that cost about a tenth of a microsecond. Nobody in a simulation
 * forges, so all they must do is differ when the content differs. Mixing after FNV-1a (public domain).
 */
export const simulatedCrypto: Crypto = {
  sha256: (...parts) => spread({ parts, seed: 0, length_bytes: 32 }),
  verify({ publicKey, message, signature }) {
    const expected = spread({ parts: [publicKey, message], seed: 1, length_bytes: 64 });
    for (let i = 0; i < 8; i++) if (expected[i] !== signature[i]) return false;
    return signature.length === 64;
  },
};

export function simulatedSigner(voter: number): Signer {
  const publicKey = new Uint8Array(32).fill(voter + 1);
  return {
    publicKey,
    sign: (message) => spread({ parts: [publicKey, message], seed: 1, length_bytes: 64 }),
  };
}

/** A running 32-bit fingerprint, for the trace of a run. */
export function mix(hash: number, value: number): number {
  let mixed = Math.imul(hash ^ value, 0x01000193);
  mixed ^= mixed >>> 15;
  return Math.imul(mixed, 0x2c1b3c6d) >>> 0;
}

function spread(options: {
  parts: readonly Uint8Array[];
  seed: number;
  length_bytes: number;
}): Uint8Array {
  let low = 0x811c9dc5 ^ options.seed;
  let high = 0xc9dc5118 ^ options.seed;
  for (const part of options.parts) {
    for (let i = 0; i < part.length; i++) {
      const byte = part[i] ?? 0;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x85ebca6b) + low;
    }
  }
  const out = new Uint8Array(options.length_bytes);
  const view = new DataView(out.buffer);
  view.setUint32(0, mix(low, high));
  view.setUint32(4, mix(high, low));
  return out;
}
