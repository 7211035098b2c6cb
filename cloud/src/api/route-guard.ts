import { assert, type Clock, type Logger } from "@voltfog/runtime";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { TokenDirectory } from "../access/token-directory.ts";
import type { TokenRole, TokenRow } from "../access/token-file.ts";
import { ApiRefusal } from "./api-context.ts";
import { accessOf, type RouteAccess } from "./route-roles.ts";

/** What decides who may call what. */
export interface GuardOptions {
  readonly tokens: TokenDirectory;
  /** The role of who shows no token. */
  readonly anonymousRole: TokenRole | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Caller = Pick<TokenRow, "id" | "role" | "fleet">;

/**
 * Lets only the roles of its row call a route that is registered after this; a route without a row stops
 * the process. 401 TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED; 403 ROLE_REFUSED; each is logged.
 */
export function guardRoutes(app: FastifyInstance, options: GuardOptions): void {
  app.addHook("onRoute", ({ url }) => assert(accessOf(url) !== undefined, `${url} has roles`));
  app.addHook("onRequest", (request, reply, next) => {
    const refusal = refusalOf(request, options);
    if (refusal?.statusCode === 401) reply.header("www-authenticate", "Bearer");
    next(refusal);
  });
}

function refusalOf(request: FastifyRequest, options: GuardOptions): ApiRefusal | undefined {
  const route = request.routeOptions.url ?? "";
  const access = accessOf(route);
  assert(access !== undefined, "every route has a row, which its registration checked");
  if (access.roles === "public") return undefined;
  const told = { method: request.method, route };
  const caller = callerOf(request.headers.authorization, options);
  if (caller instanceof ApiRefusal) {
    options.logger.warn("access refused", { code: caller.code, ...told });
    return caller;
  }
  if (mayCall(access, caller)) {
    options.logger.debug("access", { token: caller.id, role: caller.role, ...told });
    return undefined;
  }
  const { id: token, role } = caller;
  options.logger.warn("access refused", { code: "ROLE_REFUSED", token, role, ...told });
  const message =
    caller.fleet === undefined
      ? `role ${role} may not ${request.method} ${route}`
      : `role ${role} of one fleet may not ${request.method} ${route}`;
  return new ApiRefusal({ statusCode: 403, code: "ROLE_REFUSED", message });
}

function mayCall({ roles, isOfVehicles }: RouteAccess, caller: Caller): boolean {
  if (isOfVehicles && caller.fleet !== undefined) return false;
  return roles === "public" || roles.includes(caller.role);
}

function callerOf(header: string | undefined, options: GuardOptions): Caller | ApiRefusal {
  if (header === undefined) {
    const { anonymousRole: role } = options;
    if (role !== undefined) return { id: "anonymous", role };
    return unauthorised("TOKEN_MISSING", "send Authorization: Bearer with a token");
  }
  const [, token] = /^Bearer +(vf_[0-9a-f]{64}) *$/i.exec(header) ?? [];
  const row = token === undefined ? undefined : options.tokens.rowOf(token);
  if (row === undefined) return unauthorised("TOKEN_INVALID", "no such token holds");
  if (row.expires_ms > options.clock.wall_ms()) return row;
  return unauthorised("TOKEN_EXPIRED", `token ${row.id} has expired`);
}

function unauthorised(code: string, message: string): ApiRefusal {
  return new ApiRefusal({ statusCode: 401, code, message });
}
