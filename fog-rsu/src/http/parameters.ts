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
 * Refuses what the framework would put right in silence: parameters and fields that a route does not
 * have (a misspelt limit would be no limit), and numbers of a body that are none (null would be 0).
 */
export function refuseUnknown(app: App): void {
  app.addHook("preValidation", async (request, reply) => {
    const schema = request.routeOptions.schema as RouteSchema | undefined;
    const message =
      unknownKey(request.query, schema?.querystring?.properties) ??
      unknownKey(request.body, schema?.body?.properties) ??
      noNumber(request.body, schema?.body?.properties);
    if (message === undefined) return undefined;
    return reply.status(400).send({ code: "PARAMETER_INVALID", message });
  });
}

type Properties = Readonly<Record<string, { readonly type?: string }>>;

interface RouteSchema {
  readonly querystring?: { readonly properties?: Properties };
  readonly body?: { readonly properties?: Properties };
}

function unknownKey(given: unknown, known: Properties | undefined): string | undefined {
  if (typeof given !== "object" || given === null || known === undefined) return undefined;
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(known, key));
  return unknown === undefined ? undefined : `no parameter ${unknown.slice(0, 64)} here`;
}

function noNumber(given: unknown, known: Properties | undefined): string | undefined {
  if (typeof given !== "object" || given === null || known === undefined) return undefined;
  const wrong = Object.entries(given).find(([key, value]) => {
    const type = known[key]?.type;
    return (type === "number" || type === "integer") && typeof value !== "number";
  });
  return wrong && `${wrong[0]} must be a number`;
}
