import { eventClasses } from "@voltfog/messages";
import type { FastifyInstance } from "fastify";
import { type ApiContext, notFound } from "./api-context.ts";
import { fetchBundle } from "./bundle-proxy.ts";
import { eventSchema } from "./response-schemas.ts";
import {
  answers,
  bytesAnswer,
  hash,
  identifier,
  listOf,
  oneOf,
  parameters,
  wholeFrom,
} from "./schema.ts";

const tags = ["events"];
const eventParams = parameters({ id: hash }, ["id"]);

interface EventsQuery {
  readonly vehicle?: string;
  readonly class?: string;
  readonly before: number;
  readonly limit: number;
}

export function eventRoutes(app: FastifyInstance, context: ApiContext): void {
  const { store } = context;

  app.get<{ Querystring: EventsQuery }>("/v1/events", {
    schema: {
      tags,
      summary: "Events, newest first",
      description:
        "What functions on the units found, each with the reading it rests on, in the order in which they were stored here. For the next page, `before` takes the last cursor of this one.",
      querystring: parameters({
        vehicle: identifier,
        class: oneOf(eventClasses),
        before: wholeFrom({
          minimum: 1,
          maximum: Number.MAX_SAFE_INTEGER,
          default: Number.MAX_SAFE_INTEGER,
          description: "only lower cursors",
        }),
        limit: wholeFrom({ minimum: 1, maximum: 500, default: 100, description: "at most" }),
      }),
      response: answers("the events", listOf(eventSchema)),
    },
    handler: ({ query }) => {
      const { vehicle, class: eventClass, before, limit } = query;
      return store.events({
        ...(vehicle === undefined ? {} : { vehicleId: vehicle }),
        ...(eventClass === undefined ? {} : { class: eventClass }),
        before,
        limit,
      });
    },
  });

  app.get<{ Params: { id: string } }>("/v1/events/:id", {
    schema: {
      tags,
      summary: "One event",
      description: "With the salt that opens its hash on the chain.",
      params: eventParams,
      querystring: parameters({}),
      response: answers("the event", eventSchema, [404]),
    },
    handler: async ({ params }) => {
      const event = await store.event(params.id);
      if (event === undefined) throw notFound("UNKNOWN_EVENT", "no unit recorded that event");
      return event;
    },
  });

  app.get<{ Params: { id: string } }>("/v1/events/:id/bundle", {
    schema: {
      tags,
      summary: "The proof of one event",
      description:
        "One file that proves the event, its frame, the log entry and the block with nothing but the genesis file. It comes from the unit that recorded the event.",
      params: eventParams,
      querystring: parameters({}),
      response: bytesAnswer("the proof bundle", "application/octet-stream", [404, 502]),
    },
    handler: async ({ params }, reply) => {
      const event = await store.event(params.id);
      if (event === undefined) throw notFound("UNKNOWN_EVENT", "no unit recorded that event");
      const path = `/v1/proofs/event/${params.id}`;
      const bundle = await fetchBundle({ context, unitIds: [event.unitId], path });
      return reply.type("application/octet-stream").send(Buffer.from(bundle));
    },
  });
}
