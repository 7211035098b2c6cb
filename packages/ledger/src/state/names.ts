import { toHex } from "@voltfog/runtime";

/** The state's record of a vehicle or unit, by its key's id. */
export function deviceName(keyId: Uint8Array): string {
  return `device/${toHex(keyId)}`;
}

/** The state's record of a log: its last final size and root. */
export function logName(logId: Uint8Array): string {
  return `log/${toHex(logId)}`;
}

/** The state's record of which of its logs a unit writes, by its key's id; absent for the first. */
export function currentLogName(keyId: Uint8Array): string {
  return `unit-log/${toHex(keyId)}`;
}

export function eventName(eventId: Uint8Array): string {
  return `event/${toHex(eventId)}`;
}

/** The state's record of a succession of vote keys, by its number from 1. */
export function successionName(number: number): string {
  return `succession/${number.toString(16).padStart(4, "0")}`;
}

/** The state's record of a sender's last nonce. */
export function nonceName(key: Uint8Array): string {
  return `nonce/${toHex(key)}`;
}
