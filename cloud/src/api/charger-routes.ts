import { type FeedState, plugTypes } from "@voltfog/forecasting";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  adviceCollection,
  chargerCollection,
  chargerDetail,
  type Question,
} from "../chargers/charger-views.ts";
import { type ApiContext, ApiRefusal, notFound } from "./api-context.ts";
import { answers, instant_ms, type JsonSchema, oneOf, parameters } from "./schema.ts";

const tags = ["chargers"];
const geoJson = "application/geo+json; charset=utf-8";
const anyObject: JsonSchema = { type: "object", additionalProperties: true };
const chargerId: JsonSchema = {
  type: "string",
  minLength: 1,
  maxLength: 300,
  description: "a charger's id, as in /v1/chargers",
};
const driver: JsonSchema = {
  type: "string",
  pattern: "^[A-Za-z0-9_-]{16,64}$",
  description: "made up at random by whoever asks; who knows it may change it",
};
const driverParams = parameters({ driver }, ["driver"]);

function range(minimum: number, maximum: number, description: string, preset?: number): JsonSchema {
  const base = { type: "number", minimum, maximum, description };
  return preset === undefined ? base : { ...base, default: preset };
}

const question: JsonSchema = {
  ...parameters(
    {
      latitude: range(-90, 90, "WGS 84, degrees"),
      longitude: range(-180, 180, "WGS 84, degrees"),
      soc: range(0, 1, "state of charge now"),
      targetSoc: range(0, 1, "state of charge to charge to", 0.8),
      capacity_kWh: range(1, 1000, "of the battery", 60),
      range_km: range(1, 2000, "from full to empty", 350),
      power_kW: range(1, 1000, "what the car takes at most", 11),
      plugs: {
        ...{ type: "array", items: oneOf(plugTypes), minItems: 1, maxItems: plugTypes.length },
        description: "any of these",
        default: ["type2", "ccs"],
      },
      powerMin_kW: range(0, 1000, "least power of a plug", 0),
      hour_EUR: range(1, 1000, "what an hour is worth to the driver", 20),
      arrivalSocMin: range(0, 1, "no charger is named that would be reached with less", 0.1),
      driver: {
        ...driver,
        description: "the asking driver, whose own destination then counts as no load",
      },
      limit: { type: "integer", minimum: 1, maximum: 50, default: 10, description: "at most" },
    },
    ["latitude", "longitude", "soc"],
  ),
  examples: [{ latitude: 48.8566, longitude: 2.3522, soc: 0.3 }],
};

const destination: JsonSchema = {
  ...parameters({ charger: chargerId, arrival_ms: instant_ms }, ["charger", "arrival_ms"]),
  examples: [{ charger: "FR*V75*E9001*01", arrival_ms: 1_676_000_000_000 }],
};

/** Chargers for drivers: where they are, which is best on arrival, and who is on the way. */
export function chargerRoutes(app: FastifyInstance, context: ApiContext): void {
  readRoutes(app, context);
  adviceRoute(app, context);
  destinationRoutes(app, context);
}

function readRoutes(app: FastifyInstance, { chargers, clock }: ApiContext): void {
  app.get("/v1/chargers", {
    schema: {
      tags,
      summary: "All chargers",
      description:
        "GeoJSON, one feature per site with its free plugs, and how the feed stands. 503 CHARGERS_UNKNOWN before anything was heard.",
      querystring: parameters({}),
      response: geoAnswers("the chargers"),
    },
    handler: (_request, reply) =>
      sendGeo(reply, chargerCollection(chargers, feedOf({ chargers, clock }))),
  });
  app.get<{ Params: { id: string } }>("/v1/chargers/:id", {
    schema: {
      tags,
      summary: "One charger",
      description: "Each charge point with its status and the probability of each class next.",
      params: parameters({ id: chargerId }, ["id"]),
      querystring: parameters({}),
      response: answers("the charger", anyObject, [404]),
    },
    handler: ({ params }) => {
      const feed = feedOf({ chargers, clock });
      const site = chargers.siteOf(params.id);
      if (site === undefined) throw unknownCharger();
      return chargerDetail(site, feed);
    },
  });
}

function adviceRoute(app: FastifyInstance, { chargers, clock }: ApiContext): void {
  app.post<{ Body: Question }>("/v1/recommendations", {
    preValidation: (request, _reply, next) => next(wrongNumber(request)),
    schema: {
      tags,
      summary: "Where to charge",
      description:
        "GeoJSON, the best charger first: cost in minutes with its parts, probability of a free plug at arrival, reason in words. Where none can be named `none` says why, with the state of charge that the nearest would be reached with.",
      body: question,
      querystring: parameters({}),
      response: geoAnswers("the chargers, best first"),
    },
    handler: ({ body }, reply) => {
      const feed = feedOf({ chargers, clock });
      return sendGeo(reply, adviceCollection(chargers, { question: body, feed }));
    },
  });
}

function destinationRoutes(app: FastifyInstance, { chargers, clock }: ApiContext): void {
  type Destination = { Params: { driver: string }; Body: { charger: string; arrival_ms: number } };
  app.put<Destination>("/v1/destinations/:driver", {
    preValidation: (request, _reply, next) => next(wrongNumber(request)),
    schema: {
      tags,
      summary: "A driver is on the way",
      description:
        "Counts as load at that charger from the arrival on, for everybody who asks; replaces what the driver said before. Times are the network's own (feed.now_ms). 503 DESTINATIONS_FULL.",
      params: driverParams,
      body: destination,
      querystring: parameters({}),
      response: noContent("noted"),
    },
    handler: ({ params, body }, reply) => {
      feedOf({ chargers, clock });
      if (chargers.siteOf(body.charger) === undefined) throw unknownCharger();
      const way = { siteId: body.charger, arrival_ms: body.arrival_ms };
      if (chargers.promise(params.driver, way)) return reply.status(204).send();
      const message = "too many drivers are on the way";
      throw new ApiRefusal({ statusCode: 503, code: "DESTINATIONS_FULL", message });
    },
  });
  app.delete<Destination>("/v1/destinations/:driver", {
    schema: {
      tags,
      summary: "A driver is there, or goes elsewhere",
      description: "The driver is no load any more. 404 DESTINATION_UNKNOWN.",
      params: driverParams,
      querystring: parameters({}),
      response: noContent("forgotten"),
    },
    handler: ({ params }, reply) => {
      if (chargers.cancel(params.driver)) return reply.status(204).send();
      throw notFound("DESTINATION_UNKNOWN", "this driver is not on the way");
    },
  });
}

function geoAnswers(description: string): JsonSchema {
  return {
    ...answers(description, {}),
    200: { description, content: { "application/geo+json": { schema: anyObject } } },
  };
}

function noContent(description: string): JsonSchema {
  const { 200: _body, ...others } = answers(description, {}, [404]) as Record<number, JsonSchema>;
  return { 204: { description, type: "null" }, ...others };
}

function feedOf({ chargers, clock }: Pick<ApiContext, "chargers" | "clock">): FeedState {
  const feed = chargers.feed(clock.wall_ms());
  if (feed !== undefined) return feed;
  const message = "nothing was heard of any charger yet";
  throw new ApiRefusal({ statusCode: 503, code: "CHARGERS_UNKNOWN", message });
}

/** Numbers are numbers: the validator would take null for 0 and a text for what it spells. */
function wrongNumber({ body }: FastifyRequest): ApiRefusal | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const texts = ["plugs", "charger", "driver"];
  const wrong = Object.entries(body).find(
    ([key, value]) => !texts.includes(key) && typeof value !== "number",
  );
  if (wrong === undefined) return undefined;
  const message = `${wrong[0].slice(0, 64)} must be a number`;
  return new ApiRefusal({ statusCode: 400, code: "INVALID_PARAMETER", message });
}

function unknownCharger(): ApiRefusal {
  return notFound("CHARGER_UNKNOWN", "there is no such charger");
}

function sendGeo(reply: FastifyReply, collection: object): FastifyReply {
  return reply.type(geoJson).send(JSON.stringify(collection));
}
