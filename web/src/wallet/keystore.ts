import { scryptAsync } from "@noble/hashes/scrypt.js";
import { bytesOfHex, hex } from "../verification/hex.ts";

/** The same file as a process's keystore (packages/runtime/src/node/keystore.ts): each opens the other's. */
const domain = "voltfog/keystore/1\n";
/** 32 MiB and about half a second a try in a browser (RFC 7914 §2). */
const cost = { N: 32_768, r: 8, p: 1 };
/** A file that asks for more is refused, so that none can take the device's memory. */
const costMax = { N: 131_072, r: 16, p: 4 };
const textMax = 16_384;
/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410 §7). */
const pkcs8Start = "302e020100300506032b657004220420";

interface KeystoreHead {
  readonly version: 1;
  readonly kind: "ed25519";
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly nonce: string;
}

export type KeystoreProblem = "KEYSTORE_DAMAGED" | "PASSPHRASE_WRONG";

/** An Ed25519 seed of 32 bytes sealed with a passphrase: scrypt, then AES-256-GCM. Needs a secure context. */
export async function sealSeed(seed: Uint8Array, passphrase: string): Promise<string> {
  const head: KeystoreHead = {
    version: 1,
    kind: "ed25519",
    ...cost,
    salt: hex(crypto.getRandomValues(new Uint8Array(32))),
    nonce: hex(crypto.getRandomValues(new Uint8Array(12))),
  };
  const key = await secretOf(head, passphrase);
  const plain = bytesOf(pkcs8Start + hex(seed));
  const sealed = await crypto.subtle.encrypt(cipherOf(head), key, plain);
  return `${JSON.stringify({ ...head, sealed: hex(new Uint8Array(sealed)) }, null, 2)}\n`;
}

/** The seed in a keystore, or why it does not open. */
export async function openSealedSeed(
  text: string,
  passphrase: string,
): Promise<Uint8Array | KeystoreProblem> {
  const read = readKeystore(text);
  if (read === undefined) return "KEYSTORE_DAMAGED";
  try {
    const key = await secretOf(read.head, passphrase);
    const plain = await crypto.subtle.decrypt(cipherOf(read.head), key, read.sealed);
    const found = hex(new Uint8Array(plain));
    if (!found.startsWith(pkcs8Start) || found.length !== pkcs8Start.length + 64)
      return "KEYSTORE_DAMAGED";
    return bytesOf(found.slice(pkcs8Start.length));
  } catch {
    return "PASSPHRASE_WRONG";
  }
}

function readKeystore(
  text: string,
): { readonly head: KeystoreHead; readonly sealed: Uint8Array<ArrayBuffer> } | undefined {
  if (text.length > textMax) return undefined;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, kind, N, r, p, salt, nonce, sealed } = (read ?? {}) as Readonly<
    Record<string, unknown>
  >;
  if (version !== 1 || kind !== "ed25519") return undefined;
  if (!isCost(N, costMax.N) || (N & (N - 1)) !== 0) return undefined;
  if (!isCost(r, costMax.r) || !isCost(p, costMax.p)) return undefined;
  if (!isHex(salt, 64) || !isHex(nonce, 24) || !isHex(sealed, 128)) return undefined;
  return { head: { version, kind, N, r, p, salt, nonce }, sealed: bytesOf(sealed) };
}

async function secretOf({ N, r, p, salt }: KeystoreHead, passphrase: string): Promise<CryptoKey> {
  const options = { N, r, p, dkLen: 32, maxmem: 256 * N * r + 4096 };
  const secret = await scryptAsync(passphrase.normalize("NFKC"), bytesOf(salt), options);
  const usages: KeyUsage[] = ["encrypt", "decrypt"];
  return crypto.subtle.importKey("raw", Uint8Array.from(secret), "AES-GCM", false, usages);
}

function cipherOf(head: KeystoreHead): AesGcmParams {
  const additionalData = new TextEncoder().encode(domain + JSON.stringify(head));
  return { name: "AES-GCM", iv: bytesOf(head.nonce), additionalData, tagLength: 128 };
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytesOfHex(text) ?? []);
}

function isCost(value: unknown, max: number): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max;
}

function isHex(value: unknown, length: number): value is string {
  return typeof value === "string" && value.length === length && /^[0-9a-f]+$/.test(value);
}
