import { type DeviceEntry, decodeEntry } from "@voltfog/ledger";
import {
  type AlarmClass,
  type DataOrigin,
  decodePayload,
  gapCauses,
  type OpenedFrame,
  openFrame,
  type Payload,
  refusalCode,
} from "@voltfog/messages";
import {
  accepted,
  type Crypto,
  equalBytes,
  type Outcome,
  type Problem,
  refused,
  toHex,
} from "@voltfog/runtime";
import type { DeclaredGap, EntryRow } from "../store/telemetry-store.ts";
import type { ServedEntry } from "./entry-page.ts";
import { missingLink } from "./missing-link.ts";
import type { SampleCollector } from "./sample-collector.ts";

/** A unit served something that its own log contradicts. */
export interface EntryProblem extends Problem {
  readonly code: "ENTRY_MALFORMED" | "COMMITMENT_MISMATCH" | "FRAME_MISMATCH";
  readonly detail: string;
}

export interface ReadOptions {
  readonly served: ServedEntry;
  readonly collector: SampleCollector;
  readonly crypto: Crypto;
  /** Names of enrolled vehicles by key id in hex, for entries without a readable frame. */
  readonly vehicleNames: ReadonlyMap<string, string>;
}

/**
 * The row of one entry, its samples added to the collector. The frame is believed because the
 * entry, which the unit signed for, commits to its bytes. A payload of a newer version is kept
 * unread.
 */
export function readEntry(options: ReadOptions): Outcome<EntryRow, EntryProblem> {
  const { served } = options;
  const decoded = decodeEntry(served.entry);
  if (!decoded.ok) {
    return refused({
      code: "ENTRY_MALFORMED",
      detail: `${place(served)}: ${decoded.problem.detail}`,
    });
  }
  const entry = decoded.value;
  if (entry.kind === "log-opened") return openingRow(options);
  if (served.frame.length === 0) return accepted(rowOf({ ...options, entry, frame: undefined }));
  if (!equalBytes(options.crypto.sha256(served.frame), entry.commitment)) {
    const detail = `${place(served)}: the frame is not the one that the entry commits to`;
    return refused({ code: "COMMITMENT_MISMATCH", detail });
  }
  const opened = openFrame(served.frame);
  if (!opened.ok) {
    return refused({
      code: "FRAME_MISMATCH",
      detail: `${place(served)}: ${opened.problem.detail}`,
    });
  }
  if (!belongsTogether(entry, opened.value)) {
    const detail = `${place(served)}: key, stream or sequence of entry and frame differ`;
    return refused({ code: "FRAME_MISMATCH", detail });
  }
  return accepted(rowOf({ ...options, entry, frame: opened.value }));
}

/** The start of a log that took the place of another one: of no vehicle. */
function openingRow({ served, collector }: ReadOptions): Outcome<EntryRow, EntryProblem> {
  if (served.index !== 0 || served.frame.length > 0) {
    const detail = `${place(served)}: an opening stands only at the start of a log, without a frame`;
    return refused({ code: "ENTRY_MALFORMED", detail });
  }
  return accepted({
    logIndex: served.index,
    kind: "log-opened",
    code: null,
    vehicleId: "",
    stream: "telemetry",
    sequence: 0,
    commitment: new Uint8Array(32),
    samples: 0,
    origin: null,
    source: null,
    alarm: null,
    wall_ms: null,
    accepted_ms: served.accepted_ms,
    entry: served.entry,
    frame: null,
    gap: null,
    unlinked: null,
    sampleFrom: collector.length,
    sampleTo: collector.length,
  });
}

function place(served: ServedEntry): string {
  return `entry ${served.index}`;
}

function belongsTogether(entry: DeviceEntry, frame: OpenedFrame): boolean {
  const { header } = frame;
  return (
    equalBytes(entry.keyId, header.keyId) &&
    entry.stream === header.stream &&
    entry.sequence === header.sequence
  );
}

function rowOf(
  options: ReadOptions & { entry: DeviceEntry; frame: OpenedFrame | undefined },
): EntryRow {
  const { entry, frame, served, collector } = options;
  const sampleFrom = collector.length;
  const payload = payloadOf(frame);
  if (entry.kind === "frame" && payload?.type === "telemetry") {
    for (const [at, sample] of payload.samples.entries()) collector.add(sample, at);
  }
  const keyId = toHex(entry.keyId);
  const gap = gapOf(entry, payload);
  return {
    logIndex: served.index,
    kind: entry.kind,
    code: gap?.cause ?? refusalOf(entry),
    vehicleId:
      frame?.header.vehicleId ?? options.vehicleNames.get(keyId) ?? `key-${keyId.slice(0, 16)}`,
    stream: entry.stream,
    sequence: entry.sequence,
    commitment: entry.commitment,
    samples: entry.kind === "gap" ? 0 : entry.sampleCount,
    ...originOf(payload),
    alarm: alarmOf(payload),
    wall_ms: frame?.header.wall_ms ?? null,
    accepted_ms: served.accepted_ms,
    entry: served.entry,
    frame: frame === undefined ? null : served.frame,
    gap,
    unlinked: missingLink(entry, frame),
    sampleFrom,
    sampleTo: collector.length,
  };
}

function payloadOf(frame: OpenedFrame | undefined): Payload | undefined {
  if (frame === undefined) return undefined;
  const decoded = decodePayload(frame);
  return decoded.ok ? decoded.value : undefined;
}

function refusalOf(entry: DeviceEntry): string | null {
  if (entry.kind !== "refused") return null;
  return refusalCode(entry.code) ?? `REFUSAL_${entry.code}`;
}

function originOf(payload: Payload | undefined): {
  origin: DataOrigin | null;
  source: string | null;
} {
  if (payload === undefined || payload.type === "gap") return { origin: null, source: null };
  return { origin: payload.origin, source: payload.type === "telemetry" ? payload.source : null };
}

function alarmOf(payload: Payload | undefined): AlarmClass | null {
  return payload?.type === "alarm" ? payload.alarm : null;
}

/** What the frame declares; where the unit no longer holds it, what its entry repeats of it. */
function gapOf(entry: DeviceEntry, payload: Payload | undefined): DeclaredGap | null {
  if (entry.kind !== "gap") return null;
  if (payload?.type === "gap") return payload;
  return {
    firstSequence: entry.firstMissing,
    lastSequence: entry.lastMissing,
    samples: entry.samplesMissing,
    from_ms: entry.knownSince_ms,
    to_ms: entry.knownSince_ms,
    cause: gapCauses[entry.cause] ?? `cause-${entry.cause}`,
  };
}
