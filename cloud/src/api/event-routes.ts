import { eventClasses } from "@voltfog/messages";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { stepSchema } from "../control/control-schemas.ts";
import { eventEvidence } from "../control/event-evidence.ts";
import { eventSteps } from "../control/event-steps.ts";
import { type ApiContext, notFound } from "./api-context.ts";
import { fetchBundle } from "./bundle-proxy.ts";
import { eventSchema } from "./response-schemas.ts";
import type { EventView } from "./responses.ts";
import { fleetOf, noteAccess } from "./route-guard.ts";
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

/** What functions found, and how far each finding can be followed and proven. */
export function eventRoutes(app: FastifyInstance, context: ApiContext): void {
  listRoute(app, context);
  eventRoute(app, context);
  stepsRoute(app, context);
  bundleRoute(app, context);
}

/** UNKNOWN_EVENT for one that nobody recorded, and for one of another fleet's vehicle. */
async function eventOf(
  { store, fleets, audit }: ApiContext,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<EventView> {
  const event = await store.event(request.params.id);
  const granted = event !== undefined && fleets.sees(fleetOf(request), event.vehicleId);
  if (event !== undefined) {
    await noteAccess(audit, {
      request: request as FastifyRequest,
      vehicleId: event.vehicleId,
      granted,
    });
  }
  if (granted) return event;
  throw notFound("UNKNOWN_EVENT", "no unit recorded that event");
}

function listRoute(app: FastifyInstance, { store, fleets }: ApiContext): void {
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
    handler: (request) => {
      const { vehicle, class: eventClass, before, limit } = request.query;
      const vehicleIds = fleets.vehiclesOf(fleetOf(request));
      return store.events({
        ...(vehicle === undefined ? {} : { vehicleId: vehicle }),
        ...(eventClass === undefined ? {} : { class: eventClass }),
        ...(vehicleIds === undefined ? {} : { vehicleIds }),
        before,
        limit,
      });
    },
  });
}

function eventRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: { id: string } }>("/v1/events/:id", {
    schema: {
      tags,
      summary: "One event",
      description: "With the salt that opens its hash on the chain.",
      params: eventParams,
      querystring: parameters({}),
      response: answers("the event", eventSchema, [404]),
    },
    handler: (request) => eventOf(context, request),
  });
}

function stepsRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: { id: string } }>("/v1/events/:id/steps", {
    schema: {
      tags,
      summary: "One event, step by step",
      description:
        "The eight steps of the published architecture (collect, process, select, deploy, record, verify, run, adapt) followed for this event, by what store, units and controller know. A step of which nothing is known has `known` false and says why.",
      params: eventParams,
      querystring: parameters({}),
      response: answers("the steps, in the published order", listOf(stepSchema), [404]),
    },
    handler: async (request) =>
      eventSteps(await eventEvidence(context, await eventOf(context, request))),
  });
}

function bundleRoute(app: FastifyInstance, context: ApiContext): void {
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
    handler: async (request, reply) => {
      const event = await eventOf(context, request);
      const path = `/v1/proofs/event/${event.id}`;
      const bundle = await fetchBundle({ context, unitIds: [event.unitId], path });
      return reply.type("application/octet-stream").send(Buffer.from(bundle));
    },
  });
}
