/** Why a unit refused a frame, or the receipt that a vehicle showed. The order is the number in a log entry, from 1; it only ever grows. */
const codes = [
  "FRAME_TOO_LARGE",
  "FRAME_VERSION_UNKNOWN",
  "FRAME_MALFORMED",
  "TOPIC_MISMATCH",
  "KEY_UNKNOWN",
  "KEY_REVOKED",
  "SIGNATURE_INVALID",
  "PAYLOAD_VERSION_UNKNOWN",
  "PAYLOAD_MALFORMED",
  "TIME_IN_FUTURE",
  "SEQUENCE_FORKED",
  "SEQUENCE_STALE",
  "RANGE_IMPLAUSIBLE",
  "GAP_INCONSISTENT",
  "RECEIPT_INVALID",
  "KEY_REPLACED",
] as const;

export type RefusalCode = (typeof codes)[number];

export const refusalCodes: readonly RefusalCode[] = codes;

/** The first code that leaves an entry: from here on the frame's signature was good. */
const firstLogged = codes.indexOf("PAYLOAD_VERSION_UNKNOWN");

/** The code's number in a log entry, from 1. */
export function refusalNumber(code: RefusalCode): number {
  return codes.indexOf(code) + 1;
}

/** The code of a number, or undefined for a number that none has. */
export function refusalCode(number: number): RefusalCode | undefined {
  return codes[number - 1];
}

/** Codes from after that one which leave none: of a receipt, which is no frame, and of a key. */
const neverLogged: readonly RefusalCode[] = ["RECEIPT_INVALID", "KEY_REPLACED"];

/** Whether a frame refused so becomes a log entry: only one that a key signed which still may. */
export function leavesEntry(code: RefusalCode): boolean {
  return codes.indexOf(code) >= firstLogged && !neverLogged.includes(code);
}
