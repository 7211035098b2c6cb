import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { CodedError, messageOf } from "../coded-error.ts";
import type { Signer } from "../crypto.ts";
import { replaceFileSync } from "./files.ts";

/** The signer of an Ed25519 private key in PKCS #8 PEM. KEY_UNREADABLE when there is none. */
export function loadSigningKey(path: string): Signer {
  try {
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType !== "ed25519")
      throw new Error(`holds a ${key.asymmetricKeyType} key`);
    return signerOf(key);
  } catch (thrown) {
    throw new CodedError({
      code: "KEY_UNREADABLE",
      message: `${path}: ${messageOf(thrown)}`,
      remedy: "name a readable Ed25519 key file in PKCS #8 PEM",
    });
  }
}

/** Makes a new Ed25519 key, writes it readable by its owner only, and gives its signer. */
export function createSigningKey(path: string): Signer {
  const { privateKey } = generateKeyPairSync("ed25519");
  replaceFileSync(path, privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600 });
  return signerOf(privateKey);
}

/** PKCS #8 of an Ed25519 private key up to its 32 bytes (RFC 8410 §7). */
const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex");

/** The signer of a 32-byte Ed25519 seed (RFC 8032 §5.1.5). */
export function signerOfSeed(seed: Uint8Array): Signer {
  const key = Buffer.concat([pkcs8Head, seed]);
  return signerOf(createPrivateKey({ key, format: "der", type: "pkcs8" }));
}

/** The signer of an Ed25519 private key. */
export function signerOf(key: KeyObject): Signer {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(spki.length - 32)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}
