/** A JSON schema as fastify and OpenAPI 3.1 read it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The schema of an answer: exactly the fields of its type, all of them required. */
export function objectOf<T>(
  properties: Readonly<Record<keyof T & string, JsonSchema>>,
  options: { readonly optional?: readonly (keyof T & string)[] } = {},
): JsonSchema {
  const optional: readonly string[] = options.optional ?? [];
  return {
    type: "object",
    required: Object.keys(properties).filter((key) => !optional.includes(key)),
    additionalProperties: false,
    properties,
  };
}

/** The schema of parameters: anything else than these is refused. */
export function parameters(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  return { type: "object", additionalProperties: false, properties, required };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

export function text(description?: string): JsonSchema {
  return { type: "string", ...(description === undefined ? {} : { description }) };
}

export function oneOf(values: readonly string[]): JsonSchema {
  return { type: "string", enum: values };
}

export const number: JsonSchema = { type: "number" };
export const whole: JsonSchema = { type: "integer" };
export const flag: JsonSchema = { type: "boolean" };

/** The same, or null where it is not known. */
export function nullable(schema: JsonSchema): JsonSchema {
  const { enum: values } = schema;
  const allowed = Array.isArray(values) ? { enum: [...values, null] } : {};
  return { ...schema, ...allowed, type: [schema["type"], "null"] };
}

/** A whole number from the query or the path. */
export function wholeFrom(options: {
  minimum: number;
  maximum: number;
  default?: number;
  description: string;
}): JsonSchema {
  return { type: "integer", ...options };
}

export const identifier: JsonSchema = {
  type: "string",
  pattern: "^[a-z][a-z0-9-]{0,31}$",
  description: "lower-case letters, digits and hyphens, at most 32",
};

export const hash: JsonSchema = {
  type: "string",
  pattern: "^[0-9a-f]{64}$",
  description: "32 bytes in lower-case hex",
};

/** Milliseconds since the Unix epoch; up to the year 9999. */
export const instant_ms: JsonSchema = {
  type: "integer",
  minimum: 0,
  maximum: 253_402_300_799_999,
};

export const streamName: JsonSchema = oneOf(["telemetry", "urgent"]);

const refusal: JsonSchema = {
  type: "object",
  required: ["code", "message"],
  additionalProperties: false,
  properties: { code: text("stable; programs decide by it"), message: text("for people") },
};

const refusals: Readonly<Record<number, string>> = {
  400: "a parameter is missing, unknown or out of range",
  401: "the token is missing, unknown or expired",
  403: "the token's role may not read this",
  404: "there is no such thing",
  409: "it does not fit what is there already",
  415: "the body is of another type",
  422: "it makes no sense or was not signed",
  429: "too many requests; Retry-After says when to come again",
  502: "another process gave an answer that makes no sense",
  503: "busy, or a process that is needed does not answer; try again",
};

/** An answer with its refusals: 400, 401, 403 and 503 are possible everywhere. */
export function answers(
  description: string,
  schema: JsonSchema,
  codes: readonly number[] = [],
): JsonSchema {
  const all = [...new Set([400, 401, 403, 503, ...codes])];
  return {
    200: { description, ...schema },
    ...Object.fromEntries(
      all.map((code) => [code, { description: refusals[code] ?? "refused", ...refusal }]),
    ),
  };
}

/** An answer in bytes. */
export function bytesAnswer(
  description: string,
  mediaType: string,
  codes: readonly number[] = [],
): JsonSchema {
  const { 200: _json, ...others } = answers(description, {}, codes) as Record<number, JsonSchema>;
  const schema = { type: "string", format: "binary" };
  return { 200: { description, content: { [mediaType]: { schema } } }, ...others };
}
