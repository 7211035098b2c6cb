import { accepted, type ByteReader, concatBytes, type Outcome, refused } from "@voltfog/runtime";
import { type DeviceEntry, decodeEntry, encodeEntry, entryKindNumber } from "../log/entry.ts";
import type { FrameFacts } from "./frame-opener.ts";

/**
 * What a log entry says beyond its frame: the first 8 bytes (version, kind, stream, flags, code,
 * samples) and, for a gap, the last 28. The bytes between follow from the frame.
 */
export interface EntryRemainder {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

const head_bytes = 8;
const named_bytes = 56;
const tail_bytes = 28;

export function entryRemainder(entry: DeviceEntry): EntryRemainder {
  const bytes = encodeEntry(entry);
  return { head: bytes.slice(0, head_bytes), tail: bytes.slice(head_bytes + named_bytes) };
}

export function readEntryRemainder(reader: ByteReader): EntryRemainder {
  const head = reader.raw(head_bytes);
  return { head, tail: reader.raw(head[1] === entryKindNumber.gap ? tail_bytes : 0) };
}

/** The entry that these bytes and this frame make. */
export function entryOf(options: {
  remainder: EntryRemainder;
  facts: FrameFacts;
  commitment: Uint8Array;
}): Outcome<DeviceEntry> {
  const { remainder, facts, commitment } = options;
  const { keyId, sequence } = facts;
  const model = encodeEntry({
    kind: "frame",
    stream: facts.stream,
    unlinked: false,
    keyId,
    sequence,
    commitment,
    sampleCount: 0,
  });
  const named = model.subarray(head_bytes, head_bytes + named_bytes);
  const decoded = decodeEntry(concatBytes(remainder.head, named, remainder.tail));
  if (!decoded.ok) return decoded;
  const entry = decoded.value;
  if (entry.kind === "log-opened") {
    return refused({ code: "MALFORMED", detail: "an opening is no entry of a frame" });
  }
  if (entry.stream !== facts.stream) {
    return refused({
      code: "MALFORMED",
      detail: `entry of ${entry.stream}, frame of ${facts.stream}`,
    });
  }
  return accepted(entry);
}
