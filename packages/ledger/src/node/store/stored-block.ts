import {
  assert,
  ByteWriter,
  type Crypto,
  decodeBytes,
  equalBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { blockMax_bytes, transactionsMax } from "../../chain/block.ts";
import { certificateMax_bytes } from "../../chain/certificate.ts";
import { resultMax_bytes } from "../../chain/result.ts";

/** A final block as the store keeps it. */
export interface StoredBlock {
  readonly height: number;
  readonly block: Uint8Array;
  readonly certificate: Uint8Array;
  /** What executing it gave, so that old results need no replay. */
  readonly results: readonly Uint8Array[];
}

/** u32 length and raw16 checksum stand around a record's body. */
export const recordFrame_bytes = 20;
const checksum_bytes = 16;
/** A block and its results, which repeat no more than the block's payloads. */
export const recordMax_bytes = 16_777_216;

/** u32 body length · body · first 16 bytes of SHA-256(body). */
export function encodeRecord(stored: StoredBlock, crypto: Crypto): Uint8Array {
  const writer = new ByteWriter()
    .u8(1)
    .u64(stored.height)
    .block(stored.block)
    .block(stored.certificate)
    .u32(stored.results.length);
  for (const result of stored.results) writer.block(result);
  const body = writer.finish();
  assert(body.length <= recordMax_bytes, "a block and its results fit a record");
  return new ByteWriter().block(body).raw(crypto.sha256(body).subarray(0, checksum_bytes)).finish();
}

/** The whole record at this place; undefined where it is torn or its checksum wrong. */
export function recordAt(options: {
  bytes: Uint8Array;
  offset: number;
  crypto: Crypto;
}): { readonly body: Uint8Array; readonly end: number } | undefined {
  const { bytes, offset, crypto } = options;
  if (bytes.length - offset < recordFrame_bytes) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset + offset).getUint32(0);
  const end = offset + recordFrame_bytes + length;
  if (length > recordMax_bytes || end > bytes.length) return undefined;
  const body = bytes.subarray(offset + 4, end - checksum_bytes);
  const checksum = crypto.sha256(body).subarray(0, checksum_bytes);
  return equalBytes(checksum, bytes.subarray(end - checksum_bytes, end))
    ? { body, end }
    : undefined;
}

export function decodeRecordBody(body: Uint8Array): Outcome<StoredBlock, MalformedProblem> {
  return decodeBytes(body, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`record version ${version}, this reads 1`);
    return {
      height: reader.u64(),
      block: reader.block(blockMax_bytes),
      certificate: reader.block(certificateMax_bytes),
      results: reader.list({
        limit: transactionsMax,
        read: (inner) => inner.block(resultMax_bytes),
      }),
    };
  });
}
