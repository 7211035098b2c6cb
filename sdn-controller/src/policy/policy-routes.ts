import type { TLSSocket } from "node:tls";
import { readDeny, readLimit, readQuarantine } from "@voltfog/messages";
import type { Clock } from "@voltfog/runtime";
import { type BackboneAccess, type HttpService, peerOf } from "@voltfog/runtime/node";
import { type Asker, allow, deny, limit, quarantine, release, unlimit } from "./policy-book.ts";
import type { PolicyDesk } from "./policy-desk.ts";

type App = HttpService["app"];
type Fields = Readonly<Record<string, unknown>>;
type Change = Parameters<PolicyDesk["change"]>[0];

interface Request {
  readonly body: unknown;
  readonly query: unknown;
  readonly params: unknown;
  readonly raw: { readonly socket: unknown };
}

interface Reply {
  status(code: number): { send(body: object): unknown };
}

/** Who may look at policies, and who may change them. */
export const policyAccess: BackboneAccess = {
  "GET /v1/policies": ["cloud", "operator"],
  "POST /v1/policies/quarantine": ["operator"],
  "DELETE /v1/policies/quarantine/:id": ["operator"],
  "PUT /v1/policies/limits/:id": ["operator"],
  "DELETE /v1/policies/limits/:id": ["operator"],
  "PUT /v1/policies/deny": ["operator"],
  "DELETE /v1/policies/deny": ["operator"],
};

const statusOf = { POLICY_INVALID: 400, POLICY_UNKNOWN: 404, POLICIES_FULL: 409 } as const;

/** What anybody on the machine may see. */
export function addPolicyView(app: App, desk: PolicyDesk): void {
  app.get("/v1/policies", () => desk.view);
}

/**
 * What operators change. Each answers {version, units} when every unit that answers has it in force; what
 * was changed stands also where a unit is behind, and is told to it when it answers.
 */
export function addPolicyRoutes(app: App, parts: { desk: PolicyDesk; clock: Clock }): void {
  const taking =
    (read: (asked: Asked) => Change | undefined) =>
    (request: Request, reply: Reply): Promise<unknown> =>
      take({ request, reply, read, ...parts });
  app.post("/v1/policies/quarantine", taking(askedQuarantine));
  app.delete("/v1/policies/quarantine/:id", taking(askedRelease));
  app.put("/v1/policies/limits/:id", taking(askedLimit));
  app.delete("/v1/policies/limits/:id", taking(askedUnlimit));
  app.put("/v1/policies/deny", taking(askedDeny));
  app.delete("/v1/policies/deny", taking(askedAllow));
}

interface Asked {
  readonly body: Fields;
  readonly query: Fields;
  readonly id: string;
  readonly asker: Omit<Asker, "why">;
}

async function take(options: {
  request: Request;
  reply: Reply;
  read: (asked: Asked) => Change | undefined;
  desk: PolicyDesk;
  clock: Clock;
}): Promise<unknown> {
  const { request, reply, read, desk, clock } = options;
  if (!desk.isLeading) {
    const message = "another controller leads; ask it";
    return reply.status(409).send({ code: "NOT_LEADING", message });
  }
  const who = peerOf(request.raw.socket as TLSSocket)?.id ?? "unknown";
  const change = read({
    body: fieldsOf(request.body),
    query: fieldsOf(request.query),
    id: String(fieldsOf(request.params)["id"] ?? ""),
    asker: { who, at_ms: clock.wall_ms() },
  });
  if (change === undefined) {
    const message = "a subject and why are missing or malformed";
    return reply.status(400).send({ code: "POLICY_INVALID", message });
  }
  const made = await desk.change(change);
  if (!made.ok) {
    const { code, detail } = made.problem;
    return reply.status(statusOf[code]).send({ code, message: detail });
  }
  const { version, units } = desk.view;
  return reply.status(200).send({ version, units });
}

function askedQuarantine({ body, asker }: Asked): Change | undefined {
  const { why, ...subject } = body;
  const row = readQuarantine({ ...subject, since_ms: asker.at_ms, reason: why });
  if (row === undefined) return undefined;
  const { since_ms: _, reason, ...who } = row;
  return (state) => quarantine(state, who, { ...asker, why: reason });
}

function askedRelease({ id, query, asker }: Asked): Change | undefined {
  const why = onlyWhy(query);
  return why === undefined ? undefined : (state) => release(state, id, { ...asker, why });
}

function askedLimit({ id, body, asker }: Asked): Change | undefined {
  const { why, ...rates } = body;
  const row = readLimit({ ...rates, vehicleId: id });
  if (row === undefined || typeof why !== "string") return undefined;
  return (state) => limit(state, row, { ...asker, why });
}

function askedUnlimit({ id, query, asker }: Asked): Change | undefined {
  const why = onlyWhy(query);
  return why === undefined ? undefined : (state) => unlimit(state, id, { ...asker, why });
}

function askedDeny({ body, asker }: Asked): Change | undefined {
  const { why, ...row } = body;
  const denied = readDeny(row);
  if (denied === undefined || typeof why !== "string") return undefined;
  return (state) => deny(state, denied.address, { ...asker, why });
}

function askedAllow({ query, asker }: Asked): Change | undefined {
  const { address, why, ...more } = query;
  if (typeof address !== "string" || typeof why !== "string") return undefined;
  if (Object.keys(more).length > 0) return undefined;
  return (state) => allow(state, address, { ...asker, why });
}

function onlyWhy({ why, ...more }: Fields): string | undefined {
  return typeof why === "string" && Object.keys(more).length === 0 ? why : undefined;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}
