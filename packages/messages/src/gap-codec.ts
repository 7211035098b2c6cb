import {
  type ByteReader,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { codeOf, requireEncodable, wholeMilliseconds, wholeNumber } from "./encodable.ts";
import type { GapCause, GapPayload } from "./payload.ts";

/** The order is the code on the wire and, in a log entry of a gap, its cause. */
export const gapCauses: readonly GapCause[] = ["outbox-full", "agent-restart", "disk-error"];

/** 37 bytes. NOT_ENCODABLE where a field is out of range or the numbers are no range. */
export function encodeGap(payload: GapPayload): Uint8Array {
  const { firstSequence, lastSequence } = payload;
  requireEncodable(
    isRange(firstSequence, lastSequence),
    `${firstSequence}..${lastSequence} is neither a range from 1 nor 0..0`,
  );
  return new ByteWriter()
    .u64(sequenceNumber("firstSequence", firstSequence))
    .u64(sequenceNumber("lastSequence", lastSequence))
    .u32(wholeNumber({ name: "samples", value: payload.samples, min: 0, max: 2 ** 32 - 1 }))
    .u64(wholeMilliseconds("from_ms", payload.from_ms))
    .u64(wholeMilliseconds("to_ms", payload.to_ms))
    .u8(codeOf(gapCauses, payload.cause))
    .finish();
}

function sequenceNumber(name: string, value: number): number {
  return wholeNumber({ name, value, min: 0, max: Number.MAX_SAFE_INTEGER });
}

function isRange(first: number, last: number): boolean {
  return first === 0 ? last === 0 : first <= last;
}

export function decodeGap(bytes: Uint8Array): Outcome<GapPayload, MalformedProblem> {
  return decodeBytes(bytes, readGap);
}

function readGap(reader: ByteReader): GapPayload {
  const firstSequence = reader.u64();
  const lastSequence = reader.u64();
  if (!isRange(firstSequence, lastSequence)) reader.fail("the skipped numbers are no range");
  return {
    type: "gap",
    firstSequence,
    lastSequence,
    samples: reader.u32(),
    from_ms: reader.u64(),
    to_ms: reader.u64(),
    cause: gapCauses[reader.u8()] ?? reader.fail("unknown cause"),
  };
}
