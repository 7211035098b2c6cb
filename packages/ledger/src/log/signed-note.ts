import {
  accepted,
  type Crypto,
  concatBytes,
  equalBytes,
  type Outcome,
  type Problem,
  refused,
  type Signer,
  toHex,
  utf8,
} from "@voltfog/runtime";
import { fromBase64, toBase64 } from "./base64.ts";

/** C2SP signed-note, Ed25519 signatures (type 0x01) only; signatures of other keys are passed over. */
const ed25519 = 0x01;
const signaturesMax = 64;
const noteMax_bytes = 16_384;

export interface NoteKey {
  readonly name: string;
  readonly publicKey: Uint8Array;
}

export interface NoteProblem extends Problem {
  readonly code: "NOTE_MALFORMED" | "NOTE_UNSIGNED" | "SIGNATURE_INVALID";
  readonly detail: string;
}

/** SHA-256(name ‖ newline ‖ 0x01 ‖ public key); its first four bytes are the note's key hash. */
export function noteKeyHash(o: NoteKey & { crypto: Crypto }): Uint8Array {
  return o.crypto.sha256(utf8(o.name), Uint8Array.of(0x0a, ed25519), o.publicKey);
}

/** Text that ends in a newline, a blank line, and one signature line. */
export function signNote(o: {
  text: string;
  name: string;
  signer: Signer;
  crypto: Crypto;
}): string {
  const keyHash = noteKeyHash({ name: o.name, publicKey: o.signer.publicKey, crypto: o.crypto });
  const signature = concatBytes(keyHash.subarray(0, 4), o.signer.sign(utf8(o.text)));
  return `${o.text}\n— ${o.name} ${toBase64(signature)}\n`;
}

/** The text of a note that the key signed. Signatures of unknown keys are ignored, as the format wants. */
export function openNote(o: {
  note: string;
  key: NoteKey;
  crypto: Crypto;
}): Outcome<{ text: string }, NoteProblem> {
  const parts = splitNote(o.note);
  if (parts === undefined) return malformed("the note is not text, a blank line and signatures");
  const keyHash = noteKeyHash({ ...o.key, crypto: o.crypto }).subarray(0, 4);
  let signed = false;
  for (const line of parts.signatures) {
    const signature = parseSignature(line);
    if (signature === undefined) return malformed("a signature line is malformed");
    if (signature.name !== o.key.name || !equalBytes(signature.keyHash, keyHash)) continue;
    const good = o.crypto.verify({
      publicKey: o.key.publicKey,
      message: utf8(parts.text),
      signature: signature.bytes,
    });
    if (!good) {
      return refused({ code: "SIGNATURE_INVALID", detail: `signature of ${o.key.name} is wrong` });
    }
    signed = true;
  }
  if (signed) return accepted({ text: parts.text });
  return refused({ code: "NOTE_UNSIGNED", detail: `no signature of ${o.key.name}` });
}

/** One line: name+hash+base64(type and key), as Go's sumdb/note writes verifier keys. */
export function encodeVerifierKey(key: NoteKey, crypto: Crypto): string {
  const hash = toHex(noteKeyHash({ ...key, crypto }).subarray(0, 4));
  return `${key.name}+${hash}+${toBase64(concatBytes(Uint8Array.of(ed25519), key.publicKey))}`;
}

export function parseVerifierKey(text: string, crypto: Crypto): Outcome<NoteKey, NoteProblem> {
  const [, name = "", , encoded = ""] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || bytes?.length !== 33 || bytes[0] !== ed25519) {
    return malformed("not a verifier key of an Ed25519 note key");
  }
  const key = { name, publicKey: bytes.subarray(1) };
  return encodeVerifierKey(key, crypto) === text
    ? accepted(key)
    : malformed("the verifier key's hash is not that of its name and key");
}

/** Key names hold no spaces, no plus and no control characters. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && !/[\s+\p{Cc}\p{Surrogate}]/u.test(name);
}

/** One signature line: whose it says it is, and what follows the key's hash. */
export interface NoteSignature {
  readonly name: string;
  readonly keyHash: Uint8Array;
  readonly bytes: Uint8Array;
}

/** A note's text and its signatures, none of them verified; undefined where it is no note. */
export function noteParts(
  note: string,
): { readonly text: string; readonly signatures: readonly NoteSignature[] } | undefined {
  const parts = splitNote(note);
  if (parts === undefined) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of parts.signatures) {
    const signature = parseSignature(line);
    if (signature === undefined) return undefined;
    signatures.push(signature);
  }
  return { text: parts.text, signatures };
}

function splitNote(note: string): { text: string; signatures: string[] } | undefined {
  if (note.length > noteMax_bytes || /\p{Surrogate}/u.test(note)) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note) || !note.endsWith("\n")) return undefined;
  const blank = note.lastIndexOf("\n\n");
  if (blank < 0) return undefined;
  const signatures = note.slice(blank + 2, -1).split("\n");
  if (signatures.length > signaturesMax) return undefined;
  return { text: note.slice(0, blank + 1), signatures };
}

function parseSignature(line: string): NoteSignature | undefined {
  const [, name = "", encoded = ""] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || bytes === undefined || bytes.length < 5) return undefined;
  return { name, keyHash: bytes.subarray(0, 4), bytes: bytes.subarray(4) };
}

function malformed(detail: string): Outcome<never, NoteProblem> {
  return refused({ code: "NOTE_MALFORMED", detail });
}
