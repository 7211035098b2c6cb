import type { Stream } from "@voltfog/messages";
import type { FastifyInstance } from "fastify";
import { type ApiContext, notFound } from "./api-context.ts";
import { fetchBundle } from "./bundle-proxy.ts";
import { cellRoutes } from "./cell-routes.ts";
import { knownVehicle } from "./known-vehicle.ts";
import { residualRoutes } from "./residual-routes.ts";
import { frameSchema, historySchema, linkSchema, vehicleSchema } from "./response-schemas.ts";
import type { HistoryView, LinkView } from "./responses.ts";
import { fleetOf } from "./route-guard.ts";
import {
  answers,
  bytesAnswer,
  identifier,
  listOf,
  oneOf,
  parameters,
  streamName,
  wholeFrom,
} from "./schema.ts";
import { type SpanQuery, spanOf, spanParameters } from "./time-span.ts";

const tags = ["vehicles"];
const vehicleParams = parameters({ id: identifier }, ["id"]);
const sequenceMax = Number.MAX_SAFE_INTEGER;

export function vehicleRoutes(app: FastifyInstance, context: ApiContext): void {
  fleetRoutes(app, context);
  historyRoutes(app, context);
  cellRoutes(app, context);
  residualRoutes(app, context);
  frameRoute(app, context);
  bundleRoute(app, context);
  linksRoute(app, context);
}

function fleetRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get("/v1/vehicles", {
    schema: {
      tags,
      summary: "The fleet now",
      description:
        "Every vehicle with a frame in a log, ordered by id: its newest sample, open alerts, and how much of its data is final.",
      querystring: parameters({}),
      response: answers("the fleet", listOf(vehicleSchema)),
    },
    handler: (request) => context.views.vehicles(fleetOf(request)),
  });

  app.get<{ Params: { id: string } }>("/v1/vehicles/:id", {
    schema: {
      tags,
      summary: "One vehicle now",
      description: "Its newest sample, open alerts, and how much of its data is final.",
      params: vehicleParams,
      querystring: parameters({}),
      response: answers("the vehicle", vehicleSchema, [404]),
    },
    handler: ({ params }) => knownVehicle(context, params.id),
  });
}

function historyRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: { id: string }; Querystring: HistoryParameters }>("/v1/vehicles/:id/history", {
    schema: {
      tags,
      summary: "A stretch of time",
      description:
        "Minimum, mean and maximum per bucket, so that extremes survive, and declared gaps as intervals. Either from_ms and to_ms, or last_ms counted back from now; the last hour where neither is given.",
      params: vehicleParams,
      querystring: parameters({
        ...spanParameters,
        points: wholeFrom({
          minimum: 2,
          maximum: 2000,
          default: 300,
          description: "buckets at most",
        }),
      }),
      response: answers("the history", historySchema, [404]),
    },
    handler: ({ params, query }) =>
      history({ context, id: knownVehicle(context, params.id).id, query }),
  });
}

function frameRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{
    Params: { id: string };
    Querystring: { stream: Stream; before: number; limit: number };
  }>("/v1/vehicles/:id/frames", {
    schema: {
      tags,
      summary: "Frames of a stream, newest first",
      description:
        "Frames, refused frames and declared gaps as the units' logs hold them, each with how it is linked to the frame before it. For the next page, `before` takes the last sequence of this one.",
      params: vehicleParams,
      querystring: parameters({
        stream: { ...streamName, default: "telemetry" },
        before: wholeFrom({
          minimum: 1,
          maximum: sequenceMax,
          default: sequenceMax,
          description: "only lower sequences",
        }),
        limit: wholeFrom({ minimum: 1, maximum: 500, default: 50, description: "at most" }),
      }),
      response: answers("the frames", listOf(frameSchema), [404]),
    },
    handler: ({ params, query }) =>
      context.store.frames({ vehicleId: knownVehicle(context, params.id).id, ...query }),
  });
}

interface LinksQuery {
  readonly vehicle?: string;
  readonly state: LinkView["state"];
  readonly limit: number;
}

function linksRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Querystring: LinksQuery }>("/v1/links", {
    schema: {
      tags,
      summary: "Links between frames that no unit could make",
      description:
        "Entries whose unit did not know the frame before them, because the vehicle came from another unit without a receipt. A link is closed when that frame is stored from any log; an open one says that a frame is missing which nobody declared lost. Newest first.",
      querystring: parameters({
        vehicle: identifier,
        state: { ...oneOf(["open", "closed"]), default: "open" },
        limit: wholeFrom({ minimum: 1, maximum: 500, default: 100, description: "at most" }),
      }),
      response: answers("the links", listOf(linkSchema)),
    },
    handler: (request) => {
      const { vehicle, ...query } = request.query;
      const vehicleIds = context.fleets.vehiclesOf(fleetOf(request));
      return context.store.links({
        ...(vehicle === undefined ? {} : { vehicleId: vehicle }),
        ...(vehicleIds === undefined ? {} : { vehicleIds }),
        ...query,
      });
    },
  });
}

function bundleRoute(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: { id: string; sequence: number }; Querystring: { stream: Stream } }>(
    "/v1/vehicles/:id/frames/:sequence/bundle",
    {
      schema: {
        tags,
        summary: "The proof of one frame",
        description:
          "One file that proves frame, log entry, checkpoint and block with nothing but the genesis file. It comes from the unit that holds the frame; NOT_FINAL until a checkpoint covers it.",
        params: parameters(
          {
            id: identifier,
            sequence: wholeFrom({ minimum: 1, maximum: sequenceMax, description: "of the frame" }),
          },
          ["id", "sequence"],
        ),
        querystring: parameters({ stream: { ...streamName, default: "telemetry" } }),
        response: bytesAnswer("the proof bundle", "application/octet-stream", [404, 502]),
      },
      handler: async ({ params, query }, reply) => {
        const { id, sequence } = params;
        const frames = await context.store.frames({
          vehicleId: id,
          stream: query.stream,
          before: Math.min(sequence + 1, sequenceMax),
          limit: 10,
        });
        const units = frames.filter((frame) => frame.sequence === sequence);
        if (units.length === 0) throw notFound("UNKNOWN_FRAME", "no log holds that frame");
        const path = `/v1/proofs/frame?vehicle=${id}&stream=${query.stream}&sequence=${sequence}`;
        const unitIds = [...new Set(units.map(({ unitId }) => unitId))];
        const bundle = await fetchBundle({ context, unitIds, path });
        return reply.type("application/octet-stream").send(Buffer.from(bundle));
      },
    },
  );
}

interface HistoryParameters extends SpanQuery {
  readonly points: number;
}

function history(options: {
  context: ApiContext;
  id: string;
  query: HistoryParameters;
}): Promise<HistoryView> {
  const { points } = options.query;
  const { id: vehicleId, context } = options;
  return context.store.history({ vehicleId, ...spanOf(options.query, context.clock), points });
}
