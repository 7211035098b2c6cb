import type { FastifyInstance } from "fastify";
import type { AuditEntry } from "../access/audit-entry.ts";
import type { ApiContext } from "./api-context.ts";
import {
  answers,
  flag,
  identifier,
  instant_ms,
  listOf,
  nullable,
  objectOf,
  parameters,
  text,
  whole,
  wholeFrom,
} from "./schema.ts";

const entrySchema = objectOf<AuditEntry>({
  at_ms: whole,
  caller: text("id of the token, anonymous, or oidc: with the login's subject"),
  role: text(),
  fleet: nullable(text()),
  method: text(),
  route: text(),
  vehicleId: text("* where every vehicle of the caller's was told of"),
  granted: flag,
  times: { ...whole, description: "how often within a minute, up to at_ms" },
});

interface AuditParameters {
  readonly vehicle?: string;
  readonly caller?: string;
  readonly before_ms: number;
  readonly limit: number;
}

/** Who looked at vehicles. */
export function auditRoutes(app: FastifyInstance, { audit }: ApiContext): void {
  app.get<{ Querystring: AuditParameters }>("/v1/audit", {
    schema: {
      tags: ["site"],
      summary: "Who looked at what, newest first",
      description:
        "Each access to what vehicles said, and each try at another fleet's. With `vehicle`, also who was shown all vehicles. For the next page, `before_ms` takes the last at_ms of this one.",
      querystring: parameters({
        vehicle: identifier,
        caller: { type: "string", minLength: 1, maxLength: 200, description: "as in an entry" },
        before_ms: {
          ...instant_ms,
          default: 253_402_300_799_999,
          description: "only earlier ones",
        },
        limit: wholeFrom({ minimum: 1, maximum: 500, default: 100, description: "at most" }),
      }),
      response: answers("the entries", listOf(entrySchema)),
    },
    handler: ({ query: { vehicle, caller, ...query } }) =>
      audit.entries({
        ...(vehicle === undefined ? {} : { vehicleId: vehicle }),
        ...(caller === undefined ? {} : { caller }),
        ...query,
      }),
  });
}
