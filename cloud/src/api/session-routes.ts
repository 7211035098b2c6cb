import { assert } from "@voltfog/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../access/caller.ts";
import {
  credentialOf,
  type IdentityProblem,
  identityOf,
  identityOfToken,
  sessionOf,
} from "../access/identity.ts";
import { isFromTls } from "../access/same-origin.ts";
import { sessionCookie } from "../access/session-cookie.ts";
import { hashOfToken } from "../access/token-directory.ts";
import { tokenRoles } from "../access/token-file.ts";
import { RequestAllowance } from "../market/request-allowance.ts";
import { ApiRefusal } from "./api-context.ts";
import { type GuardOptions, refusalOf, refuseForeign } from "./route-guard.ts";
import { type RefusedRoute, rightsOf } from "./route-roles.ts";
import {
  answers,
  flag,
  listOf,
  nullable,
  objectOf,
  oneOf,
  parameters,
  text,
  whole,
} from "./schema.ts";

export interface SessionRoutesOptions extends GuardOptions {
  /** Who issues the logins that are taken beside tokens; undefined where none are. */
  readonly issuer: string | undefined;
}

/** Who somebody is to the API, and what they may do there. */
export interface SessionView {
  readonly caller: {
    readonly id: string;
    readonly role: string;
    readonly fleet: string | null;
  } | null;
  /** Whether that comes from a session of this browser. */
  readonly signedIn: boolean;
  readonly expires_ms: number | null;
  /** Why the session that the browser shows holds no longer. */
  readonly ended: { readonly code: string; readonly message: string } | null;
  /** Routes as /openapi.json has them, with `:name` for `{name}`. */
  readonly may: readonly string[];
  readonly refused: readonly RefusedRoute[];
  readonly issuer: string | null;
  readonly now_ms: number;
}

/** A person mistypes a few times; a flood of tries must not bury the record of accesses. */
const tries = { burst: 20, perSecond: 0.5 };
const tokenMax = 8192;
const route = "/v1/session";
const tags = ["session"];

const callerSchema = objectOf<NonNullable<SessionView["caller"]>>({
  id: text("id of the token, anonymous, or oidc: with the login's subject"),
  role: oneOf(tokenRoles),
  fleet: nullable(text("the fleet that it shows alone")),
});

const viewSchema = objectOf<SessionView>({
  caller: { ...callerSchema, type: ["object", "null"], description: "null: nobody is let in" },
  signedIn: { ...flag, description: "by this browser's session" },
  expires_ms: nullable({ ...whole, description: "when the session ends" }),
  ended: {
    ...objectOf<NonNullable<SessionView["ended"]>>({ code: text(), message: text() }),
    type: ["object", "null"],
    description: "why the session that was shown holds no longer",
  },
  may: { ...listOf(text()), description: "the routes that the caller may call" },
  refused: {
    ...listOf(
      objectOf<RefusedRoute>({
        route: text(),
        roles: listOf(oneOf(tokenRoles)),
        wholeSite: { ...flag, description: "nobody who belongs to one fleet may" },
      }),
    ),
    description: "the others, and who may call them",
  },
  issuer: nullable(text("whose logins are taken beside tokens")),
  now_ms: { ...whole, description: "the server's clock" },
});

/** Signing in on the pages: the session of a browser, as a cookie that no script can read. */
export function sessionRoutes(app: FastifyInstance, options: SessionRoutesOptions): void {
  app.get(route, {
    schema: {
      tags,
      summary: "Who you are here",
      description:
        "What the request's token or session says of its sender, and what they may call.",
      querystring: parameters({}),
      response: answers("who you are", viewSchema),
    },
    handler: (request) => viewOf(request, options),
  });
  signInRoute(app, options);
  signOutRoute(app, options);
}

function signInRoute(app: FastifyInstance, options: SessionRoutesOptions): void {
  const allowance = new RequestAllowance({ ...tries, clock: options.clock });
  app.post<{ Body: { token: string } }>(route, {
    schema: {
      tags,
      summary: "Sign in on the pages",
      description:
        "Begins a session with a token or a login, as a cookie of the API (HttpOnly, SameSite=Strict). For browsers: only from a page of this origin, 403 ORIGIN_REFUSED; programs send the token itself. 401 TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED; 403 LOGIN_WITHOUT_ROLE; 429 SIGN_IN_BUSY; 503 SESSIONS_FULL, SESSIONS_FAILED, LOGIN_UNCHECKED, AUDIT_FAILED.",
      querystring: parameters({}),
      body: {
        ...parameters({ token: { type: "string", minLength: 1, maxLength: tokenMax } }, ["token"]),
        examples: [{ token: `vf_${"0".repeat(64)}` }],
      },
      response: answers("who you are from now on", viewSchema, [429]),
    },
    handler: async (request, reply) => {
      const asked = request as FastifyRequest;
      refuseForeign(asked, options.logger);
      const taken = allowance.take(request.ip);
      if (!taken.ok) {
        reply.header("retry-after", String(taken.wait_s));
        const message = `too many tries; try again in ${taken.wait_s} s`;
        throw new ApiRefusal({ statusCode: 429, code: "SIGN_IN_BUSY", message });
      }
      return signIn(asked, { reply, token: request.body.token.trim(), options });
    },
  });
}

async function signIn(
  request: FastifyRequest,
  o: { reply: FastifyReply; token: string; options: SessionRoutesOptions },
): Promise<SessionView> {
  const { reply, token, options } = o;
  const { sessions, logger, clock } = options;
  const found = await identityOfToken(token, options);
  if (!found.ok) {
    const { code } = found.problem;
    logger.warn("sign-in refused", { code, address: request.ip });
    await note(options, { request, caller: undefined });
    throw refusalOf(found.problem);
  }
  const { until_ms, ...caller } = found.value;
  await note(options, { request, caller });
  const tokenHash = caller.id.startsWith("oidc:") ? null : hashOfToken(token);
  const before = sessionOf(credentialOf(request.headers));
  if (before !== undefined) sessions.end(before);
  const { id, expires_ms } = sessions.begin({ caller, tokenHash, until_ms });
  logger.info("signed in", { token: caller.id, role: caller.role });
  setCookie(request, { reply, id, kept_ms: expires_ms - clock.wall_ms() });
  return { ...viewFor(caller, options), signedIn: true, expires_ms };
}

function signOutRoute(app: FastifyInstance, options: SessionRoutesOptions): void {
  app.delete(route, {
    schema: {
      tags,
      summary: "Sign out on the pages",
      description:
        "Ends this browser's session at once, for its live feeds within seconds. Only from a page of this origin, 403 ORIGIN_REFUSED. 503 SESSIONS_FAILED, AUDIT_FAILED.",
      querystring: parameters({}),
      response: { ...answers("who you are without it", viewSchema) },
    },
    handler: async (request, reply) => {
      refuseForeign(request, options.logger);
      setCookie(request, { reply, id: undefined, kept_ms: 0 });
      const id = sessionOf(credentialOf(request.headers));
      const caller = id === undefined ? undefined : options.sessions.end(id);
      if (caller !== undefined) await note(options, { request, caller });
      const without = await identityOf(undefined, options);
      return viewFor(without.ok ? without.value : undefined, options);
    },
  });
}

async function viewOf(
  request: FastifyRequest,
  options: SessionRoutesOptions,
): Promise<SessionView> {
  const credential = credentialOf(request.headers);
  const id = sessionOf(credential);
  const session = id === undefined ? undefined : options.sessions.callerOf(id);
  const found = await identityOf(credential, options);
  const view = viewFor(found.ok ? found.value : undefined, options);
  if (session?.ok === true) return { ...view, signedIn: true, expires_ms: session.value.until_ms };
  const problem =
    session?.problem ?? (found.ok || credential === undefined ? undefined : found.problem);
  return problem === undefined ? view : { ...view, ended: endingOf(problem) };
}

function endingOf({ code, detail }: IdentityProblem): NonNullable<SessionView["ended"]> {
  return { code, message: detail };
}

function viewFor(caller: Caller | undefined, { issuer, clock }: SessionRoutesOptions): SessionView {
  const { id, role, fleet = null } = caller ?? { id: "", role: "" };
  return {
    caller: caller === undefined ? null : { id, role, fleet },
    ...{ signedIn: false, expires_ms: null, ended: null },
    ...rightsOf(caller),
    ...{ issuer: issuer ?? null, now_ms: clock.wall_ms() },
  };
}

function setCookie(
  { headers }: FastifyRequest,
  o: { reply: FastifyReply; id: string | undefined; kept_ms: number },
): void {
  const { reply, id, kept_ms } = o;
  const isSecure = isFromTls(headers);
  reply.header("set-cookie", sessionCookie({ host: headers.host, id, kept_ms, isSecure }));
}

/** Before it holds, as every access; a try that is refused is somebody unknown. AUDIT_FAILED. */
async function note(
  { audit }: GuardOptions,
  o: { request: FastifyRequest; caller: Caller | undefined },
): Promise<void> {
  const { request, caller } = o;
  const { id, role, fleet = null } = caller ?? { id: "unknown", role: "none" };
  assert(route === request.routeOptions.url, "only this route signs in and out");
  const granted = caller !== undefined;
  const { method } = request;
  await audit.note({ caller: id, role, fleet, method, route, vehicleId: "", granted });
}
