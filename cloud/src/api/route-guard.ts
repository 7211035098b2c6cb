import { assert, type Logger } from "@voltfog/runtime";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { AuditBook } from "../access/audit-book.ts";
import type { Caller } from "../access/caller.ts";
import type { Fleet, FleetDirectory } from "../access/fleet-directory.ts";
import {
  credentialOf,
  type IdentityOptions,
  type IdentityProblem,
  identityOf,
  sessionOf,
} from "../access/identity.ts";
import { isSameOrigin } from "../access/same-origin.ts";
import { ApiRefusal, unknownVehicle } from "./api-context.ts";
import { accessOf, mayCall, type RouteAccess, type VehiclePlace } from "./route-roles.ts";

/** What decides who may call what. */
export interface GuardOptions extends IdentityOptions {
  readonly fleets: FleetDirectory;
  readonly audit: AuditBook;
  readonly logger: Logger;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Undefined on public routes alone. */
    caller: Caller | undefined;
  }
}

/**
 * Lets only the roles of its row call a route that is registered after this; a route without a row stops
 * the process. 401 TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED, SESSION_ENDED; 403 ROLE_REFUSED,
 * LOGIN_WITHOUT_ROLE, ORIGIN_REFUSED; 503 LOGIN_UNCHECKED; each is logged. To who belongs to a fleet, a vehicle of no or another fleet is 404
 * UNKNOWN_VEHICLE, as one that does not exist. What tells of vehicles is recorded first: 503 AUDIT_FAILED.
 */
export function guardRoutes(app: FastifyInstance, options: GuardOptions): void {
  app.decorateRequest("caller", undefined);
  app.addHook("onRoute", ({ url }) => assert(accessOf(url) !== undefined, `${url} has roles`));
  app.addHook("onRequest", async (request, reply) => {
    await admit(request, options).catch((thrown: unknown) => {
      if (thrown instanceof ApiRefusal && thrown.statusCode === 401) {
        reply.header("www-authenticate", "Bearer");
      }
      throw thrown;
    });
  });
  // After validation: a parameter that is no identifier is told so, whoever asks.
  app.addHook("preHandler", (request) => recordAccess(request, options));
}

/** The fleet that the caller sees alone; undefined for who sees every vehicle. */
export function fleetOf(request: FastifyRequest): Fleet {
  return request.caller?.fleet;
}

function rowOf(request: FastifyRequest): RouteAccess {
  const access = accessOf(request.routeOptions.url ?? "");
  assert(access !== undefined, "every route has a row, which its registration checked");
  return access;
}

/** The vehicle that a request names in one place, as the route's schema let it through. */
function vehicleAt(
  { params, query, body }: FastifyRequest,
  place: VehiclePlace,
): string | undefined {
  const [part, name] = place.split(".") as ["params" | "query" | "body", string];
  const fields = { params, query, body }[part];
  const value = (fields as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return typeof value === "string" ? value : undefined;
}

async function admit(request: FastifyRequest, options: GuardOptions): Promise<void> {
  const access = rowOf(request);
  if (access.roles === "public") return;
  const route = request.routeOptions.url ?? "";
  const told = { method: request.method, route };
  const credential = credentialOf(request.headers);
  if (sessionOf(credential) !== undefined) refuseForeign(request, options.logger);
  const identity = await identityOf(credential, options);
  if (!identity.ok) {
    options.logger.warn("access refused", { code: identity.problem.code, ...told });
    throw refusalOf(identity.problem);
  }
  const { id: token, role, fleet } = identity.value;
  if (mayCall(access, identity.value)) {
    request.caller = identity.value;
    options.logger.debug("access", { token, role, ...told });
    return;
  }
  options.logger.warn("access refused", { code: "ROLE_REFUSED", token, role, ...told });
  const who = fleet === undefined ? `role ${role}` : `role ${role} of one fleet`;
  const message = `${who} may not ${request.method} ${route}; ${whoMay(access)} may`;
  throw new ApiRefusal({ statusCode: 403, code: "ROLE_REFUSED", message });
}

function whoMay({ roles, fleet }: RouteAccess): string {
  const names = roles === "public" ? "everybody" : roles.join(", ");
  return fleet === "refused" ? `${names}, of no single fleet,` : names;
}

/**
 * A browser sends its session with every request, whoever's page made it do so: what changes something must come
 * from a page of this origin. 403 ORIGIN_REFUSED.
 */
export function refuseForeign(request: FastifyRequest, logger: Logger): void {
  const { method, headers, routeOptions } = request;
  if (method === "GET" || method === "HEAD" || isSameOrigin(headers)) return;
  logger.warn("access refused", { code: "ORIGIN_REFUSED", method, route: routeOptions.url ?? "" });
  const message = "a session changes things from the site's own pages alone; send a token instead";
  throw new ApiRefusal({ statusCode: 403, code: "ORIGIN_REFUSED", message });
}

/** What somebody gets to hear who is not let in. */
export function refusalOf({ code, detail }: IdentityProblem): ApiRefusal {
  return new ApiRefusal({ statusCode: statusOf[code] ?? 401, code, message: detail });
}

const statusOf: Readonly<Record<string, number>> = {
  LOGIN_WITHOUT_ROLE: 403,
  LOGIN_UNCHECKED: 503,
};

/** Before the answer: what cannot be recorded is not shown. Things with ids of their own tell their vehicle later. */
async function recordAccess(
  request: FastifyRequest,
  { fleets, audit }: GuardOptions,
): Promise<void> {
  const { fleet: seen, vehicleIn, ofThing } = rowOf(request);
  if (seen === "all") return;
  const fleet = fleetOf(request);
  const named = vehicleIn.flatMap((place) => vehicleAt(request, place) ?? []);
  const hidden = named.find((vehicleId) => !fleets.sees(fleet, vehicleId));
  const [vehicleId = "*"] = hidden === undefined ? named : [hidden];
  const granted = hidden === undefined;
  if (ofThing !== true) await noteAccess(audit, { request, vehicleId, granted });
  if (hidden !== undefined) throw unknownVehicle(hidden);
}

/** Resolves when the access of this request's caller is recorded. AUDIT_FAILED (503) where it cannot be. */
export async function noteAccess(
  audit: AuditBook,
  o: { request: FastifyRequest; vehicleId: string; granted: boolean },
): Promise<void> {
  const { request, vehicleId, granted } = o;
  const { caller, method, routeOptions } = request;
  assert(caller !== undefined, "a route that tells of vehicles has a caller");
  const { id, role, fleet = null } = caller;
  const route = routeOptions.url ?? "";
  const who = { caller: id, role, fleet };
  await audit.note({ ...who, method, route, vehicleId, granted });
}
