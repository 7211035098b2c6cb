import { assert } from "@voltfog/runtime";
import type { FastifyInstance } from "fastify";
import type { FrameAt } from "../store/telemetry-store.ts";
import { type ApiContext, notFound } from "./api-context.ts";
import { knownVehicle } from "./known-vehicle.ts";
import { cellCourseSchema, cellsSchema } from "./response-schemas.ts";
import type { CellCourseView, CellsView } from "./responses.ts";
import { answers, identifier, instant_ms, parameters, wholeFrom } from "./schema.ts";
import { storedTelemetry } from "./stored-telemetry.ts";
import { type SpanQuery, spanOf, spanParameters } from "./time-span.ts";

const tags = ["vehicles"];
const params = parameters({ id: identifier }, ["id"]);
const newest = Number.MAX_SAFE_INTEGER;

/** Every cell and sensor of a vehicle: of one sample, and over time. */
export function cellRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: { id: string }; Querystring: { at_ms?: number } }>("/v1/vehicles/:id/cells", {
    schema: {
      tags,
      summary: "Every cell and sensor",
      description: "Of the newest sample, or of the last one at or before at_ms.",
      params,
      querystring: parameters({ at_ms: { ...instant_ms, description: "the moment" } }),
      response: answers("cells and sensors of one sample", cellsSchema, [404]),
    },
    handler: async ({ params: { id }, query }) => {
      knownVehicle(context, id);
      const at_ms = query.at_ms ?? newest;
      const found = await context.store.frameAt({ vehicleId: id, at_ms });
      if (found === undefined) throw notFound("NO_SAMPLE", `${id} has no sample at that time`);
      return cellsOf(id, found);
    },
  });

  app.get<{ Params: { id: string }; Querystring: SpanQuery & { points: number } }>(
    "/v1/vehicles/:id/cells/history",
    {
      schema: {
        tags,
        summary: "Every cell over time",
        description:
          "The last sample of each of so many equal parts of the range, as it is in its signed frame; nothing is averaged. A part without a sample has null.",
        params,
        querystring: parameters({
          ...spanParameters,
          points: wholeFrom({ minimum: 2, maximum: 120, default: 60, description: "parts" }),
        }),
        response: answers("cells over time", cellCourseSchema, [404]),
      },
      handler: ({ params: { id }, query }) => {
        knownVehicle(context, id);
        const span = spanOf(query, context.clock);
        return courseOf({ context, vehicleId: id, ...span, points: query.points });
      },
    },
  );
}

/** Asks for one sample per part, from the end, so that parts without any are passed over in one step. */
async function courseOf(options: {
  context: ApiContext;
  vehicleId: string;
  from_ms: number;
  to_ms: number;
  points: number;
}): Promise<CellCourseView> {
  const { context, vehicleId, from_ms, to_ms, points } = options;
  const samples: (CellCourseView["samples"][number] | null)[] = Array(points).fill(null);
  const partOf = (at_ms: number): number =>
    Math.min(points - 1, Math.floor(((at_ms - from_ms) * points) / (to_ms - from_ms)));
  let at_ms = to_ms - 1;
  while (at_ms >= from_ms) {
    const found = await context.store.frameAt({ vehicleId, at_ms });
    if (found === undefined) break;
    const { wall_ms, cellVoltage_mV, sequence, stream } = cellsOf(vehicleId, found);
    if (wall_ms < from_ms || wall_ms > at_ms) break;
    const part = partOf(wall_ms);
    samples[part] = { wall_ms, stream, sequence, cellVoltage_mV };
    at_ms = Math.ceil(from_ms + (part * (to_ms - from_ms)) / points) - 1;
  }
  return { vehicleId, from_ms, to_ms, samples };
}

function cellsOf(vehicleId: string, found: FrameAt): CellsView {
  const { header, payload } = storedTelemetry(found.frame);
  const sample = payload.samples[found.sampleIndex];
  assert(sample !== undefined, "a stored sample is in its frame");
  return {
    vehicleId,
    wall_ms: sample.wall_ms,
    origin: payload.origin,
    source: payload.source,
    cellVoltage_mV: [...sample.cellVoltage_mV],
    temperature_degC: [...sample.temperature_degC].map((value) => Math.round(value * 10) / 10),
    stream: header.stream,
    sequence: header.sequence,
    sampleIndex: found.sampleIndex,
    commitment: found.commitment,
    unitId: found.unitId,
    finality: found.finality,
    finalHeight: found.finalHeight,
    final_ms: found.final_ms,
  };
}
