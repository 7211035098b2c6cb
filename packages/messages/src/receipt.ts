import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
  type UnitId,
  unitId,
  utf8,
} from "@voltfog/runtime";
import { bytesOfLength, codeOf, isWellFormed, requireEncodable, wholeNumber } from "./encodable.ts";
import { type Stream, streams } from "./frame.ts";

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
  /** At most 1024. */
  readonly entries: readonly ReceiptEntry[];
  /** A C2SP signed note of at most 4096 bytes whose size exceeds every index. */
  readonly checkpoint: string;
}

const receiptVersion = 1;
const entriesMax = 1024;
const checkpointMax_bytes = 4096;
const noteDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** NOT_ENCODABLE where a field is out of range. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const note = utf8(receipt.checkpoint);
  requireEncodable(isWellFormed(receipt.checkpoint), "checkpoint is not well-formed text");
  requireEncodable(note.length <= checkpointMax_bytes, `checkpoint has ${note.length} bytes`);
  requireEncodable(receipt.entries.length <= entriesMax, `${receipt.entries.length} entries`);
  requireEncodable(unitId(receipt.unitId) !== undefined, "unitId is no identifier");
  const writer = new ByteWriter().u8(receiptVersion).text(receipt.unitId);
  writer.u32(receipt.entries.length);
  const max = Number.MAX_SAFE_INTEGER;
  for (const entry of receipt.entries) {
    writer
      .u8(codeOf(streams, entry.stream))
      .u64(wholeNumber({ name: "sequence", value: entry.sequence, min: 1, max }))
      .raw(bytesOfLength("commitment", entry.commitment, 32))
      .u64(wholeNumber({ name: "index", value: entry.index, min: 0, max }));
  }
  return writer.block(note).finish();
}

/** Total and strict: the same receipt has one encoding only. */
export function decodeReceipt(bytes: Uint8Array): Outcome<Receipt, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== receiptVersion) reader.fail("unknown version of a receipt");
    return {
      unitId: unitId(reader.text()) ?? reader.fail("the unit's id is no identifier"),
      entries: reader.list({ limit: entriesMax, read: readEntry }),
      checkpoint: readNote(reader),
    };
  });
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
