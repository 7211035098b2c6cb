import type { DataOrigin, Stream } from "@voltfog/messages";
import type { GapView, HistoryBucket, HistoryView } from "../api/responses.ts";
import type { ReaderPool, Row } from "./connections.ts";
import { measureAt, numberAt, textAt, whole } from "./row-values.ts";

export interface HistoryQuery {
  readonly vehicleId: string;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly points: number;
}

/** Packs report at 1 Hz or faster; a longer silence than this is drawn as one. */
const silence_ms = 5000;
const gapsMax = 1000;

/** Minimum, mean and maximum of each bucket, so that no extreme is lost however wide the range. */
export async function queryHistory(readers: ReaderPool, query: HistoryQuery): Promise<HistoryView> {
  const bucket_ms = Math.max(1, Math.ceil((query.to_ms - query.from_ms) / query.points));
  const [rows, origins, gaps] = await Promise.all([
    readers.query(bucketsSql, {
      vehicleId: query.vehicleId,
      start: whole(query.from_ms),
      stop: whole(query.to_ms),
      bucket: whole(bucket_ms),
    }),
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
    bucket_ms,
    origins: origins.map((row) => textAt(row, "origin") as DataOrigin),
    buckets: bucketsOf({ rows, query, bucket_ms }),
    gaps,
  };
}

const bucketsSql = `select (wall_ms - $start::bigint) // $bucket::bigint as bucket,
    count(*) as samples, min(wall_ms) as first_ms, max(wall_ms) as last_ms,
    min(pack_voltage_V) as voltage_min, avg(pack_voltage_V) as voltage_mean, max(pack_voltage_V) as voltage_max,
    min(pack_current_A) as current_min, avg(pack_current_A) as current_mean, max(pack_current_A) as current_max,
    min(soc) as soc_min, avg(soc) as soc_mean, max(soc) as soc_max,
    min(cell_min_mV) as cell_min, avg(cell_mean_mV) as cell_mean, max(cell_max_mV) as cell_max,
    min(temperature_min_degC) as temperature_min, max(temperature_max_degC) as temperature_max
  from samples
  where vehicle_id = $vehicleId and wall_ms >= $start::bigint and wall_ms < $stop::bigint
  group by bucket order by bucket`;

function bucketsOf(options: {
  rows: readonly Row[];
  query: HistoryQuery;
  bucket_ms: number;
}): HistoryBucket[] {
  const buckets: HistoryBucket[] = [];
  let last_ms: number | undefined;
  for (const row of options.rows) {
    const first_ms = numberAt(row, "first_ms");
    if (last_ms !== undefined && first_ms - last_ms > silence_ms) {
      buckets.push({ ...bucketOf(undefined), time_ms: last_ms + 1, samples: 0 });
    }
    const start_ms = options.query.from_ms + numberAt(row, "bucket") * options.bucket_ms;
    // A bucket may start before the break that its first sample ends; the axis must not run back.
    const floor_ms = (buckets.at(-1)?.time_ms ?? Number.NEGATIVE_INFINITY) + 1;
    const time_ms = Math.max(start_ms, floor_ms);
    buckets.push({ ...bucketOf(row), time_ms, samples: numberAt(row, "samples") });
    last_ms = numberAt(row, "last_ms");
  }
  return buckets;
}

function bucketOf(row: Row | undefined): Omit<HistoryBucket, "time_ms" | "samples"> {
  const value = (column: string): number | null =>
    row === undefined ? null : measureAt(row, column);
  return {
    packVoltageMin_V: value("voltage_min"),
    packVoltageMean_V: value("voltage_mean"),
    packVoltageMax_V: value("voltage_max"),
    packCurrentMin_A: value("current_min"),
    packCurrentMean_A: value("current_mean"),
    packCurrentMax_A: value("current_max"),
    socMin: value("soc_min"),
    soc: value("soc_mean"),
    socMax: value("soc_max"),
    cellMin_mV: value("cell_min"),
    cellMean_mV: value("cell_mean"),
    cellMax_mV: value("cell_max"),
    temperatureMin_degC: value("temperature_min"),
    temperatureMax_degC: value("temperature_max"),
  };
}

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
