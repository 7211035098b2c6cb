import type { HttpService } from "@voltfog/runtime/node";

export type App = HttpService["app"];

/** A whole number of a place or a count. */
export function whole(options: { min?: number; max?: number; default?: number } = {}): object {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  const base = { type: "integer", minimum: min, maximum: max };
  return options.default === undefined ? base : { ...base, default: options.default };
}

export const identifier: object = { type: "string", pattern: "^[a-z][a-z0-9-]{0,31}$" };

/** The schema of an object with exactly these fields. */
export function exactly(
  properties: Record<string, object>,
  required: readonly string[] = [],
): object {
  return { type: "object", properties, required, additionalProperties: false };
}

/** Longest time that a request is held open. */
export const waitMax_ms = 30_000;

/**
 * Refuses parameters and fields that a route does not have. The framework would drop them in silence,
 * and a misspelt limit would then be no limit.
 */
export function refuseUnknown(app: App): void {
  app.addHook("preValidation", async (request, reply) => {
    const schema = request.routeOptions.schema as RouteSchema | undefined;
    for (const part of ["querystring", "body"] as const) {
      const known = schema?.[part]?.properties;
      const given = part === "body" ? request.body : request.query;
      const unknown = known === undefined ? undefined : unknownKey(given, known);
      if (unknown === undefined) continue;
      const message = `no parameter ${unknown.slice(0, 64)} here`;
      return reply.status(400).send({ code: "PARAMETER_UNKNOWN", message });
    }
    return undefined;
  });
}

interface RouteSchema {
  readonly querystring?: { readonly properties?: object };
  readonly body?: { readonly properties?: object };
}

function unknownKey(given: unknown, known: object): string | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  return Object.keys(given).find((key) => !Object.hasOwn(known, key));
}
