import { claimedOrigin, openCheckpoint, parseLogOrigin } from "@voltfog/ledger";
import { decodeReceipt, type ReceiptEntry, type Stream, verifyReceipt } from "@voltfog/messages";
import {
  accepted,
  type Crypto,
  equalBytes,
  type Outcome,
  type Problem,
  refused,
  type UnitId,
} from "@voltfog/runtime";
import type { EnrolledDevice } from "./device-directory.ts";

/** Key and chain of a unit of this consortium. */
export interface KnownUnit {
  readonly publicKey: Uint8Array;
  /** Name of the chain that its logs are of. */
  readonly chain: string;
}

/** What a unit's receipt vouches for. */
export interface ProvenReceipt {
  readonly unitId: UnitId;
  /** The entry with the highest sequence number of each stream that it speaks of. */
  readonly last: ReadonlyMap<Stream, ReceiptEntry>;
}

export interface ReceiptProblem extends Problem {
  readonly code:
    | "RECEIPT_MALFORMED"
    /** Version 1: the unit signed size and root of its log, but not what it holds. */
    | "RECEIPT_UNSIGNED"
    | "UNIT_UNKNOWN"
    | "SIGNATURE_INVALID"
    | "OTHER_VEHICLE"
    | "CHECKPOINT_INVALID";
  readonly detail: string;
}

/**
 * Whether a receipt that a vehicle shows proves that a unit of this consortium holds this vehicle's
 * frames: signed by the key that the genesis file gives the unit, of this vehicle's key, under a
 * checkpoint of one of that unit's logs that covers them. Verifies two signatures at most.
 */
export function judgeReceipt(options: {
  bytes: Uint8Array;
  device: EnrolledDevice;
  unitOf: (unitId: UnitId) => KnownUnit | undefined;
  crypto: Crypto;
}): Outcome<ProvenReceipt, ReceiptProblem> {
  const { bytes, device, crypto } = options;
  const decoded = decodeReceipt(bytes);
  if (!decoded.ok) return no("RECEIPT_MALFORMED", decoded.problem.detail);
  const receipt = decoded.value;
  const { unitId, keyId, entries } = receipt;
  if (keyId === undefined) return no("RECEIPT_UNSIGNED", "version 1 proves nothing of an entry");
  const unit = options.unitOf(unitId);
  if (unit === undefined) return no("UNIT_UNKNOWN", `the consortium has no unit ${unitId}`);
  const { publicKey, chain } = unit;
  if (!verifyReceipt({ receipt, publicKey, crypto })) {
    return no("SIGNATURE_INVALID", `${unitId} did not sign this receipt`);
  }
  const keys = [device, ...device.earlier];
  if (!keys.some((key) => equalBytes(key.keyId, keyId)))
    return no("OTHER_VEHICLE", "it is of another vehicle's key");
  // A restored unit goes on with its next log, and its receipts of the one before stay good.
  const origin = claimedOrigin(receipt.checkpoint);
  if (parseLogOrigin(origin, chain)?.unitId !== unitId) {
    return no("CHECKPOINT_INVALID", `not a checkpoint of a log of ${unitId}`);
  }
  const checkpoint = openCheckpoint({ note: receipt.checkpoint, origin, publicKey, crypto });
  if (!checkpoint.ok) return no("CHECKPOINT_INVALID", checkpoint.problem.detail);
  const { size } = checkpoint.value;
  const beyond = entries.find(({ index }) => index >= size);
  if (beyond !== undefined) {
    return no("CHECKPOINT_INVALID", `entry ${beyond.index} is not under a checkpoint of ${size}`);
  }
  return accepted({ unitId, last: lastOf(entries) });
}

function lastOf(entries: readonly ReceiptEntry[]): ReadonlyMap<Stream, ReceiptEntry> {
  const last = new Map<Stream, ReceiptEntry>();
  for (const entry of entries) {
    if (entry.sequence > (last.get(entry.stream)?.sequence ?? 0)) last.set(entry.stream, entry);
  }
  return last;
}

function no(
  code: ReceiptProblem["code"],
  detail: string,
): { readonly ok: false; readonly problem: ReceiptProblem } {
  return refused({ code, detail });
}
