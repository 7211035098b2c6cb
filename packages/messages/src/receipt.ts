import {
  type ByteReader,
  ByteWriter,
  type Crypto,
  concatBytes,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
  type Signer,
  type UnitId,
  unitId,
  utf8,
} from "@voltfog/runtime";
import { bytesOfLength, codeOf, isWellFormed, requireEncodable, wholeNumber } from "./encodable.ts";
import { type Stream, streams } from "./frame.ts";
import { sealMessage } from "./signed-message.ts";

/** One frame that a unit's log now holds. */
export interface ReceiptEntry {
  readonly stream: Stream;
  readonly sequence: number;
  /** SHA-256 of the frame's bytes. */
  readonly commitment: Uint8Array;
  /** Its place in the unit's log, from 0. */
  readonly index: number;
}

/** A unit's promise to a vehicle: these frames are durable, under this checkpoint that it signed. */
export interface Receipt {
  readonly unitId: UnitId;
  /** Whose frames they are: the first 16 bytes of SHA-256 of the vehicle's public key. */
  readonly keyId: Uint8Array;
  /** At most 1024. */
  readonly entries: readonly ReceiptEntry[];
  /** A C2SP signed note of at most 4096 bytes whose size exceeds every index. */
  readonly checkpoint: string;
}

/** A receipt as it was read; who signed it is not checked yet. */
export interface OpenedReceipt extends Omit<Receipt, "keyId"> {
  /** Undefined in version 1, which names no vehicle. */
  readonly keyId: Uint8Array | undefined;
  /** Undefined in version 1: there the unit signed the log's size and root only, never the entries. */
  readonly signed: { readonly bytes: Uint8Array; readonly signature: Uint8Array } | undefined;
}

const domain = "voltfog/receipt/2\n";
const receiptVersion = 2;
const unsignedVersion = 1;
const entriesMax = 1024;
const entry_bytes = 49;
const checkpointMax_bytes = 4096;
const signature_bytes = 64;
const noteDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** No receipt is longer. */
export const receiptMax_bytes: number =
  1 + 256 + 16 + 4 + entriesMax * entry_bytes + 4 + checkpointMax_bytes + signature_bytes;

/**
 * Signed by the unit, so that it can be shown to anybody: a checkpoint alone signs a size and a root
 * and says nothing of an entry. NOT_ENCODABLE where a field is out of range.
 */
export function sealReceipt(options: { receipt: Receipt; signer: Signer }): Uint8Array {
  const { receipt, signer } = options;
  const note = utf8(receipt.checkpoint);
  requireEncodable(isWellFormed(receipt.checkpoint), "checkpoint is not well-formed text");
  requireEncodable(note.length <= checkpointMax_bytes, `checkpoint has ${note.length} bytes`);
  requireEncodable(receipt.entries.length <= entriesMax, `${receipt.entries.length} entries`);
  requireEncodable(unitId(receipt.unitId) !== undefined, "unitId is no identifier");
  const writer = new ByteWriter().u8(receiptVersion).text(receipt.unitId);
  writer.raw(bytesOfLength("keyId", receipt.keyId, 16)).u32(receipt.entries.length);
  const max = Number.MAX_SAFE_INTEGER;
  for (const entry of receipt.entries) {
    writer
      .u8(codeOf(streams, entry.stream))
      .u64(wholeNumber({ name: "sequence", value: entry.sequence, min: 1, max }))
      .raw(bytesOfLength("commitment", entry.commitment, 32))
      .u64(wholeNumber({ name: "index", value: entry.index, min: 0, max }));
  }
  return sealMessage({ domain, body: writer.block(note).finish(), signer });
}

/** Total and strict: the same receipt has one encoding only. Takes version 1 as well, unsigned. */
export function decodeReceipt(bytes: Uint8Array): Outcome<OpenedReceipt, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    const isSigned = version === receiptVersion;
    if (!isSigned && version !== unsignedVersion) reader.fail("unknown version of a receipt");
    const body = {
      unitId: unitId(reader.text()) ?? reader.fail("the unit's id is no identifier"),
      keyId: isSigned ? reader.raw(16) : undefined,
      entries: reader.list({ limit: entriesMax, read: readEntry }),
      checkpoint: readNote(reader),
    };
    if (!isSigned) return { ...body, signed: undefined };
    const signedBytes = new Uint8Array(bytes.subarray(0, bytes.length - reader.remaining));
    return { ...body, signed: { bytes: signedBytes, signature: reader.raw(signature_bytes) } };
  });
}

/** Whether the unit's key signed everything that the receipt says. Never true for version 1. */
export function verifyReceipt(options: {
  receipt: OpenedReceipt;
  publicKey: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { receipt, publicKey, crypto } = options;
  if (receipt.signed === undefined) return false;
  const message = concatBytes(utf8(domain), receipt.signed.bytes);
  return crypto.verify({ publicKey, message, signature: receipt.signed.signature });
}

function readEntry(reader: ByteReader): ReceiptEntry {
  return {
    stream: streams[reader.u8()] ?? reader.fail("unknown stream"),
    sequence: reader.u64() || reader.fail("sequence numbers count from 1"),
    commitment: reader.raw(32),
    index: reader.u64(),
  };
}

function readNote(reader: ByteReader): string {
  const bytes = reader.block(checkpointMax_bytes);
  try {
    return noteDecoder.decode(bytes);
  } catch {
    return reader.fail("the checkpoint is not UTF-8");
  }
}
