import { concatBytes, utf8 } from "@voltfog/runtime";
import { blst, type PublicKey, type SecretKey } from "./blst.ts";

/** A validator's BLS key as it is registered: 48 bytes, and 96 that prove who owns it. */
export interface RegisteredKey {
  readonly publicKey: Uint8Array;
  readonly proof: Uint8Array;
}

export const registeredKey_bytes: number = 48 + 96;

// The library signs under one ciphersuite only, so that the proof's own domain is its first bytes: no
// other message of this bench begins with them.
const domain = utf8("voltfog-bench/possession/1\n");

export function registrationOf(secret: SecretKey): RegisteredKey {
  const publicKey = secret.toPublicKey().toBytes();
  return { publicKey, proof: secret.sign(concatBytes(domain, publicKey)).toBytes() };
}

/**
 * The key, once its owner has proved to have the secret: without that, a key made of others' keys would
 * let one sign for all (Ristenpart and Yilek 2007). Undefined otherwise.
 */
export function admittedKey({ publicKey, proof }: RegisteredKey): PublicKey | undefined {
  try {
    const key = blst.PublicKey.fromBytes(publicKey, true);
    const signature = blst.Signature.fromBytes(proof, true);
    return blst.verify(concatBytes(domain, publicKey), key, signature) ? key : undefined;
  } catch {
    return undefined;
  }
}
