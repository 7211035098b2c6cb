import type { FastifyInstance } from "fastify";
import { type ApiContext, notFound } from "./api-context.ts";
import {
  blockDetailSchema,
  blockSchema,
  incidentSchema,
  unitSchema,
  validatorSchema,
} from "./response-schemas.ts";
import type { BlockDetailView } from "./responses.ts";
import { answers, bytesAnswer, listOf, parameters, wholeFrom } from "./schema.ts";

const heightMax = Number.MAX_SAFE_INTEGER;

/** Units, validators, blocks and the genesis file. */
export function chainRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store, views, consortium } = context;
  blockRoutes(app, context);

  app.get("/v1/units", {
    schema: {
      tags: ["site"],
      summary: "Roadside units",
      description:
        "What each unit says of itself, how much of its log is stored here, and how much of that is final.",
      querystring: parameters({}),
      response: answers("the units", listOf(unitSchema)),
    },
    handler: () => views.units(),
  });

  app.get("/v1/validators", {
    schema: {
      tags: ["chain"],
      summary: "Validators",
      description:
        "In the order of the genesis file: height, peers, and how many blocks each signed lately.",
      querystring: parameters({}),
      response: answers("the validators", listOf(validatorSchema)),
    },
    handler: () => views.validators(),
  });

  app.get<{ Querystring: { limit: number } }>("/v1/incidents", {
    schema: {
      tags: ["site"],
      summary: "What must not happen and did",
      description: "Contradictions between units, chain and store, newest first.",
      querystring: parameters({
        limit: wholeFrom({ minimum: 1, maximum: 500, default: 50, description: "at most" }),
      }),
      response: answers("the incidents", listOf(incidentSchema)),
    },
    handler: ({ query }) => store.incidents(query.limit),
  });

  app.get("/v1/genesis", {
    schema: {
      tags: ["chain"],
      summary: "The genesis file",
      description: "Its exact bytes. Proofs rest on it, so compare it with a copy from elsewhere.",
      querystring: parameters({}),
      response: bytesAnswer("the file", "application/json"),
    },
    handler: (_request, reply) =>
      reply.type("application/json").send(Buffer.from(consortium.genesis.bytes)),
  });
}

function blockRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store } = context;

  app.get<{ Querystring: { before: number; limit: number } }>("/v1/blocks", {
    schema: {
      tags: ["chain"],
      summary: "Final blocks, newest first",
      description:
        "Each was verified and executed here. For the next page, `before` takes the last height of this one.",
      querystring: parameters({
        before: wholeFrom({
          minimum: 1,
          maximum: heightMax,
          default: heightMax,
          description: "only lower heights",
        }),
        limit: wholeFrom({ minimum: 1, maximum: 500, default: 50, description: "at most" }),
      }),
      response: answers("the blocks", listOf(blockSchema)),
    },
    handler: ({ query }) => store.blocks(query),
  });

  app.get<{ Params: { height: number } }>("/v1/blocks/:height", {
    schema: {
      tags: ["chain"],
      summary: "One block",
      description:
        "With its roots, who sealed it after which delay, and what each of its transactions did.",
      params: parameters(
        { height: wholeFrom({ minimum: 1, maximum: heightMax, description: "of the block" }) },
        ["height"],
      ),
      querystring: parameters({}),
      response: answers("the block", blockDetailSchema, [404]),
    },
    handler: ({ params }) => blockDetail(context, params.height),
  });
}

async function blockDetail(context: ApiContext, height: number): Promise<BlockDetailView> {
  const stored = await context.store.block(height);
  if (stored === undefined) throw notFound("UNKNOWN_BLOCK", `no block ${height} is final here`);
  return { ...stored.view, ...(await context.explorer.seals(stored)) };
}
