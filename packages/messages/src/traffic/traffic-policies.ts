import { accepted, identifierPattern, type Outcome, type Problem, refused } from "@voltfog/runtime";
import { isRecord } from "../json-object.ts";
import { parseAddressRange } from "./address-range.ts";

/** How fast a device may send. "*" stands for every device that has no limit of its own. */
export interface RateLimit {
  readonly vehicleId: string;
  /** Per second. */
  readonly rate_bytes: number;
  /** Per second. */
  readonly ratePackets: number;
}

/** Who is kept out, by identity or by address, since when and why. */
export interface Quarantine {
  readonly vehicleId?: string;
  /** One address or a range. */
  readonly address?: string;
  readonly since_ms: number;
  readonly reason: string;
}

/** An operator let a vehicle back in: what a unit itself found against it up to `until_ms` is over. */
export interface Release {
  readonly vehicleId: string;
  readonly until_ms: number;
  readonly why: string;
}

/** What the controller tells every unit about traffic, all of it at once. */
export interface TrafficPolicies {
  readonly term: number;
  readonly controllerId: string;
  /** Grows within a term. */
  readonly version: number;
  readonly limits: readonly RateLimit[];
  readonly quarantine: readonly Quarantine[];
  readonly released: readonly Release[];
  readonly deny: readonly { readonly address: string }[];
}

export interface PolicyProblem extends Problem {
  readonly code: "POLICY_INVALID";
  readonly detail: string;
}

/** Rows of each list at most. */
export const policyRowsMax = 2000;
/** As JSON; what every HTTP side reads of a body. Two thousand rows of usual length fit in twice. */
export const policiesMax_bytes = 1_048_576;
const reasonMax = 200;
const rate = { min_bytes: 1024, max_bytes: 1_073_741_824, packetsMax: 1_000_000 };
const fields = ["term", "controllerId", "version", "limits", "quarantine", "released", "deny"];

/** Policies in a JSON value; POLICY_INVALID names the first row that is none. `released` may be absent. */
export function decodePolicies(value: unknown): Outcome<TrafficPolicies, PolicyProblem> {
  if (!isRecord(value)) return invalid("the policies are no object");
  const unknown = Object.keys(value).find((key) => !fields.includes(key));
  if (unknown !== undefined) return invalid(`no field ${unknown.slice(0, 64)} here`);
  const { term, controllerId, version } = value;
  if (!isCount(term) || !isCount(version)) return invalid("term and version count from 0");
  if (!isIdentifier(controllerId)) return invalid("controllerId is no identifier");
  const limits = rowsOf("limits", value["limits"], readLimit);
  if (!limits.ok) return limits;
  const quarantine = rowsOf("quarantine", value["quarantine"], readQuarantine);
  if (!quarantine.ok) return quarantine;
  const released = rowsOf("released", value["released"] ?? [], readRelease);
  if (!released.ok) return released;
  const deny = rowsOf("deny", value["deny"], readDeny);
  if (!deny.ok) return deny;
  return accepted({
    ...{ term, controllerId, version },
    ...{ limits: limits.value, quarantine: quarantine.value },
    ...{ released: released.value, deny: deny.value },
  });
}

/** One row of `limits`. */
export function readLimit(row: unknown): RateLimit | undefined {
  if (!hasOnly(row, ["vehicleId", "rate_bytes", "ratePackets"])) return undefined;
  const { vehicleId, rate_bytes, ratePackets = rate.packetsMax } = row;
  if (vehicleId !== "*" && !isIdentifier(vehicleId)) return undefined;
  if (!isCount(rate_bytes) || rate_bytes < rate.min_bytes || rate_bytes > rate.max_bytes) {
    return undefined;
  }
  if (!isCount(ratePackets) || ratePackets < 1 || ratePackets > rate.packetsMax) return undefined;
  return { vehicleId, rate_bytes, ratePackets };
}

/** One row of `quarantine`: a vehicle, an address, or both. */
export function readQuarantine(row: unknown): Quarantine | undefined {
  if (!hasOnly(row, ["vehicleId", "address", "since_ms", "reason"])) return undefined;
  const { vehicleId, address, since_ms, reason } = row;
  if (!isTime(since_ms) || !isReason(reason)) return undefined;
  if (vehicleId === undefined && address === undefined) return undefined;
  if (vehicleId !== undefined && !isIdentifier(vehicleId)) return undefined;
  if (address !== undefined && !isRange(address)) return undefined;
  const who = vehicleId === undefined ? {} : { vehicleId };
  return { ...who, ...(address === undefined ? {} : { address }), since_ms, reason };
}

/** One row of `released`. */
export function readRelease(row: unknown): Release | undefined {
  if (!hasOnly(row, ["vehicleId", "until_ms", "why"])) return undefined;
  const { vehicleId, until_ms, why } = row;
  if (!isIdentifier(vehicleId) || !isTime(until_ms) || !isReason(why)) return undefined;
  return { vehicleId, until_ms, why };
}

/** One row of `deny`. */
export function readDeny(row: unknown): { readonly address: string } | undefined {
  if (!hasOnly(row, ["address"]) || !isRange(row["address"])) return undefined;
  return { address: row["address"] };
}

function rowsOf<T>(
  name: string,
  rows: unknown,
  read: (row: unknown) => T | undefined,
): Outcome<readonly T[], PolicyProblem> {
  if (!Array.isArray(rows)) return invalid(`${name} is no list`);
  if (rows.length > policyRowsMax) {
    return invalid(`${name} has ${rows.length} rows, at most ${policyRowsMax}`);
  }
  const made: T[] = [];
  for (const [at, row] of rows.entries()) {
    const one = read(row);
    if (one === undefined) return invalid(`row ${at} of ${name} is not valid`);
    made.push(one);
  }
  return accepted(made);
}

function hasOnly(
  row: unknown,
  allowed: readonly string[],
): row is Readonly<Record<string, unknown>> {
  return isRecord(row) && Object.keys(row).every((key) => allowed.includes(key));
}

/** A range that is not everybody: who denies all addresses has mistyped. */
function isRange(value: unknown): value is string {
  if (typeof value !== "string") return false;
  const parsed = parseAddressRange(value);
  return parsed.ok && parsed.value.prefix > 0;
}

function isIdentifier(value: unknown): value is string {
  return typeof value === "string" && identifierPattern.test(value);
}

function isReason(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= reasonMax;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function invalid(detail: string): { readonly ok: false; readonly problem: PolicyProblem } {
  return refused({ code: "POLICY_INVALID", detail });
}
