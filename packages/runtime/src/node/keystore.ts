import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  type ScryptOptions,
  scryptSync,
} from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { CodedError, messageOf } from "../coded-error.ts";
import { type Outcome, type Problem, refused } from "../outcome.ts";
import { replaceFileSync } from "./files.ts";

export interface KeystoreProblem extends Problem {
  readonly code: "KEYSTORE_DAMAGED" | "PASSPHRASE_WRONG";
  readonly detail: string;
}

/** 32 MiB and some 100 ms a try (RFC 7914 §2): a stolen file costs its thief that much for every guess. */
const cost = { N: 32_768, r: 8, p: 1 };
/** A file that asks for more is refused, so that none can take the machine's memory. */
const costMax = { N: 1_048_576, r: 16, p: 4 };
const textMax = 16_384;
const passphraseMax = 1024;
const domain = "voltfog/keystore/1\n";

/** What a keystore file says before it is opened. All of it is bound to the sealed key. */
interface KeystoreHead {
  readonly version: 1;
  readonly kind: string;
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly nonce: string;
}

/**
 * A private key of any kind sealed with a passphrase: JSON, scrypt (RFC 7914) for the key of AES-256-GCM
 * (NIST SP 800-38D). Nothing in the file is secret without the passphrase.
 */
export function sealKey(key: KeyObject, passphrase: string): string {
  const head: KeystoreHead = {
    version: 1,
    kind: kindOf(key),
    ...cost,
    salt: randomBytes(32).toString("hex"),
    nonce: randomBytes(12).toString("hex"),
  };
  const cipher = createCipheriv("aes-256-gcm", secretOf(head, passphrase), bytesOf(head.nonce));
  cipher.setAAD(Buffer.from(domain + JSON.stringify(head)));
  const plain = key.export({ format: "der", type: "pkcs8" });
  const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return `${JSON.stringify({ ...head, sealed: sealed.toString("hex") }, null, 2)}\n`;
}

/**
 * The key of a keystore file. KEYSTORE_DAMAGED where it is none or asks for too much; PASSPHRASE_WRONG
 * where it does not open, which a changed file does not either.
 */
export function openSealedKey(
  text: string,
  passphrase: string,
): Outcome<KeyObject, KeystoreProblem> {
  const read = readKeystore(text);
  if (read === undefined) {
    return refused({ code: "KEYSTORE_DAMAGED", detail: "it is no keystore of version 1" });
  }
  const { head, sealed } = read;
  try {
    const decipher = createDecipheriv(
      "aes-256-gcm",
      secretOf(head, passphrase),
      bytesOf(head.nonce),
      { authTagLength: 16 },
    );
    decipher.setAAD(Buffer.from(domain + JSON.stringify(head)));
    decipher.setAuthTag(sealed.subarray(-16));
    const key = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return { ok: true, value: createPrivateKey({ key, format: "der", type: "pkcs8" }) };
  } catch {
    return refused({ code: "PASSPHRASE_WRONG", detail: "it does not open with this passphrase" });
  }
}

/** Writes a sealed key, readable by its owner only. */
export function writeSealedKey(path: string, key: KeyObject, passphrase: string): void {
  replaceFileSync(path, sealKey(key, passphrase), { mode: 0o600 });
}

/** The key in a keystore file. KEYSTORE_DAMAGED or PASSPHRASE_WRONG, with the file's name. */
export function readSealedKey(path: string, passphrase: string): KeyObject {
  let detail: string;
  let code: KeystoreProblem["code"] = "KEYSTORE_DAMAGED";
  try {
    const opened = openSealedKey(readFileSync(path, "utf8"), passphrase);
    if (opened.ok) return opened.value;
    ({ code, detail } = opened.problem);
  } catch (thrown) {
    detail = messageOf(thrown);
  }
  const remedy =
    code === "PASSPHRASE_WRONG"
      ? "give the passphrase that the keystore was made with; a changed file does not open either"
      : "put the file back from where it is kept safe";
  throw new CodedError({ code, message: `${path}: ${detail}`, remedy });
}

/** Whether a file's text is a keystore's, as against a PEM key's. */
export function isKeystore(path: string): boolean {
  return existsSync(path) && readFileSync(path, "utf8").trimStart().startsWith("{");
}

/**
 * The passphrase of a keystore: the first line of a file where one is named, otherwise VOLTFOG_PASSPHRASE
 * of the environment. PASSPHRASE_MISSING.
 */
export function readPassphrase(options: {
  file: string;
  environment: Readonly<Record<string, string | undefined>>;
}): string {
  const { file, environment } = options;
  let passphrase = environment["VOLTFOG_PASSPHRASE"] ?? "";
  let reason = "no file of a passphrase is named, and VOLTFOG_PASSPHRASE is empty";
  if (file !== "") {
    try {
      passphrase = readFileSync(file, "utf8").split(/\r?\n/, 1)[0] ?? "";
      reason = `${file} is empty`;
    } catch (thrown) {
      passphrase = "";
      reason = messageOf(thrown);
    }
  }
  if (passphrase !== "" && passphrase.length <= passphraseMax) return passphrase;
  throw new CodedError({
    code: "PASSPHRASE_MISSING",
    message: `the keystore needs its passphrase: ${reason}`,
    remedy: "name a file that holds it in its first line, or set VOLTFOG_PASSPHRASE",
  });
}

function readKeystore(text: string): { head: KeystoreHead; sealed: Buffer } | undefined {
  if (text.length > textMax) return undefined;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, kind, N, r, p, salt, nonce, sealed, ...more } = (read ?? {}) as Readonly<
    Record<string, unknown>
  >;
  const isWhole =
    version === 1 &&
    typeof kind === "string" &&
    kind.length <= 32 &&
    Object.keys(more).length === 0;
  const isBounded =
    isCost(N, costMax.N) && (N & (N - 1)) === 0 && isCost(r, costMax.r) && isCost(p, costMax.p);
  if (!isWhole || !isBounded || !isHex(salt) || !isHex(nonce) || !isHex(sealed)) return undefined;
  if (bytesOf(nonce).length !== 12 || bytesOf(sealed).length <= 16) return undefined;
  return { head: { version, kind, N, r, p, salt, nonce }, sealed: bytesOf(sealed) };
}

function isCost(value: unknown, max: number): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max;
}

function isHex(value: unknown): value is string {
  return typeof value === "string" && /^(?:[0-9a-f]{2})+$/.test(value);
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex, "hex");
}

function secretOf({ N, r, p, salt }: KeystoreHead, passphrase: string): Buffer {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return scryptSync(passphrase.normalize("NFKC"), bytesOf(salt), 32, options);
}

function kindOf(key: KeyObject): string {
  const { namedCurve } = createPublicKey(key).asymmetricKeyDetails ?? {};
  return namedCurve ?? key.asymmetricKeyType ?? "unknown";
}
