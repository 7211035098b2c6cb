import {
  ByteWriter,
  type Crypto,
  concatBytes,
  equalBytes,
  type Signer,
  toHex,
  utf8,
} from "@voltfog/runtime";
import { fromBase64, toBase64 } from "./base64.ts";
import { isKeyName, type NoteKey, noteParts } from "./signed-note.ts";

/** C2SP tlog-cosignature: timestamped Ed25519 signatures (type 0x04). */
const cosignatureType = 0x04;
const signature_bytes = 72;

/** A cosigner's word: it saw this checkpoint, consistent with all before it, at this time. */
export interface Cosignature {
  readonly name: string;
  /** Unix time in seconds, by the cosigner's clock. */
  readonly time_s: number;
}

/** The name of a validator's cosigner key. */
export function cosignerName(chain: string, validatorId: string): string {
  return `voltfog/${chain}/validator/${validatorId}`;
}

/** The key id of a cosigner is not that of the same key as a log's: the type is part of it. */
function keyIdOf(key: NoteKey, crypto: Crypto): Uint8Array {
  const type = Uint8Array.of(0x0a, cosignatureType);
  return crypto.sha256(utf8(key.name), type, key.publicKey).subarray(0, 4);
}

/** What a cosigner signs: a line for the purpose, a line for the time, and the checkpoint's text. */
export function cosignatureMessage(o: { text: string; time_s: number }): Uint8Array {
  return utf8(`cosignature/v1\ntime ${o.time_s}\n${o.text}`);
}

/** The note with one more signature line. The cosigner has checked that the log grew consistently. */
export function addCosignature(o: {
  note: string;
  name: string;
  signer: Signer;
  time_s: number;
  crypto: Crypto;
}): string {
  const { time_s, name, signer } = o;
  const text = noteParts(o.note)?.text ?? "";
  const keyId = keyIdOf({ name, publicKey: signer.publicKey }, o.crypto);
  const time = new ByteWriter().u64(time_s).finish();
  const signature = signer.sign(cosignatureMessage({ text, time_s }));
  return `${o.note}— ${name} ${toBase64(concatBytes(keyId, time, signature))}\n`;
}

/**
 * Who of these cosigners signed the note. Lines of others, of other types and malformed times are
 * passed over, as the format wants; a wrong signature of a known cosigner counts for nothing either.
 * The log's own signature is not looked at.
 */
export function verifyCosignatures(o: {
  note: string;
  cosigners: readonly NoteKey[];
  crypto: Crypto;
}): readonly Cosignature[] {
  const parts = noteParts(o.note);
  if (parts === undefined) return [];
  const found: Cosignature[] = [];
  for (const { name, keyHash, bytes } of parts.signatures) {
    const key = o.cosigners.find(
      (one) => one.name === name && equalBytes(keyIdOf(one, o.crypto), keyHash),
    );
    if (key === undefined || bytes.length !== signature_bytes) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const time_s = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
    const isGood =
      Number.isSafeInteger(time_s) &&
      o.crypto.verify({
        publicKey: key.publicKey,
        message: cosignatureMessage({ text: parts.text, time_s }),
        signature: bytes.subarray(8),
      });
    if (isGood && !found.some((one) => one.name === name)) found.push({ name, time_s });
  }
  return found;
}

/** One line: name+key id+base64(0x04 and key), as clients of witnesses are configured. */
export function encodeCosignerKey(key: NoteKey, crypto: Crypto): string {
  const typed = concatBytes(Uint8Array.of(cosignatureType), key.publicKey);
  return `${key.name}+${toHex(keyIdOf(key, crypto))}+${toBase64(typed)}`;
}

/** The key of such a line; undefined for any other text. */
export function parseCosignerKey(text: string, crypto: Crypto): NoteKey | undefined {
  const [, name = "", encoded = ""] = /^([^+]+)\+[0-9a-f]{8}\+(.+)$/.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || bytes?.length !== 33 || bytes[0] !== cosignatureType) return undefined;
  const key = { name, publicKey: bytes.subarray(1) };
  return encodeCosignerKey(key, crypto) === text ? key : undefined;
}
