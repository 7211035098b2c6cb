import swagger from "@fastify/swagger";
import { CodedError, messageOf } from "@voltfog/runtime";
import { Ajv } from "ajv";
import type { FastifyInstance, FastifyReply } from "fastify";
import { alertRoutes } from "./alert-routes.ts";
import type { ApiContext } from "./api-context.ts";
import { auditRoutes } from "./audit-routes.ts";
import { chainRoutes } from "./chain-routes.ts";
import { chargerRoutes } from "./charger-routes.ts";
import { controlRoutes } from "./control-routes.ts";
import { eventRoutes } from "./event-routes.ts";
import { explorerRoutes } from "./explorer-routes.ts";
import { healthRoutes } from "./health-routes.ts";
import { maintenanceRoutes } from "./maintenance-routes.ts";
import { marketDeskRoutes } from "./market-desk-routes.ts";
import { marketRoutes } from "./market-routes.ts";
import { reportRoutes } from "./report-routes.ts";
import { guardRoutes } from "./route-guard.ts";
import { parameters } from "./schema.ts";
import { type SessionRoutesOptions, sessionRoutes } from "./session-routes.ts";
import { settlementRoutes } from "./settlement-routes.ts";
import { siteRoutes } from "./site-routes.ts";
import { vehicleRoutes } from "./vehicle-routes.ts";
import { webApp } from "./web-app.ts";
import { workOrderRoutes } from "./work-order-routes.ts";

const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

/** Codes of refusals that are nobody's mistake: the same request may work in a moment. */
const busyCodes = new Set([
  "STORE_BUSY",
  "STORE_TIMEOUT",
  "AUDIT_FAILED",
  "STORE_UNREACHABLE",
  "SESSIONS_FULL",
  "SESSIONS_FAILED",
]);

/**
 * All routes of the public API, their description at /openapi.json, and the pages. Parameters are
 * strict: an unknown one is refused, not passed over.
 */
export function httpApi(
  app: FastifyInstance,
  options: { context: ApiContext; webRoot: string; guard: SessionRoutesOptions },
  done: () => void,
): void {
  const ajv = new Ajv({
    ...{ coerceTypes: true, useDefaults: true, allErrors: false, strict: false },
    // With strict numbers ajv turns the text "Infinity" into a number, then checks no limit of it.
    strictNumbers: false,
  });
  app.setValidatorCompiler(({ schema }) => ajv.compile(schema as object));
  app.addHook("onRequest", (_request, reply, next) => {
    reply.headers(securityHeaders);
    next();
  });
  app.setErrorHandler((thrown, _request, reply) => refuse(thrown, reply));
  void app.register(swagger, { openapi: description });
  void app.register(apiRoutes, options);
  void app.register(webApp, options);
  done();
}

/** Registered after the description's plugin, which sees only routes that come later. */
function apiRoutes(
  api: FastifyInstance,
  options: { context: ApiContext; guard: SessionRoutesOptions },
  done: () => void,
): void {
  guardRoutes(api, options.guard);
  api.addHook("onSend", (_request, reply, _payload, next) => {
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    next();
  });
  vehicleRoutes(api, options.context);
  eventRoutes(api, options.context);
  chainRoutes(api, options.context);
  explorerRoutes(api, options.context);
  siteRoutes(api, options.context);
  controlRoutes(api, options.context);
  chargerRoutes(api, options.context);
  alertRoutes(api, options.context);
  healthRoutes(api, options.context);
  reportRoutes(api, options.context);
  maintenanceRoutes(api, options.context);
  workOrderRoutes(api, options.context);
  auditRoutes(api, options.context);
  sessionRoutes(api, options.guard);
  marketRoutes(api, options.context);
  marketDeskRoutes(api, options.context);
  settlementRoutes(api, options.context);
  api.get("/openapi.json", {
    schema: {
      tags: ["description"],
      summary: "This description",
      description: "OpenAPI 3.1, made from the schemas that the routes are checked with.",
      querystring: parameters({}),
      response: {
        200: { description: "the description", type: "object", additionalProperties: true },
      },
    },
    handler: () => api.swagger(),
  });
  done();
}

function refuse(thrown: unknown, reply: FastifyReply): FastifyReply {
  const { statusCode, validation } = thrown as { statusCode?: unknown; validation?: unknown };
  if (validation !== undefined) {
    return reply.status(400).send({ code: "INVALID_PARAMETER", message: messageOf(thrown) });
  }
  if (thrown instanceof CodedError && busyCodes.has(thrown.code)) {
    return reply.status(503).send({ code: thrown.code, message: thrown.message });
  }
  if (thrown instanceof CodedError && typeof statusCode === "number") {
    return reply.status(statusCode).send({ code: thrown.code, message: thrown.message });
  }
  throw thrown; // The process's own handler logs it and answers 500.
}

/** The three routes that every process has stand before this plugin, so they are described here. */
const description = {
  openapi: "3.1.0",
  info: {
    title: "Voltfog",
    version: "1",
    description:
      "Battery data from electric vehicles, with a record that anyone can verify. Numbers wear their unit in the name; null means not known; times are milliseconds since the Unix epoch.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
  components: {
    securitySchemes: {
      token: {
        type: "http" as const,
        scheme: "bearer",
        description:
          "A token of `voltfog token create`, or a JWT of the site's login system. Not needed where the site gives callers without one a role. 401 TOKEN_MISSING, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_REVOKED; 403 ROLE_REFUSED, LOGIN_WITHOUT_ROLE; 503 LOGIN_UNCHECKED, AUDIT_FAILED.",
      },
      session: {
        type: "apiKey" as const,
        in: "cookie" as const,
        name: "voltfog_session",
        description:
          "What a browser has of POST /v1/session; its name ends with _ and the port where the address has one. What changes something must come from a page of the same origin. 401 SESSION_ENDED, TOKEN_EXPIRED, TOKEN_REVOKED; 403 ORIGIN_REFUSED.",
      },
    },
  },
  security: [{ token: [] }, { session: [] }, {}],
  tags: [
    { name: "vehicles", description: "What batteries report" },
    { name: "events", description: "What functions found" },
    { name: "maintenance", description: "Which vehicles need somebody, when, and what to do" },
    { name: "alerts", description: "What somebody should look at" },
    { name: "chain", description: "What the consortium made final" },
    { name: "site", description: "Units, placements, incidents" },
    { name: "chargers", description: "Where to charge: public" },
    { name: "session", description: "Who is signed in on the pages" },
    { name: "live", description: "As it happens" },
    { name: "description", description: "About this API and this process" },
  ],
  paths: {
    "/health": plainPath("Whether the process is alive", "200 while it runs."),
    "/ready": plainPath(
      "Whether it can do its work",
      "200, or 503 with what is missing: the store or the built pages.",
    ),
    "/metrics": plainPath("Prometheus metrics", "Text exposition format."),
  },
};

function plainPath(summary: string, description: string): object {
  return {
    get: {
      tags: ["description"],
      summary,
      description,
      responses: { 200: { description: "the answer" } },
    },
  };
}
