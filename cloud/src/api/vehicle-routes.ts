import { decodePayload, openFrame, type Stream } from "@voltfog/messages";
import { assert } from "@voltfog/runtime";
import type { FastifyInstance } from "fastify";
import type { FrameAt } from "../store/telemetry-store.ts";
import { type ApiContext, ApiRefusal, notFound } from "./api-context.ts";
import { fetchBundle } from "./bundle-proxy.ts";
import {
  cellsSchema,
  frameSchema,
  historySchema,
  linkSchema,
  vehicleSchema,
} from "./response-schemas.ts";
import type { CellsView, HistoryView, LinkView, VehicleView } from "./responses.ts";
import {
  answers,
  bytesAnswer,
  identifier,
  instant_ms,
  listOf,
  oneOf,
  parameters,
  streamName,
  wholeFrom,
} from "./schema.ts";

const tags = ["vehicles"];
const vehicleParams = parameters({ id: identifier }, ["id"]);
const hour_ms = 3_600_000;
const year_ms = 366 * 24 * hour_ms;
const sequenceMax = Number.MAX_SAFE_INTEGER;

export function vehicleRoutes(app: FastifyInstance, context: ApiContext): void {
  fleetRoutes(app, context);
  historyRoutes(app, context);
  frameRoute(app, context);
  bundleRoute(app, context);
  linksRoute(app, context);
}

function known(context: ApiContext, id: string): VehicleView {
  const view = context.views.vehicle(id);
  if (view === undefined) throw notFound("UNKNOWN_VEHICLE", `no vehicle ${id} has sent data`);
  return view;
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
    handler: () => context.views.vehicles(),
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
    handler: ({ params }) => known(context, params.id),
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
        from_ms: { ...instant_ms, description: "start of the range" },
        to_ms: { ...instant_ms, description: "end of the range, exclusive" },
        last_ms: wholeFrom({ minimum: 1000, maximum: year_ms, description: "length up to now" }),
        points: wholeFrom({
          minimum: 2,
          maximum: 2000,
          default: 300,
          description: "buckets at most",
        }),
      }),
      response: answers("the history", historySchema, [404]),
    },
    handler: ({ params, query }) => history({ context, id: known(context, params.id).id, query }),
  });

  app.get<{ Params: { id: string }; Querystring: { at_ms?: number } }>("/v1/vehicles/:id/cells", {
    schema: {
      tags,
      summary: "Every cell and sensor",
      description: "Of the newest sample, or of the last one at or before at_ms.",
      params: vehicleParams,
      querystring: parameters({ at_ms: { ...instant_ms, description: "the moment" } }),
      response: answers("cells and sensors of one sample", cellsSchema, [404]),
    },
    handler: async ({ params, query }) => {
      const { id } = known(context, params.id);
      const found = await context.store.frameAt({
        vehicleId: id,
        at_ms: query.at_ms ?? sequenceMax,
      });
      if (found === undefined) throw notFound("NO_SAMPLE", `${id} has no sample at that time`);
      return cellsOf(id, found);
    },
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
      context.store.frames({ vehicleId: known(context, params.id).id, ...query }),
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
    handler: ({ query: { vehicle, ...query } }) =>
      context.store.links({ ...(vehicle === undefined ? {} : { vehicleId: vehicle }), ...query }),
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

interface HistoryParameters {
  readonly from_ms?: number;
  readonly to_ms?: number;
  readonly last_ms?: number;
  readonly points: number;
}

function history(options: {
  context: ApiContext;
  id: string;
  query: HistoryParameters;
}): Promise<HistoryView> {
  const { from_ms, to_ms, last_ms, points } = options.query;
  if (last_ms !== undefined && (from_ms !== undefined || to_ms !== undefined)) {
    throw rangeRefusal("last_ms stands alone, without from_ms and to_ms");
  }
  // The next whole second, so that the newest sample is inside and pages can share an answer.
  const end_ms = to_ms ?? Math.ceil(options.context.clock.wall_ms() / 1000) * 1000 + 1000;
  const start_ms = from_ms ?? Math.max(0, end_ms - (last_ms ?? hour_ms));
  if (start_ms >= end_ms) throw rangeRefusal("from_ms is not before to_ms");
  const { id: vehicleId } = options;
  return options.context.store.history({ vehicleId, from_ms: start_ms, to_ms: end_ms, points });
}

function rangeRefusal(message: string): ApiRefusal {
  return new ApiRefusal({ statusCode: 400, code: "INVALID_PARAMETER", message });
}

function cellsOf(vehicleId: string, found: FrameAt): CellsView {
  const opened = openFrame(found.frame);
  assert(opened.ok, "a stored frame opens");
  const payload = decodePayload(opened.value);
  assert(payload.ok && payload.value.type === "telemetry", "a frame with samples is telemetry");
  const sample = payload.value.samples[found.sampleIndex];
  assert(sample !== undefined, "a stored sample is in its frame");
  return {
    vehicleId,
    wall_ms: sample.wall_ms,
    origin: payload.value.origin,
    source: payload.value.source,
    cellVoltage_mV: [...sample.cellVoltage_mV],
    temperature_degC: [...sample.temperature_degC].map((value) => Math.round(value * 10) / 10),
    stream: opened.value.header.stream,
    sequence: opened.value.header.sequence,
    sampleIndex: found.sampleIndex,
    commitment: found.commitment,
    unitId: found.unitId,
    finality: found.finality,
    finalHeight: found.finalHeight,
    final_ms: found.final_ms,
  };
}
