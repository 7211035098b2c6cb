import { type DataOrigin, dataOrigins, type Stream, streams } from "@voltfog/messages";
import { fromHex, identifierPattern } from "@voltfog/runtime";
import type { EventFinding } from "../events/event-register.ts";
import { type Offence, offences, type Verdict, window_ms } from "./conduct.ts";

/** The frame that shows it; it is in the log only where the vehicle's key signed it. */
export interface Evidence {
  readonly logIndex: number;
  readonly stream: Stream;
  readonly sequence: number;
  /** Lower-case hex. */
  readonly commitment: string;
  readonly origin: DataOrigin;
}

/** A vehicle that this unit put out by itself, and why. */
export interface OwnQuarantine {
  readonly vehicleId: string;
  readonly since_ms: number;
  readonly reason: string;
  readonly offence: Offence;
  readonly count: number;
  readonly budget: number;
  /** Null where it flooded without ever sending a frame. */
  readonly evidence: Evidence | null;
}

const what: Readonly<Record<Offence, string>> = {
  SIGNATURE_FORGED: "frames with false signatures",
  VEHICLE_FOREIGN: "frames of other vehicles",
  CHAIN_FORKED: "frames in taken places of its chain",
  FRAME_REPLAYED: "frames sent again and again",
  FLOODING: "seconds of flooding",
};

export function ownQuarantine(
  verdict: Verdict,
  found: { since_ms: number; evidence: Evidence | null },
): OwnQuarantine {
  const { offence, count } = verdict;
  const span = offence === "FLOODING" ? "in a row" : `within ${window_ms / 1000} s`;
  return { ...verdict, ...found, reason: `${count} ${what[offence]} ${span}` };
}

/** The event of its beginning, or of its end where an operator released the vehicle. */
export function quarantineEvent(
  own: OwnQuarantine,
  over?: { at_ms: number; why: string },
): EventFinding | undefined {
  const { vehicleId, evidence, reason, since_ms, count, budget, offence } = own;
  if (evidence === null) return undefined;
  return {
    functionId: "traffic",
    functionVersion: "1.0.0",
    vehicleId,
    frame: evidence,
    at_ms: Math.floor(over?.at_ms ?? since_ms),
    condition: "quarantine",
    class: "quarantine",
    state: over === undefined ? "asserted" : "cleared",
    level: 2,
    standing: over === undefined ? 2 : 0,
    cell: null,
    value: count,
    limit: budget,
    unit: offence === "FLOODING" ? "s" : "frames",
    sentence:
      over === undefined
        ? `${vehicleId} is put out: ${reason}`
        : `${vehicleId} is let back in by an operator: ${over.why}`,
  };
}

/** One row of the file, or undefined where it is anything else. */
export function readOwnQuarantine(row: unknown): OwnQuarantine | undefined {
  if (typeof row !== "object" || row === null) return undefined;
  const one = row as { readonly [K in keyof OwnQuarantine]?: unknown };
  const isSound =
    isIdentifier(one.vehicleId) &&
    isCount(one.since_ms) &&
    typeof one.reason === "string" &&
    one.reason.length <= 200 &&
    offences.some((offence) => offence === one.offence) &&
    isCount(one.count) &&
    isCount(one.budget) &&
    (one.evidence === null || isEvidence(one.evidence));
  return isSound ? (row as OwnQuarantine) : undefined;
}

function isEvidence(value: unknown): value is Evidence {
  if (typeof value !== "object" || value === null) return false;
  const one = value as { readonly [K in keyof Evidence]?: unknown };
  return (
    isCount(one.logIndex) &&
    streams.some((stream) => stream === one.stream) &&
    isCount(one.sequence) &&
    typeof one.commitment === "string" &&
    fromHex(one.commitment)?.length === 32 &&
    dataOrigins.some((origin) => origin === one.origin)
  );
}

function isIdentifier(value: unknown): boolean {
  return typeof value === "string" && identifierPattern.test(value);
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
