import { decodePolicies, type TrafficPolicies } from "@voltfog/messages";
import { type Clock, CodedError, identifierPattern } from "@voltfog/runtime";
import {
  createHttpClient,
  type HttpAnswer,
  type HttpCall,
  type HttpClient,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import type { AuditEntry } from "./policy-book.ts";

/** A vehicle that a unit put out by itself. */
export interface OwnQuarantine {
  readonly vehicleId: string;
  readonly since_ms: number;
  readonly reason: string;
}

/** A unit's GET /v1/policies, as far as the controller needs it. */
export interface UnitPolicies {
  /** Null before it was told any. */
  readonly policies: TrafficPolicies | null;
  readonly own: readonly OwnQuarantine[];
  /** Time until the last decision was in force with all its drivers; null before the first. */
  readonly inForce_ms: number | null;
  /** What its drivers leave undone, in words. */
  readonly cannot: readonly string[];
}

/** An entry of the audit, as units take it. */
export type JournalledOrder = Omit<AuditEntry, "order"> & { readonly id: string };

/** The controller's way to the policies of one unit. Both calls throw CodedError. */
export interface PolicyClient {
  readonly unitId: string;
  read(): Promise<UnitPolicies>;
  /** TERM_STALE, VERSION_STALE, POLICIES_REFUSED. */
  put(policies: TrafficPolicies): Promise<void>;
  /** Has the unit journal what an operator ordered; the event's id. Throws what the unit refuses with. */
  journal(order: JournalledOrder): Promise<string>;
  close(): void;
}

const bodyMax_bytes = 8 * 1024 * 1024;
type Asked = Partial<Pick<HttpCall, "path" | "method" | "body">>;

const eventIdPattern = /^[0-9a-f]{64}$/;
const ownMax = 100_000;
const cannotMax = 100;

/** Over HTTPS with mutual TLS, each call limited to `limit_ms` on each of the unit's uplinks in turn. */
export function createPolicyClient(options: {
  unitId: string;
  urls: readonly string[];
  identity: TlsIdentity;
  limit_ms: number;
  clock: Clock;
}): PolicyClient {
  const { unitId, urls, identity, limit_ms, clock } = options;
  const uplinks = urls.map((url) => createHttpClient({ url, peerId: unitId, identity }));
  const once = async (http: HttpClient, asked: Asked): Promise<HttpAnswer> => {
    const abort = new AbortController();
    const cancel = clock.after(limit_ms, () => abort.abort());
    try {
      return await http.call({
        path: "/v1/policies",
        ...asked,
        signal: abort.signal,
        bodyMax_bytes,
      });
    } finally {
      cancel();
    }
  };
  const call = async (asked: Asked): Promise<HttpAnswer> => {
    let thrown: unknown;
    for (const http of uplinks) {
      try {
        return await once(http, asked);
      } catch (one) {
        thrown = one;
      }
    }
    throw thrown;
  };
  return {
    unitId,
    async read() {
      const answer = await call({});
      const read = answer.status === 200 ? readUnitPolicies(jsonOf(answer.body)) : undefined;
      if (read !== undefined) return read;
      const message = `${unitId} did not say which policies it holds`;
      throw new CodedError({ code: "UNIT_ANSWER_INVALID", message });
    },
    async put(policies) {
      const body = { type: "application/json", bytes: JSON.stringify(policies) };
      const answer = await call({ method: "PUT", body });
      if (answer.status >= 200 && answer.status < 300) return;
      throw refusalOf(unitId, answer);
    },
    async journal(order) {
      const bytes = JSON.stringify({ ...order, at_ms: Math.trunc(order.at_ms) });
      const body = { type: "application/json", bytes };
      const answer = await call({ path: "/v1/policies/orders", method: "POST", body });
      const { eventId } = (jsonOf(answer.body) ?? {}) as { eventId?: unknown };
      const isTaken = answer.status >= 200 && answer.status < 300;
      if (isTaken && typeof eventId === "string" && eventIdPattern.test(eventId)) return eventId;
      throw refusalOf(unitId, answer);
    },
    close() {
      for (const http of uplinks) http.close();
    },
  };
}

function refusalOf(unitId: string, answer: HttpAnswer): CodedError {
  const { code, message } = (jsonOf(answer.body) ?? {}) as { code?: unknown; message?: unknown };
  return new CodedError({
    code: typeof code === "string" ? code : "POLICIES_REFUSED",
    message: `${unitId}: ${typeof message === "string" ? message : answer.status}`,
  });
}

/** The answer, or undefined where it is anything else. Other fields are ignored. */
export function readUnitPolicies(answer: unknown): UnitPolicies | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const { policies, own = [], drivers } = answer as Record<string, unknown>;
  const decoded = policies === null ? undefined : decodePolicies(policies);
  if (decoded?.ok === false || !Array.isArray(own) || own.length > ownMax) return undefined;
  if (!own.every(isOwn) || !Array.isArray(drivers)) return undefined;
  return {
    policies: decoded?.value ?? null,
    own: own.map(({ vehicleId, since_ms, reason }) => ({ vehicleId, since_ms, reason })),
    inForce_ms: slowestOf(drivers),
    cannot: drivers.flatMap(shortfallsOf).slice(0, cannotMax),
  };
}

function isOwn(row: unknown): row is OwnQuarantine {
  if (typeof row !== "object" || row === null) return false;
  const { vehicleId, since_ms, reason } = row as { [K in keyof OwnQuarantine]?: unknown };
  return (
    typeof vehicleId === "string" &&
    identifierPattern.test(vehicleId) &&
    typeof since_ms === "number" &&
    since_ms >= 0 &&
    typeof reason === "string"
  );
}

function slowestOf(drivers: readonly { readonly inForce_ms?: unknown }[]): number | null {
  const times = drivers
    .map((driver) => driver?.inForce_ms)
    .filter((time) => typeof time === "number");
  return times.length === 0 ? null : Math.max(...times);
}

function shortfallsOf(
  driver: { name?: unknown; cannot?: unknown } | null | undefined,
): readonly string[] {
  const cannot = driver?.cannot;
  if (!Array.isArray(cannot)) return [];
  return cannot.map(
    (one: { what?: unknown; why?: unknown } | null) =>
      `${textOf(driver?.name)}: ${textOf(one?.what)}, because ${textOf(one?.why)}`,
  );
}

/** Not every value of JSON can be put into text: {"toString": 1} throws. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 300) : "?";
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
