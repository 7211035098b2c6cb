import { assert, ByteWriter, type Crypto, concatBytes, type Signer, utf8 } from "@voltfog/runtime";

/** Length of a battery record of the comparison, its signature included. */
export const record_bytes = 200;
/** What of it the client may fill: all but its key, its number and its signature. */
export const recordContent_bytes = 96;
const key_bytes = 32;
const signed_bytes: number = record_bytes - 64;
const domain = utf8("voltfog/comparison-record/1\n");

/** A record of exactly 200 bytes: key 32 · number 8 · content 96 · Ed25519 signature 64. */
export function signRecord(options: {
  signer: Signer;
  /** The client's own count: no two of its records have the same. */
  number: number;
  /** Up to 96 bytes; zeros follow. */
  content: Uint8Array;
}): Uint8Array {
  const { signer, number, content } = options;
  assert(content.length <= recordContent_bytes, "a record's content has its limit");
  const padding = new Uint8Array(recordContent_bytes - content.length);
  const body = new ByteWriter().raw(signer.publicKey).u64(number).raw(content).raw(padding);
  const signed = body.finish();
  return concatBytes(signed, signer.sign(concatBytes(domain, signed)));
}

/** Whether the record has its length and its key's signature. About one Ed25519 verification. */
export function isRecordSigned(record: Uint8Array, crypto: Crypto): boolean {
  if (record.length !== record_bytes) return false;
  return crypto.verify({
    publicKey: record.subarray(0, key_bytes),
    message: concatBytes(domain, record.subarray(0, signed_bytes)),
    signature: record.subarray(signed_bytes),
  });
}

/** Key and number: a record signed twice is still the same record. */
export function recordName(record: Uint8Array): string {
  let name = "";
  for (let i = 0; i < key_bytes + 8; i++) name += String.fromCharCode(record[i] ?? 0);
  return name;
}
