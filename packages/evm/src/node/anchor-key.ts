import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { CodedError, messageOf, toHex } from "@voltfog/runtime";
import { isKeystore, readSealedKey, replaceFileSync, writeSealedKey } from "@voltfog/runtime/node";
import { computeAddress, SigningKey } from "ethers";

/**
 * A secp256k1 private key in PKCS #8 PEM, or in a keystore that the passphrase opens. KEY_UNREADABLE when
 * there is none, KEYSTORE_DAMAGED, PASSPHRASE_WRONG.
 */
export function loadAnchorKey(path: string, passphrase?: string): SigningKey {
  if (passphrase !== undefined && isKeystore(path)) {
    return signingKeyOf(readSealedKey(path, passphrase), path);
  }
  try {
    return signingKeyOf(createPrivateKey(readFileSync(path)), path);
  } catch (thrown) {
    throw unreadable(path, messageOf(thrown));
  }
}

/** Makes a new secp256k1 key and writes it readable by its owner only; a keystore where a passphrase is given. */
export function createAnchorKey(path: string, passphrase?: string): SigningKey {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  if (passphrase !== undefined) writeSealedKey(path, privateKey, passphrase);
  else {
    const pem = privateKey.export({ format: "pem", type: "pkcs8" });
    replaceFileSync(path, pem, { mode: 0o600 });
  }
  return signingKeyOf(privateKey, path);
}

function signingKeyOf(key: KeyObject, path: string): SigningKey {
  const { crv, d } = key.export({ format: "jwk" });
  if (crv !== "secp256k1" || d === undefined) throw unreadable(path, "holds no secp256k1 key");
  return new SigningKey(`0x${toHex(Buffer.from(d, "base64url"))}`);
}

function unreadable(path: string, reason: string): CodedError {
  return new CodedError({
    code: "KEY_UNREADABLE",
    message: reason.includes(path) ? reason : `${path}: ${reason}`,
    remedy: "name a readable secp256k1 key (voltfog anchor key makes one)",
  });
}

/** The key's Ethereum address, with checksum. */
export function addressOf(key: SigningKey): string {
  return computeAddress(key);
}
