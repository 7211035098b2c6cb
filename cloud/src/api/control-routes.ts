import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  historySchema,
  placementsSchema,
  policiesSchema,
  topologySchema,
  whatIfSchema,
} from "../control/control-schemas.ts";
import { OrderEvents } from "../control/order-events.ts";
import {
  moveHistoryQuestion,
  movesMax,
  placementsQuestion,
  policiesQuestion,
  topologyQuestion,
  whatIfQuestion,
} from "../control/questions.ts";
import type { WhatIfQuestion } from "../control/what-if.ts";
import { type ApiContext, ApiRefusal } from "./api-context.ts";
import { answers, identifier, type JsonSchema, parameters, wholeFrom } from "./schema.ts";

const tags = ["site"];
const away =
  " While the controller is away its last good answer is given, with `answer.fresh` false and why. 404 NOT_OFFERED where this controller has none.";

const supposition: JsonSchema = {
  ...parameters({
    down: { type: "array", items: identifier, maxItems: 64, description: "units that are gone" },
    vehicles: wholeFrom({ minimum: 0, maximum: 10_000, description: "so many more" }),
    slower: {
      type: "object",
      propertyNames: identifier,
      additionalProperties: { type: "number", minimum: 1, maximum: 1000 },
      maxProperties: 64,
      description: "how many times longer the way to a unit is, by unit",
    },
  }),
  examples: [{ vehicles: 10, slower: { "unit-1": 2 } }],
};

/** What the controller knows and decides, passed on to the pages. */
export function controlRoutes(app: FastifyInstance, context: ApiContext): void {
  topologyRoute(app, context);
  placementRoutes(app, context);
  policyRoute(app, context);
  whatIfRoute(app, context);
}

function topologyRoute(app: FastifyInstance, { control }: ApiContext): void {
  app.get("/v1/control/topology", {
    schema: {
      tags,
      summary: "Units, the ways between them, and vehicles",
      description: `With zone, load and measured latency.${away}`,
      querystring: parameters({}),
      response: answers("the topology", topologySchema, [404, 502]),
    },
    handler: () => control.read(topologyQuestion),
  });
}

function placementRoutes(app: FastifyInstance, { control }: ApiContext): void {
  app.get("/v1/control/placements", {
    schema: {
      tags,
      summary: "Which unit serves which vehicle, and why",
      description: `With every unit that was considered, the functions selected and their settings.${away}`,
      querystring: parameters({}),
      response: answers("the placements", placementsSchema, [404, 502]),
    },
    handler: () => control.read(placementsQuestion),
  });
  app.get<{ Querystring: { limit: number } }>("/v1/control/history", {
    schema: {
      tags,
      summary: "Moves of vehicles between units, newest first",
      description: `With what set each off, and why.${away}`,
      querystring: parameters({
        limit: wholeFrom({ minimum: 1, maximum: movesMax, default: 100, description: "at most" }),
      }),
      response: answers("the moves", historySchema, [404, 502]),
    },
    handler: async ({ query }) => {
      const { moves, answer } = await control.read(moveHistoryQuestion);
      return { answer, moves: moves.slice(0, query.limit) };
    },
  });
}

function policyRoute(app: FastifyInstance, { control, store }: ApiContext): void {
  const orders = new OrderEvents(store);
  app.get("/v1/control/policies", {
    schema: {
      tags,
      summary: "Rate limits, quarantine and denied addresses",
      description: `As they are in force on the units. Of an operator's quarantine, release, deny and allow \`order.event\` is the event that it became: null until a unit has journalled it, with \`finality\` null until it is stored here and logged until a block covers it.${away}`,
      querystring: parameters({}),
      response: answers("the policies", policiesSchema, [404, 502]),
    },
    handler: async () => orders.follow(await control.read(policiesQuestion)),
  });
}

function whatIfRoute(app: FastifyInstance, { control }: ApiContext): void {
  app.post<{ Body: WhatIfQuestion }>("/v1/control/what-if", {
    preValidation: (request, _reply, next) => next(wrongKind(request)),
    schema: {
      tags,
      summary: "What would move if units failed, slowed or the fleet grew",
      description:
        "Changes nothing. 503 DESK_BUSY while two such questions are being answered; the controller's own 400 for units that it does not know.",
      body: supposition,
      querystring: parameters({}),
      response: answers("cost, moves and load, before and after", whatIfSchema, [404, 502]),
    },
    handler: ({ body }) => control.ask(whatIfQuestion, body),
  });
}

/** Kinds are as they are: the validator would take null for 0, and one text for a list of it. */
function wrongKind({ body }: FastifyRequest): ApiRefusal | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { down, vehicles, slower } = body as Record<string, unknown>;
  const isList = down === undefined || (Array.isArray(down) && down.every(isText));
  const isCount = vehicles === undefined || typeof vehicles === "number";
  const ratios = slower === undefined ? [] : Object.values(slower ?? { slower });
  if (isList && isCount && ratios.every((one) => typeof one === "number")) return undefined;
  const message = "send {down: [unit ids], vehicles: a number, slower: {unit id: a number}}";
  return new ApiRefusal({ statusCode: 400, code: "INVALID_PARAMETER", message });
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}
