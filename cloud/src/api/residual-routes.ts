import { presetParameters, residualCourse } from "@voltfog/battery";
import type { BatterySample } from "@voltfog/messages";
import type { FastifyInstance } from "fastify";
import { packOf } from "../maintenance/pack-settings.ts";
import type { ApiContext } from "./api-context.ts";
import { knownVehicle } from "./known-vehicle.ts";
import { residualsSchema } from "./response-schemas.ts";
import type { ResidualsView } from "./responses.ts";
import { answers, identifier, parameters, wholeFrom } from "./schema.ts";
import { storedTelemetry } from "./stored-telemetry.ts";
import { type SpanQuery, spanOf, spanParameters } from "./time-span.ts";

/** Frames that one answer follows, newest first: about a tenth of a second of reading and filtering. */
const framesMax = 150;

/** What a twin of the pack would have expected, beside what was measured. */
export function residualRoutes(app: FastifyInstance, context: ApiContext): void {
  app.get<{ Params: { id: string }; Querystring: SpanQuery & { points: number } }>(
    "/v1/vehicles/:id/residuals",
    {
      schema: {
        tags: ["vehicles"],
        summary: "Twin residuals over time",
        description:
          "A new twin follows the signed readings of the range, the newest 150 frames of it, and says for each of so many equal parts how far the measured cell voltages and temperatures lay above what it expected: what all cells share (the model's own error), the cell farthest from the middle one, and the pack's mean temperature. Null for a part without readings, and for the first 20 s, while its filters settle.",
        params: parameters({ id: identifier }, ["id"]),
        querystring: parameters({
          ...spanParameters,
          points: wholeFrom({ minimum: 2, maximum: 300, default: 150, description: "parts" }),
        }),
        response: answers("residuals over time", residualsSchema, [404]),
      },
      handler: ({ params: { id }, query }) => {
        knownVehicle(context, id);
        return residualsOf({ context, id, ...spanOf(query, context.clock), points: query.points });
      },
    },
  );
}

interface Asked {
  readonly context: ApiContext;
  readonly id: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly points: number;
}

async function residualsOf(asked: Asked): Promise<ResidualsView> {
  const { context, id, from_ms, to_ms, points } = asked;
  const { samples, isShortened } = await readingsOf(asked);
  const packs = context.care.packs();
  const setting = packs.packs.get(id) ?? packs.usual;
  const { cell, capacity_Ah } = packOf(setting, from_ms);
  const [first] = samples;
  const range = { from_ms, to_ms, parts: points };
  const course =
    first === undefined || first.temperature_degC.length === 0
      ? Array<null>(points).fill(null)
      : residualCourse(samples, {
          ...{ cell, capacity_Ah, ...range },
          parameters: presetParameters[setting.preset],
          cells: first.cellVoltage_mV.length,
          sensors: first.temperature_degC.length,
        });
  return {
    vehicleId: id,
    from_ms,
    to_ms,
    cell: cell.name,
    capacity_Ah,
    readings: samples.length,
    isShortened,
    parts: course.map(
      (part) =>
        part && {
          common_mV: tenths(part.common_V * 1000),
          farthest_mV: tenths(part.farthest_V * 1000),
          farthestCell: part.farthestCell,
          thermal_K: Math.round(part.thermal_K * 100) / 100,
        },
    ),
  };
}

/** The readings of the newest frames of a range, oldest first. */
async function readingsOf({
  context,
  id,
  from_ms,
  to_ms,
}: Asked): Promise<{ samples: readonly BatterySample[]; isShortened: boolean }> {
  const frames: (readonly BatterySample[])[] = [];
  let at_ms = to_ms - 1;
  while (at_ms >= from_ms && frames.length < framesMax) {
    const found = await context.store.frameAt({ vehicleId: id, at_ms });
    if (found === undefined) break;
    const { payload } = storedTelemetry(found.frame);
    // A frame of the other stream may hold readings of the same moments: each moment counts once.
    const samples = payload.samples.filter(({ wall_ms }) => wall_ms >= from_ms && wall_ms <= at_ms);
    const oldest_ms = Math.min(...samples.map(({ wall_ms }) => wall_ms));
    if (samples.length === 0) break;
    frames.push(samples);
    at_ms = oldest_ms - 1;
  }
  const isShortened = frames.length === framesMax && at_ms >= from_ms;
  return { samples: frames.reverse().flat(), isShortened };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
