import {
  decodePolicies,
  type Quarantine,
  type RateLimit,
  type Release,
  type TrafficPolicies,
} from "@voltfog/messages";
import { accepted, type Outcome, type Problem, refused } from "@voltfog/runtime";

/** Who changed what, when and why. */
export interface AuditEntry {
  readonly at_ms: number;
  /** The id in the certificate of whoever asked, or the unit that decided by itself. */
  readonly who: string;
  readonly action: "quarantine" | "release" | "limit" | "unlimit" | "deny" | "allow" | "adopt";
  /** The vehicle, the address, or "*". */
  readonly subject: string;
  readonly why: string;
  /** Of what an operator ordered about who is kept out: which unit journals it under this name. */
  readonly order?: Order;
}

export interface Order {
  readonly id: string;
  /** The event that it became, and so what is on the chain; null until a unit has journalled it. */
  readonly event: { readonly id: string; readonly unitId: string } | null;
}

/** The policies without whose word they are. */
export type PolicyLists = Pick<TrafficPolicies, "limits" | "quarantine" | "released" | "deny">;

export interface PolicyState extends PolicyLists {
  readonly version: number;
  /** The term in which the version was last pushed. */
  readonly term: number;
  readonly audit: readonly AuditEntry[];
}

export interface PolicyChangeProblem extends Problem {
  readonly code: "POLICY_INVALID" | "POLICY_UNKNOWN" | "POLICIES_FULL";
  readonly detail: string;
}

type Changed = Outcome<PolicyState, PolicyChangeProblem>;

/** Who asks for a change, and why. */
export interface Asker {
  /** A person's or program's id, or that of a unit which journalled its finding already. */
  readonly who: string;
  readonly isUnit?: boolean;
  readonly why: string;
  readonly at_ms: number;
}

export const auditMax = 1000;
const releasedMax = 500;
const whyMax = 200;

export const noPolicies: PolicyState = {
  ...{ version: 0, term: 0, limits: [], quarantine: [], released: [], deny: [], audit: [] },
};

/** A vehicle or an address is kept out; who is kept out already stays so for the first reason. */
export function quarantine(
  state: PolicyState,
  subject: { vehicleId?: string; address?: string },
  asker: Asker,
): Changed {
  const row = { ...subject, since_ms: asker.at_ms, reason: asker.why };
  const id = idOf(row);
  if (state.quarantine.some((one) => idOf(one) === id)) return accepted(state);
  const lists = { quarantine: [...state.quarantine, row] };
  return change(state, lists, { asker, action: "quarantine", subject: id });
}

/** Lets back in whom {@link quarantine} or a unit put out. POLICY_UNKNOWN where nobody did. */
export function release(state: PolicyState, id: string, asker: Asker): Changed {
  const rows = state.quarantine.filter((one) => idOf(one) === id);
  if (rows.length === 0) {
    return refused({ code: "POLICY_UNKNOWN", detail: `${id} is not in quarantine` });
  }
  const left = state.quarantine.filter((one) => !rows.includes(one));
  // A unit's clock may be ahead of this one; its own finding is over all the same.
  const until_ms = Math.max(asker.at_ms, ...rows.map(({ since_ms }) => since_ms));
  const vehicles = rows.flatMap(({ vehicleId }) => vehicleId ?? []);
  const fresh = vehicles.map((vehicleId): Release => ({ vehicleId, until_ms, why: asker.why }));
  const earlier = state.released.filter(({ vehicleId }) => !vehicles.includes(vehicleId));
  const released = [...earlier, ...fresh].slice(-releasedMax);
  return change(state, { quarantine: left, released }, { asker, action: "release", subject: id });
}

/** One device, or "*" for all without a limit of their own. */
export function limit(state: PolicyState, row: RateLimit, asker: Asker): Changed {
  const others = state.limits.filter(({ vehicleId }) => vehicleId !== row.vehicleId);
  const subject = row.vehicleId;
  return change(state, { limits: [...others, row] }, { asker, action: "limit", subject });
}

export function unlimit(state: PolicyState, vehicleId: string, asker: Asker): Changed {
  const limits = state.limits.filter((one) => one.vehicleId !== vehicleId);
  if (limits.length === state.limits.length) {
    return refused({ code: "POLICY_UNKNOWN", detail: `${vehicleId} has no limit` });
  }
  return change(state, { limits }, { asker, action: "unlimit", subject: vehicleId });
}

export function deny(state: PolicyState, address: string, asker: Asker): Changed {
  if (state.deny.some((one) => one.address === address)) return accepted(state);
  const lists = { deny: [...state.deny, { address }] };
  return change(state, lists, { asker, action: "deny", subject: address });
}

export function allow(state: PolicyState, address: string, asker: Asker): Changed {
  const left = state.deny.filter((one) => one.address !== address);
  if (left.length === state.deny.length) {
    return refused({ code: "POLICY_UNKNOWN", detail: `${address} is not denied` });
  }
  return change(state, { deny: left }, { asker, action: "allow", subject: address });
}

/**
 * What a unit holds is newer than what this controller knows: another one led in between, or this one lost
 * its disk. The units are where policies are kept many times over, so theirs is taken over.
 */
export function adopt(
  state: PolicyState,
  held: TrafficPolicies,
  from: { unitId: string; at_ms: number },
): PolicyState {
  const isNewer =
    held.term > state.term || (held.term === state.term && held.version > state.version);
  if (!isNewer) return state;
  const { term, version, limits, quarantine: rows, released, deny: denied } = held;
  const why = `version ${version} of term ${term} of ${held.controllerId}`;
  const { unitId: who, at_ms } = from;
  const entry: AuditEntry = { at_ms, who, action: "adopt", subject: "*", why };
  const audit = [...state.audit, entry].slice(-auditMax);
  return { term, version, limits, quarantine: rows, released, deny: denied, audit };
}

/** The name under which a quarantine is released: its vehicle, else its address. */
export function idOf({ vehicleId, address }: Pick<Quarantine, "vehicleId" | "address">): string {
  return vehicleId ?? address ?? "";
}

/** A unit journalled the order: the audit says as which event. */
export function journalled(
  state: PolicyState,
  orderId: string,
  event: NonNullable<Order["event"]>,
): PolicyState {
  const audit = state.audit.map((entry) =>
    entry.order?.id === orderId ? { ...entry, order: { id: orderId, event } } : entry,
  );
  return { ...state, audit };
}

/** Orders about limits keep nobody out, and stay in the audit alone. */
const ordered: readonly AuditEntry["action"][] = ["quarantine", "release", "deny", "allow"];

function change(
  state: PolicyState,
  lists: Partial<PolicyLists>,
  done: { asker: Asker; action: AuditEntry["action"]; subject: string },
): Changed {
  const { asker, action, subject } = done;
  const { who, why, at_ms, isUnit = false } = asker;
  const version = state.version + 1;
  const order = { id: `v${version}-${Math.trunc(at_ms)}`, event: null };
  const isOrder = ordered.includes(action) && !isUnit;
  const entry = { at_ms, who, action, subject, why, ...(isOrder ? { order } : {}) };
  if (entry.why.length === 0 || entry.why.length > whyMax) {
    return refused({ code: "POLICY_INVALID", detail: `say why, in at most ${whyMax} characters` });
  }
  const { audit: _, ...before } = state;
  const next = { ...before, ...lists, version };
  // The units judge by the same decoder: what they would refuse is not taken here.
  const decoded = decodePolicies({ ...next, controllerId: "controller" });
  if (!decoded.ok) {
    const { detail } = decoded.problem;
    return refused({ code: /at most/.test(detail) ? "POLICIES_FULL" : "POLICY_INVALID", detail });
  }
  return accepted({ ...next, audit: [...state.audit, entry].slice(-auditMax) });
}
