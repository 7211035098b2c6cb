import type { SettlementReportKind } from "@voltfog/messages";
import { type Clock, fromHex } from "@voltfog/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { RequestAllowance } from "../market/request-allowance.ts";
import type { CountOutcome } from "../settlement/settlement-desk.ts";
import { type ApiContext, ApiRefusal } from "./api-context.ts";
import {
  answers,
  hash,
  type JsonSchema,
  listOf,
  objectOf,
  oneOf,
  parameters,
  text,
} from "./schema.ts";
import {
  adviceSchema,
  dayClearingSchema,
  exportSchema,
  reportRowSchema,
} from "./settlement-schemas.ts";

const tags = ["settlement"];
const day: JsonSchema = {
  type: "string",
  pattern: "^\\d{4}-\\d{2}-\\d{2}$",
  description: "a day in UTC, as 2026-05-03",
};
const sessionId: JsonSchema = {
  type: "string",
  pattern: "^[0-9a-f]{32}$",
  description: "a session's id, lower-case hex",
};
const anything: JsonSchema = { type: "object", additionalProperties: true };
const reportKinds = ["day", "quarter", "year", "pile", "user"] as const;
/** A charge point hands in one paper per session. */
const paperLimit = { burst: 200, perSecond: 50 };
const recordsMax = 8;
const recordLength = 5000;

/** What was settled, and the papers that receipts are made of. */
export function settlementRoutes(app: FastifyInstance, context: ApiContext): void {
  dayRoutes(app, context);
  reportRoutes(app, context);
  receiptRoute(app, context);
  paperRoutes(app, { ...context, allow: allowance(context.clock) });
}

function dayRoutes(app: FastifyInstance, { settlement }: ApiContext): void {
  app.get<{ Params: { day: string } }>("/v1/settlement/days/:day", {
    schema: {
      tags,
      summary: "A day's clearing between operators",
      description:
        "Sessions that the chain settled on this day (UTC), by who vouched for the driver and whose charge point it was, and each operator's position. Amounts are whole millionths. 400 DAY_INVALID.",
      params: parameters({ day }, ["day"]),
      querystring: parameters({}),
      response: answers("the clearing", dayClearingSchema),
    },
    handler: ({ params }) => settlement.day(params.day),
  });
  app.get<{ Querystring: { day: string } }>("/v1/settlement/cdrs", {
    schema: {
      tags,
      summary: "A day's charge detail records",
      description:
        "OCPI 2.2.1 CDRs in the order of the chain, at most 10,000; a refund gives a credit and a corrected record. Signed meter values are in it where the charge point handed them in.",
      querystring: parameters({ day }, ["day"]),
      response: answers("the records", listOf(anything)),
    },
    handler: ({ query }) => settlement.cdrs(query.day),
  });
}

function reportRoutes(app: FastifyInstance, { settlement }: ApiContext): void {
  app.get<{ Querystring: { by: SettlementReportKind } }>("/v1/settlement/reports", {
    schema: {
      tags,
      summary: "What was settled, by day, quarter, year, pile or user",
      description: "Users and private piles are keys: pseudonyms. At most 10,000 rows, by name.",
      querystring: parameters({ by: oneOf(reportKinds) }, ["by"]),
      response: answers("the rows", listOf(reportRowSchema)),
    },
    handler: ({ query }) => settlement.report(query.by),
  });
  app.get("/v1/settlement/advice", {
    schema: {
      tags,
      summary: "How much piles are used, and where one is missing or idle",
      description:
        "Over the last 28 days, the busiest first; of private piles the share of the time that their owners offered. At most 2,000.",
      querystring: parameters({}),
      response: answers("the piles", listOf(adviceSchema)),
    },
    handler: () => settlement.advice(),
  });
  app.get("/v1/settlement/export", {
    schema: {
      tags,
      summary: "How far the operators' database is",
      description: "off, following, or failing with the code that says why.",
      querystring: parameters({}),
      response: answers("the export", exportSchema),
    },
    handler: () => settlement.export,
  });
}

function receiptRoute(app: FastifyInstance, { settlement }: ApiContext): void {
  app.get<{ Params: { sessionId: string } }>("/v1/settlement/receipts/:sessionId", {
    schema: {
      tags,
      summary: "The receipt of a settled session",
      description:
        "One file with the signed meter values, the tariff, the vehicle's own count where there is one, and the proof of the settlement by the newest block. voltfog verify checks it offline. 404 UNKNOWN_SESSION, METER_MISSING.",
      params: parameters({ sessionId }, ["sessionId"]),
      querystring: parameters({}),
      response: answers("the receipt", anything, [404]),
    },
    handler: ({ params }) => settlement.receipt(params.sessionId),
  });
}

type Allow = (request: FastifyRequest, reply: FastifyReply) => void;

interface MeterPaper {
  readonly sessionId: string;
  readonly key: string;
  readonly records: readonly string[];
}

interface CountPaper {
  readonly sessionId: string;
  readonly key: string;
  readonly energy_Wh: number;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly signature: string;
}

const meterPaper: JsonSchema = {
  ...parameters(
    {
      sessionId,
      key: {
        ...{ type: "string", pattern: "^([0-9a-f]{2}){1,200}$" },
        description: "the meter's public key: SubjectPublicKeyInfo, DER, lower-case hex",
      },
      records: {
        ...{ type: "array", minItems: 1, maxItems: recordsMax },
        items: { type: "string", maxLength: recordLength },
        description: "OCMF texts in the order in which they were signed",
      },
    },
    ["sessionId", "key", "records"],
  ),
  examples: [{ sessionId: "00".repeat(16), key: "00".repeat(91), records: ["OCMF|{}|{}"] }],
};

const count: JsonSchema = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

const countPaper: JsonSchema = {
  ...parameters(
    {
      sessionId,
      key: { ...hash, description: "the vehicle's device key, lower-case hex" },
      ...{ energy_Wh: count, from_ms: count, to_ms: count },
      signature: {
        ...{ type: "string", pattern: "^[0-9a-f]{128}$" },
        description: "the key's signature over voltfog/energy-statement/1, side received",
      },
    },
    ["sessionId", "key", "energy_Wh", "from_ms", "to_ms", "signature"],
  ),
  examples: [
    {
      ...{
        sessionId: "00".repeat(16),
        key: "00".repeat(32),
        energy_Wh: 9500,
        from_ms: 0,
        to_ms: 1,
      },
      signature: "00".repeat(64),
    },
  ],
};

function paperRoutes(
  app: FastifyInstance,
  { settlement, allow }: ApiContext & { readonly allow: Allow },
): void {
  app.post<{ Body: MeterPaper }>("/v1/settlement/meters", {
    preValidation: (request, _reply, next) => next(wrongNumber(request, [])),
    schema: {
      tags,
      summary: "Hand in a session's signed meter values",
      description:
        "By the charge point, after the session was settled: values whose hash the chain has, and no others. 404 UNKNOWN_SESSION; 409 METER_NOT_SETTLED; 422 OCMF_*.",
      body: meterPaper,
      querystring: parameters({}),
      response: taken(),
    },
    handler: async (request, reply) => {
      allow(request, reply);
      const { key, records, sessionId: id } = request.body;
      await settlement.keepMeter(id, { key: bytesOf(key), records });
      return { sessionId: id };
    },
  });
  app.post<{ Body: CountPaper }>("/v1/settlement/counts", {
    preValidation: (request, _reply, next) =>
      next(wrongNumber(request, ["energy_Wh", "from_ms", "to_ms"])),
    schema: {
      tags,
      summary: "Hand in what the vehicle's own battery counted of a session",
      description:
        "Signed by the vehicle's device key. Where the driver's vehicle and the charge point cannot both be right, the desk takes the count to the chain, which opens a dispute: dispute is sent, or not-sent where no validator took it (hand it in again). 404 UNKNOWN_SESSION; 409 COUNT_TAKEN; 422 VEHICLE_SIGNATURE_INVALID.",
      body: countPaper,
      querystring: parameters({}),
      response: answers("taken", countTaken, [404, 409, 422, 429]),
    },
    handler: async (request, reply) => {
      allow(request, reply);
      const { key, signature, sessionId: id, energy_Wh, from_ms, to_ms } = request.body;
      const bytes = { key: bytesOf(key), signature: bytesOf(signature) };
      const outcome = await settlement.keepCount(id, { ...bytes, energy_Wh, from_ms, to_ms });
      return { sessionId: id, ...outcome };
    },
  });
}

const countTaken = objectOf<{ sessionId: string } & CountOutcome>({
  sessionId: text(),
  dispute: oneOf(["none", "sent", "not-sent"]),
});

function taken(): JsonSchema {
  const schema = objectOf<{ sessionId: string }>({ sessionId: text() });
  return answers("taken", schema, [404, 409, 422, 429]);
}

function allowance(clock: Clock): Allow {
  const kept = new RequestAllowance({ ...paperLimit, clock });
  return (request, reply) => {
    const answer = kept.take(request.ip);
    if (answer.ok) return;
    reply.header("retry-after", String(answer.wait_s));
    const message = "too many requests from this address; Retry-After says when to come again";
    throw new ApiRefusal({ statusCode: 429, code: "SETTLEMENT_BUSY", message });
  };
}

/** The validator would take null for 0, a text for what it spells, and one record for a list of it. */
function wrongNumber({ body }: FastifyRequest, names: readonly string[]): ApiRefusal | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const fields = body as Readonly<Record<string, unknown>>;
  const wrong = names.find(
    (name) => fields[name] !== undefined && typeof fields[name] !== "number",
  );
  if (wrong === undefined) return undefined;
  const message = `${wrong} must be a number`;
  return new ApiRefusal({ statusCode: 400, code: "INVALID_PARAMETER", message });
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}
