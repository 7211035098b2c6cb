import type { Outcome } from "@voltfog/runtime";
import { type AnswerProblem, decodeAnswer, type Fields } from "./answer-fields.ts";

export interface RateLimit {
  /** A vehicle's id, or * for every vehicle without a limit of its own. */
  readonly vehicleId: string;
  readonly perSecond_bytes: number | null;
}

/** A device that nothing is taken from: by its identity, its address or both. */
export interface Quarantine {
  readonly vehicleId: string | null;
  readonly address: string | null;
  readonly since_ms: number | null;
  readonly reason: string;
}

/** Whether a unit holds the present version; `behind` says why it does not. */
export interface PolicyUnit {
  readonly unitId: string;
  readonly version: number | null;
  /** How long its taking of the version took. */
  readonly inForce_ms: number | null;
  readonly behind: string | null;
  /** What the unit says it cannot enforce. */
  readonly cannot: readonly string[];
}

/** Who changed what, when and why. */
export interface PolicyChange {
  readonly at_ms: number | null;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly why: string;
  /** Of what an operator ordered about who is kept out; null of every other change. */
  readonly order: PolicyOrder | null;
}

export interface PolicyOrder {
  /** The event that it became; null until a unit has journalled it. */
  readonly event: { readonly id: string; readonly unitId: string } | null;
}

export interface Policies {
  readonly version: number | null;
  readonly units: readonly PolicyUnit[];
  /** Newest first. */
  readonly changes: readonly PolicyChange[];
  readonly limits: readonly RateLimit[];
  readonly quarantine: readonly Quarantine[];
  /** Addresses that may not connect, as CIDR. */
  readonly deny: readonly { readonly address: string }[];
}

const rowsMax = 100_000;
const changesMax = 50;

/** The controller's GET /v1/policies. */
export function decodePolicies(value: unknown): Outcome<Policies, AnswerProblem> {
  return decodeAnswer(value, (fields) => ({
    version: fields.wholeOrNull("version"),
    limits: fields.list("limits", rowsMax, (one) => ({
      vehicleId: one.text("vehicleId"),
      perSecond_bytes: one.numberOrNull("rate_bytes"),
    })),
    quarantine: fields.list("quarantine", rowsMax, quarantineOf),
    deny: fields.list("deny", rowsMax, (one) => ({ address: one.text("address") })),
    units: fields.list("units", rowsMax, (one) => ({
      unitId: one.text("unitId"),
      version: one.wholeOrNull("version"),
      inForce_ms: one.numberOrNull("inForce_ms"),
      behind: one.textOrNull("behind"),
      cannot: one.texts("cannot", 64),
    })),
    changes: fields.list("audit", rowsMax, changeOf).slice(0, changesMax),
  }));
}

function quarantineOf(fields: Fields): Quarantine {
  return {
    vehicleId: fields.textOrNull("vehicleId"),
    address: fields.textOrNull("address"),
    since_ms: fields.instantOrNull("since_ms"),
    reason: fields.text("reason"),
  };
}

function changeOf(fields: Fields): PolicyChange {
  return {
    at_ms: fields.instantOrNull("at_ms"),
    who: fields.text("who"),
    action: fields.text("action"),
    subject: fields.text("subject"),
    why: fields.text("why"),
    order: fields.partOrNull("order", (order) => ({
      event: order.partOrNull("event", (event) => ({
        id: event.text("id"),
        unitId: event.text("unitId"),
      })),
    })),
  };
}
