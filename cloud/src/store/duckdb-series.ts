import type { ReaderPool, Row } from "./connections.ts";
import { merged, rollUpColumns, rollUpLevels, sampleAsRollUp } from "./roll-ups.ts";
import { measureAt, numberAt, textAt, whole } from "./row-values.ts";
import type {
  Measures,
  SamplePlace,
  SampleSeries,
  SeriesBucket,
  SeriesGrid,
} from "./sample-series.ts";

/** The samples beside everything else in the DuckDB file, added in the batch's own transaction. */
export class DuckDbSampleSeries implements SampleSeries {
  readonly engine = "duckdb";
  readonly #readers: ReaderPool;

  constructor(readers: ReaderPool) {
    this.#readers = readers;
  }

  before(): Promise<void> {
    return Promise.resolve();
  }

  async buckets(grid: SeriesGrid): Promise<readonly SeriesBucket[]> {
    const { table, ...inner } = await this.#inner(grid);
    const rows = await this.#readers.query(bucketsSql(table), {
      vehicleId: grid.vehicleId,
      start: whole(grid.from_ms),
      stop: whole(grid.to_ms),
      low: whole(inner.from_ms),
      high: whole(inner.to_ms),
      origin: whole(grid.origin_ms),
      bucket: whole(grid.bucket_ms),
    });
    return rows.map((row) => ({
      start_ms: grid.origin_ms + numberAt(row, "bucket") * grid.bucket_ms,
      samples: numberAt(row, "samples"),
      first_ms: numberAt(row, "first_ms"),
      last_ms: numberAt(row, "last_ms"),
      measures: measuresAt(row),
    }));
  }

  removeBefore(): Promise<number> {
    return Promise.resolve(0); // Done in the store's own transaction (see retention.ts).
  }

  async keptFrom_ms(): Promise<number> {
    const [row] = await this.#readers.query(
      "select coalesce(max(samples_before_ms), 0) as moment from removed",
    );
    return row === undefined ? 0 : numberAt(row, "moment");
  }

  /** The whole steps inside a range, which roll-ups answer; empty where the grid is finer than they are. */
  async #inner(grid: SeriesGrid): Promise<{ table: string; from_ms: number; to_ms: number }> {
    const level = rollUpLevels.findLast(
      ({ step_ms }) => grid.origin_ms === 0 && grid.bucket_ms % step_ms === 0,
    );
    const none = { table: rollUpLevels[0].table, from_ms: grid.to_ms, to_ms: grid.to_ms };
    if (level === undefined) return none;
    const { table, step_ms } = level;
    const kept_ms = await this.keptFrom_ms();
    // Where single samples are gone, a step that the range cuts is shown whole rather than not at all.
    const from_ms =
      grid.from_ms < kept_ms
        ? Math.floor(grid.from_ms / step_ms) * step_ms
        : Math.ceil(grid.from_ms / step_ms) * step_ms;
    const to_ms =
      grid.to_ms < kept_ms
        ? Math.ceil(grid.to_ms / step_ms) * step_ms
        : Math.floor(grid.to_ms / step_ms) * step_ms;
    return from_ms < to_ms ? { table, from_ms, to_ms } : none;
  }

  async newestAt(query: { vehicleId: string; at_ms: number }): Promise<SamplePlace | undefined> {
    const [newest] = await this.#readers.query(
      `select least($at::bigint, greatest(
        (select coalesce(max(last_ms), 0) from days where vehicle_id = $vehicleId and start_ms <= $at::bigint),
        (select coalesce(max(wall_ms), 0) from samples where vehicle_id = $vehicleId and wall_ms <= $at::bigint)
      )) as at_ms`,
      { vehicleId: query.vehicleId, at: whole(query.at_ms) },
    );
    const at_ms = newest === undefined ? query.at_ms : numberAt(newest, "at_ms");
    // The stored runs are sorted by time within a vehicle: a short reach back touches little of them.
    for (const reach_ms of reaches_ms) {
      const [row] = await this.#readers.query(
        `select stream, sequence, sample_index from pack_samples where vehicle_id = $vehicleId
          and wall_ms <= $at::bigint and wall_ms > $since::bigint
          order by wall_ms desc, sequence desc limit 1`,
        {
          vehicleId: query.vehicleId,
          at: whole(at_ms),
          since: whole(Math.max(-1, at_ms - reach_ms)),
        },
      );
      if (row === undefined) continue;
      return {
        stream: textAt(row, "stream"),
        sequence: numberAt(row, "sequence"),
        sampleIndex: numberAt(row, "sample_index"),
      };
    }
    return undefined;
  }

  async count(): Promise<number> {
    const [row] = await this.#readers.query("select count(*) as n from pack_samples");
    return row === undefined ? 0 : numberAt(row, "n");
  }

  close(): void {
    // The readers are the store's, which closes them.
  }
}

const reaches_ms: readonly number[] = [3_600_000, 7 * 86_400_000, Number.MAX_SAFE_INTEGER];

/** Roll-ups of the whole steps inside, and single samples of everything that they do not hold. */
function bucketsSql(table: string): string {
  return `with parts as (
      select start_ms as at_ms, ${rollUpColumns} from ${table}
        where vehicle_id = $vehicleId and start_ms >= $low::bigint and start_ms < $high::bigint
      union all by name select wall_ms as at_ms, ${sampleAsRollUp} from settled_samples
        where vehicle_id = $vehicleId and wall_ms >= $start::bigint and wall_ms < $low::bigint
      union all by name select wall_ms as at_ms, ${sampleAsRollUp} from settled_samples
        where vehicle_id = $vehicleId and wall_ms >= $high::bigint and wall_ms < $stop::bigint
      union all by name select wall_ms as at_ms, ${sampleAsRollUp} from samples
        where vehicle_id = $vehicleId and wall_ms >= $start::bigint and wall_ms < $stop::bigint)
    select (at_ms - $origin::bigint) // $bucket::bigint as bucket, ${merged}
    from parts group by bucket order by bucket`;
}

function measuresAt(row: Row): Measures {
  const value = (column: string): number | null => measureAt(row, column);
  const samples = numberAt(row, "samples");
  const mean = (column: string): number => {
    return Math.round((numberAt(row, column) / samples) * 1000) / 1000;
  };
  return {
    packVoltageMin_V: value("voltage_min"),
    packVoltageMean_V: mean("voltage_sum"),
    packVoltageMax_V: value("voltage_max"),
    packCurrentMin_A: value("current_min"),
    packCurrentMean_A: mean("current_sum"),
    packCurrentMax_A: value("current_max"),
    socMin: value("soc_min"),
    soc: mean("soc_sum"),
    socMax: value("soc_max"),
    cellMin_mV: value("cell_min"),
    cellMean_mV: mean("cell_sum"),
    cellMax_mV: value("cell_max"),
    temperatureMin_degC: value("temperature_min"),
    temperatureMax_degC: value("temperature_max"),
  };
}
