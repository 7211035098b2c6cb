import type { Clock } from "@voltfog/runtime";
import { ApiRefusal } from "./api-context.ts";
import { instant_ms, type JsonSchema, wholeFrom } from "./schema.ts";

const hour_ms = 3_600_000;
const year_ms = 366 * 24 * hour_ms;

/** A range of time as a query asks for it. */
export interface SpanQuery {
  readonly from_ms?: number;
  readonly to_ms?: number;
  readonly last_ms?: number;
}

export const spanParameters: Readonly<Record<keyof SpanQuery, JsonSchema>> = {
  from_ms: { ...instant_ms, description: "start of the range" },
  to_ms: { ...instant_ms, description: "end of the range, exclusive" },
  last_ms: wholeFrom({ minimum: 1000, maximum: year_ms, description: "length up to now" }),
};

/**
 * Either from_ms and to_ms, or last_ms counted back from now; the last hour where neither is given. Refuses
 * INVALID_PARAMETER for both at once and for an empty range.
 */
export function spanOf(query: SpanQuery, clock: Clock): { from_ms: number; to_ms: number } {
  const { from_ms, to_ms, last_ms } = query;
  if (last_ms !== undefined && (from_ms !== undefined || to_ms !== undefined)) {
    throw refusal("last_ms stands alone, without from_ms and to_ms");
  }
  // The next whole second, so that the newest sample is inside and pages can share an answer.
  const end_ms = to_ms ?? Math.ceil(clock.wall_ms() / 1000) * 1000 + 1000;
  const start_ms = from_ms ?? Math.max(0, end_ms - (last_ms ?? hour_ms));
  if (start_ms >= end_ms) throw refusal("from_ms is not before to_ms");
  return { from_ms: start_ms, to_ms: end_ms };
}

function refusal(message: string): ApiRefusal {
  return new ApiRefusal({ statusCode: 400, code: "INVALID_PARAMETER", message });
}
