import { fromHex } from "@voltfog/runtime";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { OrdersQuery, PageQuery } from "../market/market-views.ts";
import { type ApiContext, notFound } from "./api-context.ts";
import {
  accountSchema,
  beanIssuerSchema,
  chargePointSchema,
  contractDetailSchema,
  contractSchema,
  disputesSchema,
  notificationSchema,
  orderSchema,
  overviewSchema,
  pileMarketSchema,
  sessionSchema,
  tradeSchema,
  wearSchema,
} from "./market-schemas.ts";
import { fleetOf, noteAccess } from "./route-guard.ts";
import { vehicleRoles } from "./route-roles.ts";
import {
  answers,
  hash,
  identifier,
  type JsonSchema,
  listOf,
  oneOf,
  parameters,
  wholeFrom,
} from "./schema.ts";

const tags = ["market"];
const most = Number.MAX_SAFE_INTEGER;
const geoJson = "application/geo+json; charset=utf-8";
const key: JsonSchema = { ...hash, description: "an account's key, lower-case hex" };
/** Ids are 16 bytes where the sender chose them, 32 where the chain made them. */
const thing: JsonSchema = {
  type: "string",
  pattern: "^([0-9a-f]{32}|[0-9a-f]{64})$",
  description: "an id of 16 or 32 bytes in lower-case hex",
};
const before = wholeFrom({
  minimum: 0,
  maximum: most,
  default: most,
  description: "lower indexes",
});
const limit = wholeFrom({ minimum: 1, maximum: 200, default: 50, description: "at most" });
const page = { before, limit };

/** What the market is and holds, read from the chain as it was executed here. */
export function marketRoutes(app: FastifyInstance, context: ApiContext): void {
  overviewRoutes(app, context);
  accountRoute(app, context);
  v2vRoutes(app, context);
  placeRoutes(app, context);
  sessionRoutes(app, context);
  pileRoutes(app, context);
  wearRoute(app, context);
}

function overviewRoutes(app: FastifyInstance, { market }: ApiContext): void {
  app.get("/v1/market/overview", {
    schema: {
      tags,
      summary: "The market at one look",
      description:
        "Authority, tariff, union, counts. `simulated` where deposits here are no payments. Amounts are whole millionths of the currency, prices millionths per kWh.",
      querystring: parameters({}),
      response: answers("the market", overviewSchema),
    },
    handler: () => market.overview(),
  });
  app.get<{ Querystring: { key: string; after: number; limit: number } }>(
    "/v1/market/notifications",
    {
      schema: {
        tags,
        summary: "What happened to a key, oldest first",
        description:
          "In words, from final blocks; the last 500 of each key. `after` takes the last id that was read.",
        querystring: parameters(
          {
            key,
            after: wholeFrom({ minimum: 0, maximum: most, default: 0, description: "higher ids" }),
            limit,
          },
          ["key"],
        ),
        response: answers("the notifications", listOf(notificationSchema)),
      },
      handler: ({ query }) => market.notices(query),
    },
  );
}

function accountRoute(app: FastifyInstance, { market, fleets, audit }: ApiContext): void {
  app.get<{ Params: { key: string } }>("/v1/market/accounts/:key", {
    schema: {
      tags,
      summary: "One account",
      description:
        "Balance, beans, and the newest hundred of each of its orders, trades, sessions, contracts and withdrawals. Its vehicles have the fleet's names for who may see them, which is recorded.",
      params: parameters({ key }, ["key"]),
      querystring: parameters({}),
      response: answers("the account", accountSchema, [404]),
    },
    handler: async (request) => {
      const fleet = fleetOf(request);
      const mayName = vehicleRoles.some((role) => role === request.caller?.role);
      const found = market.account(
        fromHex(request.params.key) ?? new Uint8Array(),
        (vehicleId) => mayName && fleets.sees(fleet, vehicleId),
      );
      if (found === undefined) throw notFound("ACCOUNT_UNKNOWN", "nobody has an account with it");
      for (const { vehicleId } of found.vehicles) {
        if (vehicleId === null) continue;
        await noteAccess(audit, { request: request as FastifyRequest, vehicleId, granted: true });
      }
      return found;
    },
  });
}

function v2vRoutes(app: FastifyInstance, { market }: ApiContext): void {
  app.get<{ Querystring: OrdersQuery }>("/v1/market/orders", {
    schema: {
      tags,
      summary: "Open orders of energy between vehicles, newest first",
      description:
        "Places are as coarse as their senders gave them. For the next page, `before` takes the last index of this one.",
      querystring: parameters({ side: oneOf(["buy", "sell"]), ...page }),
      response: answers("the orders", listOf(orderSchema)),
    },
    handler: ({ query }) => market.orders(query),
  });
  app.get<{ Querystring: PageQuery }>("/v1/market/trades", {
    schema: {
      tags,
      summary: "Trades between vehicles, newest first",
      description: "For the next page, `before` takes the last index of this one.",
      querystring: parameters({ key, ...page }),
      response: answers("the trades", listOf(tradeSchema)),
    },
    handler: ({ query }) => market.trades(query),
  });
  app.get<{ Params: { id: string } }>("/v1/market/trades/:id", {
    schema: {
      tags,
      summary: "One trade",
      description: "With what both vehicles said their batteries gave and took.",
      params: parameters({ id: thing }, ["id"]),
      querystring: parameters({}),
      response: answers("the trade", tradeSchema, [404]),
    },
    handler: ({ params }) => {
      const found = market.trade(params.id);
      if (found === undefined) throw unknownTrade();
      return found;
    },
  });
}

function placeRoutes(app: FastifyInstance, { market }: ApiContext): void {
  app.get("/v1/market/meeting-points", {
    schema: {
      tags,
      summary: "Where vehicles meet",
      description: "GeoJSON, one point each; none of a book on a plane.",
      querystring: parameters({}),
      response: geoAnswers("the meeting points"),
    },
    handler: (_request, reply) => reply.type(geoJson).send(JSON.stringify(market.meetingPoints())),
  });
  app.get<{ Params: { id: string }; Querystring: { from: string } }>(
    "/v1/market/trades/:id/directions",
    {
      schema: {
        tags,
        summary: "The way to a trade's meeting point",
        description:
          "GeoJSON: one straight line with its distance and bearing, since there are no road data here. 404 MEETING_POINT_UNPLACED where the meeting point is on a plane.",
        params: parameters({ id: thing }, ["id"]),
        querystring: parameters(
          {
            from: {
              type: "string",
              pattern: "^-?\\d{1,3}(\\.\\d{1,7})?,-?\\d{1,2}(\\.\\d{1,7})?$",
              description: "longitude,latitude in degrees (WGS 84)",
            },
          },
          ["from"],
        ),
        response: geoAnswers("the way", [404]),
      },
      handler: ({ params, query }, reply) => {
        const [longitude = 0, latitude = 0] = query.from.split(",").map(Number);
        const from = {
          longitude: Math.max(-180, Math.min(180, longitude)),
          latitude: Math.max(-90, Math.min(90, latitude)),
        };
        const way = market.directions(params.id, from);
        if (way === undefined) throw unknownTrade();
        return reply.type(geoJson).send(JSON.stringify(way));
      },
    },
  );
}

function sessionRoutes(app: FastifyInstance, { market }: ApiContext): void {
  type SessionsQuery = PageQuery & { operator?: string; day?: string };
  app.get<{ Querystring: SessionsQuery }>("/v1/market/sessions", {
    schema: {
      tags,
      summary: "Charging sessions, newest first",
      description:
        "Of a driver or charge point (`key`), an operator's organisation, a UTC day of the last change. For the next page, `before` takes the last index of this one.",
      querystring: parameters({
        key,
        operator: identifier,
        day: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$", description: "YYYY-MM-DD" },
        ...page,
      }),
      response: answers("the sessions", listOf(sessionSchema)),
    },
    handler: ({ query }) => market.sessions(query),
  });
  app.get<{ Querystring: Omit<PageQuery, "key"> }>("/v1/market/disputes", {
    schema: {
      tags,
      summary: "Open disputes of trades, contracts and sessions, newest first",
      description:
        "What waits for the authority's decision, with what both sides counted; `time_ms` says since when. For the next page, `before` takes `next` of this one.",
      querystring: parameters(page),
      response: answers("the disputes", disputesSchema),
    },
    handler: ({ query }) => market.disputes(query),
  });
  app.get<{ Params: { id: string } }>("/v1/market/sessions/:id", {
    schema: {
      tags,
      summary: "One charging session",
      description: "As the chain holds it.",
      params: parameters({ id: thing }, ["id"]),
      querystring: parameters({}),
      response: answers("the session", sessionSchema, [404]),
    },
    handler: ({ params }) => {
      const found = market.session(params.id);
      if (found === undefined) throw notFound("SESSION_UNKNOWN", "there is no such session");
      return found;
    },
  });
}

function pileRoutes(app: FastifyInstance, { market }: ApiContext): void {
  app.get("/v1/market/piles", {
    schema: {
      tags,
      summary: "Private piles, their price curves and waiting orders",
      description: "The newest 200 piles and orders.",
      querystring: parameters({}),
      response: answers("the piles", pileMarketSchema),
    },
    handler: () => market.piles(),
  });
  app.get<{ Querystring: PageQuery }>("/v1/market/contracts", {
    schema: {
      tags,
      summary: "Contracts of private piles, newest first",
      description: "For the next page, `before` takes the last index of this one.",
      querystring: parameters({ key, ...page }),
      response: answers("the contracts", listOf(contractSchema)),
    },
    handler: ({ query }) => market.contracts(query),
  });
  app.get<{ Params: { id: string } }>("/v1/market/contracts/:id", {
    schema: {
      tags,
      summary: "One contract of a private pile",
      description: "With the groups that confirm for its sides, and how many members have.",
      params: parameters({ id: thing }, ["id"]),
      querystring: parameters({}),
      response: answers("the contract", contractDetailSchema, [404]),
    },
    handler: ({ params }) => {
      const found = market.contract(params.id);
      if (found === undefined) throw notFound("CONTRACT_UNKNOWN", "there is no such contract");
      return found;
    },
  });
  app.get<{ Querystring: { operator: string; limit: number } }>("/v1/market/charge-points", {
    schema: {
      tags,
      summary: "An operator's charge points",
      description: "Those of the union that are not removed, in the order in which they came.",
      querystring: parameters({ operator: identifier, limit }, ["operator"]),
      response: answers("the charge points", listOf(chargePointSchema)),
    },
    handler: ({ query }) => market.chargePoints(query),
  });
  app.get("/v1/market/beans", {
    schema: {
      tags,
      summary: "Electric beans of each operator",
      description: "What is outstanding, and how much its rewards allow.",
      querystring: parameters({}),
      response: answers("the beans", listOf(beanIssuerSchema)),
    },
    handler: () => market.beans(),
  });
}

function wearRoute(app: FastifyInstance, { market, care }: ApiContext): void {
  app.get<{ Querystring: { vehicle: string } }>("/v1/market/wear", {
    schema: {
      tags,
      summary: "What a kilowatt-hour wears a vehicle's battery",
      description:
        "Cost of a new pack over the energy of its life, with what that rests on, and the offers of accounts that the vehicle is linked to: those below it say so (`belowWear`).",
      querystring: parameters({ vehicle: identifier }, ["vehicle"]),
      response: answers("the wear", wearSchema, [404]),
    },
    handler: ({ query }) => market.wear(query.vehicle, care),
  });
}

function geoAnswers(description: string, codes: readonly number[] = []): JsonSchema {
  const schema: JsonSchema = { type: "object", additionalProperties: true };
  return {
    ...answers(description, {}, codes),
    200: { description, content: { "application/geo+json": { schema } } },
  };
}

function unknownTrade(): Error {
  return notFound("TRADE_UNKNOWN", "there is no such trade");
}
