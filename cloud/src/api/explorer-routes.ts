import { moduleNumber } from "@voltfog/ledger";
import { fromHex } from "@voltfog/runtime";
import type { FastifyInstance } from "fastify";
import type { TransactionFilter } from "../explorer/explorer-desk.ts";
import { type ApiContext, notFound } from "./api-context.ts";
import {
  chainSchema,
  changeSchema,
  checkpointSchema,
  cosignatureSchema,
  epochSchema,
  foundSchema,
  logSchema,
  transactionDetailSchema,
  transactionSchema,
} from "./explorer-schemas.ts";
import {
  answers,
  bytesAnswer,
  flag,
  hash,
  identifier,
  listOf,
  oneOf,
  parameters,
  wholeFrom,
} from "./schema.ts";

const tags = ["chain"];
const most = Number.MAX_SAFE_INTEGER;
const hashParams = parameters({ hash }, ["hash"]);
const logName = {
  type: "string",
  pattern: "^[a-z][a-z0-9-]{0,31}(/[1-9][0-9]{0,9})?$",
  description: "a log's name, such as unit-1 or unit-1/2",
};

interface HashRoute {
  readonly Params: { readonly hash: string };
}

/** What final blocks hold, for whoever follows a record through the chain. */
export function explorerRoutes(app: FastifyInstance, context: ApiContext): void {
  chainRoute(app, context);
  transactionsRoute(app, context);
  transactionRoute(app, context);
  proofRoute(app, context);
  epochsRoute(app, context);
  logRoutes(app, context);
  changesRoute(app, context);
  cosignaturesRoute(app, context);
  findRoute(app, context);
}

function chainRoute(app: FastifyInstance, { explorer }: ApiContext): void {
  app.get("/v1/chain", {
    schema: {
      tags,
      summary: "How the chain decides its next block",
      description:
        "The engine that the genesis file names, who votes, how many of them may be faulty, and how many seals make a block final.",
      querystring: parameters({}),
      response: answers("the chain", chainSchema),
    },
    handler: () => explorer.chain(),
  });
}

function transactionsRoute(app: FastifyInstance, { explorer }: ApiContext): void {
  app.get<{ Querystring: TransactionFilter }>("/v1/transactions", {
    schema: {
      tags,
      summary: "Transactions of final blocks, newest first",
      description:
        "Each with what it did. For the next page, `before` takes the last index of this one.",
      querystring: parameters({
        module: oneOf(Object.keys(moduleNumber)),
        sender: { ...identifier, description: "id of a unit or validator" },
        refused: { ...flag, description: "only those that their module refused" },
        before: wholeFrom({
          minimum: 0,
          maximum: most,
          default: most,
          description: "lower indexes",
        }),
        limit: wholeFrom({ minimum: 1, maximum: 200, default: 50, description: "at most" }),
      }),
      response: answers("the transactions", listOf(transactionSchema)),
    },
    handler: ({ query }) => explorer.transactions(query),
  });
}

function transactionRoute(app: FastifyInstance, { explorer }: ApiContext): void {
  app.get<HashRoute>("/v1/transactions/:hash", {
    schema: {
      tags,
      summary: "One transaction",
      description:
        "Its bytes, what they ask for field by field, what it did, and what its code means.",
      params: hashParams,
      querystring: parameters({}),
      response: answers("the transaction", transactionDetailSchema, [404]),
    },
    handler: async ({ params }) => {
      const found = await explorer.transaction(bytesOf(params.hash));
      if (found === undefined) throw unknownTransaction();
      return found;
    },
  });
}

function proofRoute(app: FastifyInstance, { explorer }: ApiContext): void {
  app.get<HashRoute>("/v1/transactions/:hash/proof", {
    schema: {
      tags,
      summary: "The proof of one transaction's result",
      description:
        "Chain evidence: the newest header with its certificate and the steps from the genesis file's validators, the result, and its inclusion path. It verifies with nothing but the genesis file.",
      params: hashParams,
      querystring: parameters({}),
      response: bytesAnswer("the evidence", "application/octet-stream", [404]),
    },
    handler: async ({ params }, reply) => {
      const proof = await explorer.proof(bytesOf(params.hash));
      if (proof === undefined) throw unknownTransaction();
      return reply.type("application/octet-stream").send(Buffer.from(proof));
    },
  });
}

function epochsRoute(app: FastifyInstance, { explorer }: ApiContext): void {
  app.get("/v1/epochs", {
    schema: {
      tags,
      summary: "Epochs, newest first",
      description:
        "An epoch is a stretch of blocks that one set of vote keys decides: who was in it, how many blocks each sealed and proposed, and what changed from the one before.",
      querystring: parameters({}),
      response: answers("the epochs", listOf(epochSchema)),
    },
    handler: () => explorer.epochs(),
  });
}

function logRoutes(app: FastifyInstance, { explorer }: ApiContext): void {
  app.get("/v1/logs", {
    schema: {
      tags,
      summary: "Logs of the roadside units",
      description: "How much of each is final, and what its newest final checkpoint says.",
      querystring: parameters({}),
      response: answers("the logs", listOf(logSchema)),
    },
    handler: () => explorer.logs(),
  });
  app.get<{ Querystring: { log: string; before: number; limit: number } }>("/v1/logs/checkpoints", {
    schema: {
      tags,
      summary: "Final checkpoints of one log, newest first",
      description: "For the next page, `before` takes the last size of this one.",
      querystring: parameters(
        {
          log: logName,
          before: wholeFrom({
            minimum: 0,
            maximum: most,
            default: most,
            description: "lower sizes",
          }),
          limit: wholeFrom({ minimum: 1, maximum: 200, default: 50, description: "at most" }),
        },
        ["log"],
      ),
      response: answers("the checkpoints", listOf(checkpointSchema)),
    },
    handler: ({ query }) => explorer.checkpoints(query),
  });
  app.get<{ Querystring: { log: string; points: number } }>("/v1/logs/growth", {
    schema: {
      tags,
      summary: "A log's final size over all its time",
      description: "Final checkpoints, oldest first, evenly chosen, with the first and the newest.",
      querystring: parameters(
        {
          log: logName,
          points: wholeFrom({
            minimum: 2,
            maximum: 1000,
            default: 300,
            description: "about so many",
          }),
        },
        ["log"],
      ),
      response: answers("the checkpoints", listOf(checkpointSchema)),
    },
    handler: ({ query }) => explorer.growth(query),
  });
}

function changesRoute(app: FastifyInstance, { explorer }: ApiContext): void {
  app.get("/v1/changes", {
    schema: {
      tags,
      summary: "Changes of the consortium, newest first",
      description:
        "Who is admitted or removed and which rules hold: each with who voted for it, and whether it is open, decided or expired. Of the last 1,000 votes.",
      querystring: parameters({}),
      response: answers("the changes", listOf(changeSchema)),
    },
    handler: () => explorer.changes(),
  });
}

function cosignaturesRoute(app: FastifyInstance, { explorer, signal }: ApiContext): void {
  app.get<{ Querystring: { log: string } }>("/v1/logs/cosignatures", {
    schema: {
      tags,
      summary: "What validators cosigned of one log",
      description:
        "Each validator's last word on the log as a witness (C2SP tlog-cosignature), asked now and verified here. Who does not answer is left out.",
      querystring: parameters({ log: logName }, ["log"]),
      response: answers("the cosignatures", listOf(cosignatureSchema)),
    },
    handler: ({ query }) => explorer.cosignatures(query.log, signal),
  });
}

function findRoute(app: FastifyInstance, { explorer }: ApiContext): void {
  app.get<{ Querystring: { text: string } }>("/v1/find", {
    schema: {
      tags,
      summary: "What a text names on the chain",
      description:
        "A height, the hash of a block or transaction, an event's id, the name, id or key of a log, a validator or an organisation. Several where it names several.",
      querystring: parameters({ text: { type: "string", minLength: 1, maxLength: 128 } }, ["text"]),
      response: answers("what was found", listOf(foundSchema)),
    },
    handler: ({ query }) => explorer.find(query.text),
  });
}

function bytesOf(text: string): Uint8Array {
  return fromHex(text) ?? new Uint8Array();
}

function unknownTransaction(): Error {
  return notFound("UNKNOWN_TRANSACTION", "no final block here holds this transaction");
}
