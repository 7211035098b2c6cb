import {
  accepted,
  type ByteReader,
  type Crypto,
  concatBytes,
  decodeBytes,
  type Outcome,
  refused,
  type Signer,
  utf8,
} from "@voltfog/runtime";
import { bytesOfLength } from "./encodable.ts";

export interface SignedMessageProblem {
  readonly code: "MALFORMED" | "SIGNATURE_INVALID";
  readonly detail: string;
}

const signature_bytes = 64;

/** The body, then the signature over the domain and the body. */
export function sealMessage(options: {
  domain: string;
  body: Uint8Array;
  signer: Signer;
}): Uint8Array {
  const signature = options.signer.sign(concatBytes(utf8(options.domain), options.body));
  return concatBytes(options.body, bytesOfLength("signature", signature, signature_bytes));
}

/** Reads the body strictly, then checks the signature; nothing unsigned is ever returned. */
export function openMessage<T>(options: {
  domain: string;
  bytes: Uint8Array;
  publicKey: Uint8Array;
  crypto: Crypto;
  read: (reader: ByteReader) => T;
}): Outcome<T, SignedMessageProblem> {
  const { bytes, publicKey } = options;
  const body = bytes.subarray(0, Math.max(0, bytes.length - signature_bytes));
  const read = decodeBytes(body, options.read);
  if (!read.ok) return read;
  const message = concatBytes(utf8(options.domain), body);
  const signature = bytes.subarray(body.length);
  if (!options.crypto.verify({ publicKey, message, signature })) {
    return refused({ code: "SIGNATURE_INVALID", detail: "the key did not sign this message" });
  }
  return accepted(read.value);
}
