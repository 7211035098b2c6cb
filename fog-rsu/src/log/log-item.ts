import type { DeviceEntry } from "@voltfog/ledger";
import {
  gapCauses,
  type Payload,
  type RefusalCode,
  refusalNumber,
  sampleCount,
} from "@voltfog/messages";
import type { AuthenticFrame, FrameRefusal } from "../ingest/authenticate-frame.ts";

/** One authentic frame on its way into the log, with what later stages need of it. */
export interface LogItem {
  readonly authentic: AuthenticFrame;
  readonly entry: DeviceEntry;
  readonly accepted_ms: number;
  /** Undefined for a refused frame. */
  readonly payload: Payload | undefined;
  readonly refusal: FrameRefusal | undefined;
}

/** The entry of a frame that was taken: a frame entry, or a gap entry where it declares one. */
export function acceptedEntry(options: {
  authentic: AuthenticFrame;
  payload: Payload;
  linked: boolean;
}): DeviceEntry {
  const { authentic, payload, linked } = options;
  const base = { ...baseOf(authentic), unlinked: !linked };
  if (payload.type !== "gap") {
    return { kind: "frame", ...base, sampleCount: sampleCount(payload) };
  }
  return {
    kind: "gap",
    ...base,
    cause: gapCauses.indexOf(payload.cause),
    firstMissing: payload.firstSequence,
    lastMissing: payload.lastSequence,
    samplesMissing: payload.samples,
    knownSince_ms: authentic.frame.header.wall_ms,
  };
}

/** The entry of a well-signed frame that failed a later check. */
export function refusedEntry(options: {
  authentic: AuthenticFrame;
  code: RefusalCode;
  linked: boolean;
  samples: number;
}): DeviceEntry {
  return {
    kind: "refused",
    ...baseOf(options.authentic),
    unlinked: !options.linked,
    code: refusalNumber(options.code),
    sampleCount: options.samples,
  };
}

function baseOf({ frame, commitment }: AuthenticFrame): {
  stream: "telemetry" | "urgent";
  keyId: Uint8Array;
  sequence: number;
  commitment: Uint8Array;
} {
  const { stream, keyId, sequence } = frame.header;
  return { stream, keyId, sequence, commitment };
}
