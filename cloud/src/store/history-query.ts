import type { DataOrigin, Stream } from "@voltfog/messages";
import type { GapView, HistoryBucket, HistoryView } from "../api/responses.ts";
import type { ReaderPool } from "./connections.ts";
import { numberAt, textAt, whole } from "./row-values.ts";
import type { Measures, SampleSeries, SeriesBucket, SeriesGrid } from "./sample-series.ts";

export interface HistoryQuery {
  readonly vehicleId: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly points: number;
}

/** Packs report at 1 Hz or faster; a longer silence than this is drawn as one. */
const silence_ms = 5000;
const gapsMax = 1000;
const minute_ms = 60_000;
const hour_ms: number = 60 * minute_ms;
const day_ms: number = 24 * hour_ms;
/** Below so many steps to a bucket, rounding up to whole steps would waste too many points. */
const stepsLeast = 4;

/** Minimum, mean and maximum of each bucket, so that no extreme is lost however wide the range. */
export async function queryHistory(
  readers: ReaderPool,
  series: SampleSeries,
  query: HistoryQuery,
): Promise<HistoryView> {
  const grid = gridOf(query, await series.keptFrom_ms());
  const [buckets, origins, gaps] = await Promise.all([
    series.buckets(grid),
    readers.query(
      `select distinct origin from entries where vehicle_id = $vehicleId and origin is not null
        and wall_ms between $start::bigint and $stop::bigint + 60000 order by origin`,
      {
        vehicleId: query.vehicleId,
        start: whole(query.from_ms),
        stop: whole(query.to_ms),
      },
    ),
    queryGaps(readers, query),
  ]);
  return {
    vehicleId: query.vehicleId,
    from_ms: query.from_ms,
    to_ms: query.to_ms,
    bucket_ms: grid.bucket_ms,
    origins: origins.map((row) => textAt(row, "origin") as DataOrigin),
    buckets: withSilences(buckets, grid),
    gaps,
  };
}

/**
 * Buckets shorter than a minute start with the range; longer ones are whole minutes, hours or days of
 * UTC, where roll-ups answer, and so are all where single samples are no longer kept. There are at most
 * `points`.
 */
export function gridOf(query: HistoryQuery, keptFrom_ms: number): SeriesGrid {
  const { points, ...range } = query;
  const span_ms = query.to_ms - query.from_ms;
  const bucket_ms = Math.max(1, Math.ceil(span_ms / points));
  const isFine = bucket_ms < minute_ms && query.from_ms >= keptFrom_ms;
  if (isFine) return { ...range, origin_ms: query.from_ms, bucket_ms };
  // One bucket less than asked for: a range that starts inside a bucket touches one more.
  const aligned_ms = span_ms / Math.max(1, points - 1);
  const step_ms = [day_ms, hour_ms].find((step) => aligned_ms >= stepsLeast * step) ?? minute_ms;
  return { ...range, origin_ms: 0, bucket_ms: Math.ceil(aligned_ms / step_ms) * step_ms };
}

function withSilences(given: readonly SeriesBucket[], grid: SeriesGrid): HistoryBucket[] {
  const buckets: HistoryBucket[] = [];
  let last_ms: number | undefined;
  for (const { start_ms, samples, first_ms, last_ms: end_ms, measures } of given) {
    if (last_ms !== undefined && first_ms - last_ms > silence_ms) {
      buckets.push({ ...nothing, time_ms: last_ms + 1, samples: 0 });
    }
    // A bucket may start before the range or the break that its first sample ends; the axis must not run back.
    const floor_ms = buckets.at(-1)?.time_ms ?? grid.from_ms - 1;
    buckets.push({ ...measures, time_ms: Math.max(start_ms, floor_ms + 1), samples });
    last_ms = end_ms;
  }
  return buckets;
}

const nothing: Measures = {
  packVoltageMin_V: null,
  packVoltageMean_V: null,
  packVoltageMax_V: null,
  packCurrentMin_A: null,
  packCurrentMean_A: null,
  packCurrentMax_A: null,
  socMin: null,
  soc: null,
  socMax: null,
  cellMin_mV: null,
  cellMean_mV: null,
  cellMax_mV: null,
  temperatureMin_degC: null,
  temperatureMax_degC: null,
};

export async function queryGaps(
  readers: ReaderPool,
  query: { vehicleId: string; from_ms: number; to_ms: number },
): Promise<readonly GapView[]> {
  const rows = await readers.query(
    `select * from gaps where vehicle_id = $vehicleId and to_ms >= $start::bigint
      and from_ms < $stop::bigint order by from_ms, log_index limit ${gapsMax}`,
    { vehicleId: query.vehicleId, start: whole(query.from_ms), stop: whole(query.to_ms) },
  );
  return rows.map((row) => ({
    stream: textAt(row, "stream") as Stream,
    from_ms: numberAt(row, "from_ms"),
    to_ms: numberAt(row, "to_ms"),
    samples: numberAt(row, "sample_count"),
    firstSequence: numberAt(row, "first_sequence"),
    lastSequence: numberAt(row, "last_sequence"),
    cause: textAt(row, "cause"),
    unitId: textAt(row, "unit_id"),
  }));
}
