import { transactionMax_bytes } from "@voltfog/ledger";
import { type Clock, fromHex } from "@voltfog/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { RequestAllowance } from "../market/request-allowance.ts";
import type { RelayAnswer } from "../market/validator-relay.ts";
import { type ApiContext, ApiRefusal, notFound } from "./api-context.ts";
import { answers, flag, hash, type JsonSchema, objectOf, parameters, text } from "./schema.ts";

const tags = ["market"];
/** A person opens one account and pays in now and then; a machine that simulates many waits a little. */
const deskLimit = { burst: 60, perSecond: 10 };
const relayLimit = { burst: 1000, perSecond: 500 };
/** A thousand units of the currency: one simulated payment is no more. */
const depositMax = 1_000_000_000;
const tooMany = "too many requests from this address; Retry-After says when to come again";

const key: JsonSchema = { ...hash, description: "an Ed25519 key, lower-case hex" };
const handle: JsonSchema = {
  type: "string",
  pattern: "^[a-z0-9-]{3,32}$",
  description: "a pseudonym; only its hash goes on the chain",
};

interface Opening {
  readonly key: string;
  readonly handle: string;
  readonly possession: string;
}

interface Deposit {
  readonly key: string;
  readonly amount: number;
  readonly depositId?: string;
}

const opening: JsonSchema = {
  ...parameters(
    {
      key,
      handle,
      possession: {
        type: "string",
        pattern: "^[0-9a-f]{128}$",
        description: "the key's signature over voltfog/account/1, chain id and handle hash",
      },
    },
    ["key", "handle", "possession"],
  ),
  examples: [{ key: "00".repeat(32), handle: "a-test", possession: "00".repeat(64) }],
};

const deposit: JsonSchema = {
  ...parameters(
    {
      key,
      amount: {
        ...{ type: "integer", minimum: 1, maximum: depositMax },
        description: "millionths of the currency",
      },
      depositId: { ...hash, description: "credited once; made up here where it is missing" },
    },
    ["key", "amount"],
  ),
  examples: [{ key: "00".repeat(32), amount: 1_000_000 }],
};

/** The desk: opens accounts, credits simulated payments, hands on signed transactions. */
export function marketDeskRoutes(app: FastifyInstance, context: ApiContext): void {
  const { clock } = context;
  accountRoutes(app, { ...context, allow: allowance(deskLimit, clock) });
  depositRoute(app, { ...context, allow: allowance(deskLimit, clock) });
  // Only this route takes bytes: everywhere else they are refused by their type.
  void app.register((inner, _options, done) => {
    relayRoute(inner, { ...context, allow: allowance(relayLimit, clock) });
    done();
  });
}

type Allow = (request: FastifyRequest, reply: FastifyReply) => void;
type DeskContext = ApiContext & { readonly allow: Allow };

function allowance(limit: { burst: number; perSecond: number }, clock: Clock): Allow {
  const kept = new RequestAllowance({ ...limit, clock });
  return (request, reply) => {
    const taken = kept.take(request.ip);
    if (taken.ok) return;
    reply.header("retry-after", String(taken.wait_s));
    throw new ApiRefusal({ statusCode: 429, code: "MARKET_BUSY", message: tooMany });
  };
}

function accountRoutes(app: FastifyInstance, { market, marketDesk, allow }: DeskContext): void {
  app.get<{ Querystring: { handle: string } }>("/v1/market/accounts", {
    schema: {
      tags,
      summary: "Whose handle it is",
      description: "The key of an account by its handle. 404 HANDLE_UNKNOWN.",
      querystring: parameters({ handle }, ["handle"]),
      response: answers("the key", objectOf<{ key: string }>({ key: text() }), [404, 429]),
    },
    handler: (request, reply) => {
      allow(request, reply);
      const found = market.keyOf(request.query.handle);
      if (found === undefined) throw notFound("HANDLE_UNKNOWN", "nobody has this handle");
      return { key: found };
    },
  });
  app.post<{ Body: Opening }>("/v1/market/accounts", {
    schema: {
      tags,
      summary: "Open an account",
      description:
        "The desk vouches for a key that signed its handle. The account is there once the transaction is final. 409 KEY_TAKEN, HANDLE_TAKEN; 422 PROOF_OF_POSSESSION_INVALID; 503 MARKET_CLOSED.",
      body: opening,
      querystring: parameters({}),
      response: taken("a validator took it", { key: text(), transaction: text("hash") }),
    },
    handler: async (request, reply) => {
      allow(request, reply);
      const { body } = request;
      const answer = await marketDesk.open({
        key: bytesOf(body.key),
        handle: body.handle,
        possession: bytesOf(body.possession),
      });
      if (!answer.ok) return refuse(reply, answer);
      return reply.status(202).send({ key: body.key, transaction: answer.hash });
    },
  });
}

function depositRoute(app: FastifyInstance, { marketDesk, allow }: DeskContext): void {
  app.post<{ Body: Deposit }>("/v1/market/deposits", {
    preValidation: (request, _reply, next) => next(wrongNumber(request)),
    schema: {
      tags,
      summary: "Pay in, simulated",
      description:
        "Credits money that nobody paid, where the desk is set to. With the same depositId it is credited once. 404 ACCOUNT_UNKNOWN; 503 DEPOSITS_CLOSED, MARKET_CLOSED.",
      body: deposit,
      querystring: parameters({}),
      response: taken("a validator took it", {
        ...{ transaction: text("hash"), depositId: text() },
        simulated: flag,
      }),
    },
    handler: async (request, reply) => {
      allow(request, reply);
      const { body } = request;
      const { answer, depositId } = await marketDesk.deposit({
        key: bytesOf(body.key),
        amount: body.amount,
        depositId: body.depositId === undefined ? undefined : bytesOf(body.depositId),
      });
      if (!answer.ok) return refuse(reply, answer);
      return reply.status(202).send({ transaction: answer.hash, depositId, simulated: true });
    },
  });
}

function relayRoute(app: FastifyInstance, { marketDesk, allow }: DeskContext): void {
  const bytes = { parseAs: "buffer", bodyLimit: transactionMax_bytes } as const;
  app.addContentTypeParser("application/octet-stream", bytes, (_request, body, done) =>
    done(null, body),
  );
  app.post("/v1/market/transactions", {
    schema: {
      tags,
      summary: "Hand on a signed transaction",
      description:
        "Its bytes go to a validator that answers; what that one refuses is passed on with its code. What it did is found at /v1/transactions/{hash} once it is final.",
      body: { content: { "application/octet-stream": { schema: {} } } },
      querystring: parameters({}),
      response: taken("a validator took it", { hash: text() }),
    },
    handler: async (request, reply) => {
      allow(request, reply);
      if (!(request.body instanceof Uint8Array)) {
        const message = "send the transaction's bytes as application/octet-stream";
        throw new ApiRefusal({ statusCode: 415, code: "TX_MALFORMED", message });
      }
      const answer = await marketDesk.relay(new Uint8Array(request.body));
      if (!answer.ok) return refuse(reply, answer);
      return reply.status(202).send({ hash: answer.hash });
    },
  });
}

/** What a validator refused, as it said it. */
function refuse(reply: FastifyReply, answer: RelayAnswer & { ok: false }): FastifyReply {
  const { status, code, message, retryAfter_s } = answer;
  if (retryAfter_s !== undefined) reply.header("retry-after", String(retryAfter_s));
  return reply.status(status).send({ code, message });
}

function taken(description: string, properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const { 200: _none, ...others } = answers(description, {}, [404, 409, 415, 422, 429]) as Record<
    number,
    JsonSchema
  >;
  return { 202: { description, ...objectOf(properties) }, ...others };
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}

/** The validator would take null for 0 and a text for what it spells. */
function wrongNumber({ body }: FastifyRequest): ApiRefusal | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { amount } = body as { amount?: unknown };
  if (amount === undefined || typeof amount === "number") return undefined;
  const message = "amount must be a number";
  return new ApiRefusal({ statusCode: 400, code: "INVALID_PARAMETER", message });
}
