import { CodedError, identifierPattern } from "@voltfog/runtime";
import { InfluxClient, type InfluxOptions, type InfluxSeries } from "./influx-client.ts";
import { influxChunks, influxText, measurement, placeOf } from "./influx-lines.ts";
import type {
  Measures,
  SamplePlace,
  SampleSeries,
  SeriesBucket,
  SeriesGrid,
} from "./sample-series.ts";
import type { EntryBatch } from "./telemetry-store.ts";

/** About 1 MB; one request is one durable write. */
const linesMax = 5000;
/** The end of InfluxDB's time, 2262. */
const timeMax_ms = 9_223_372_036_853;

/**
 * Samples in InfluxDB, one point each (see influx-lines). Written before the batch's entries are, and
 * kept by series and time, so that a repeat after any crash replaces points by themselves. A name that no
 * vehicle can have is not even asked for.
 */
export class InfluxSampleSeries implements SampleSeries {
  readonly engine = "influxdb";
  readonly #client: InfluxClient;

  constructor(options: InfluxOptions) {
    this.#client = new InfluxClient(options);
  }

  async before(batch: EntryBatch): Promise<void> {
    for (const lines of influxChunks({ ...batch, linesMax })) await this.#client.write(lines);
  }

  async buckets(grid: SeriesGrid): Promise<readonly SeriesBucket[]> {
    const bucket_ms = Math.min(grid.bucket_ms, timeMax_ms);
    const offset_ms = ((grid.origin_ms % bucket_ms) + bucket_ms) % bucket_ms;
    const from_ms = Math.min(grid.from_ms, timeMax_ms);
    const to_ms = Math.min(grid.to_ms, timeMax_ms);
    if (from_ms >= to_ms || !identifierPattern.test(grid.vehicleId)) return [];
    const [series] = await this.#client.query(
      `SELECT ${selection} FROM ${measurement} WHERE vehicle = ${influxText(grid.vehicleId)} AND time >= ${from_ms}ms AND time < ${to_ms}ms GROUP BY time(${bucket_ms}ms, ${offset_ms}ms) fill(none)`,
    );
    return series === undefined ? [] : series.values.map((_, row) => bucketAt(series, row));
  }

  async newestAt(query: { vehicleId: string; at_ms: number }): Promise<SamplePlace | undefined> {
    if (!identifierPattern.test(query.vehicleId)) return undefined;
    const until_ms = Math.min(query.at_ms + 1, timeMax_ms);
    const [series] = await this.#client.query(
      `SELECT place, stream FROM ${measurement} WHERE vehicle = ${influxText(query.vehicleId)} AND time < ${until_ms}ms ORDER BY time DESC LIMIT 1`,
    );
    if (series === undefined) return undefined;
    const stream = String(cell(series, 0, "stream"));
    return { stream, ...placeOf(numberIn(series, 0, "place")) };
  }

  async count(): Promise<number> {
    const [series] = await this.#client.query(`SELECT count(place) AS n FROM ${measurement}`);
    return series === undefined ? 0 : numberIn(series, 0, "n");
  }

  /** Without roll-ups, as InfluxDB's own retention policies: what is removed is gone from charts. */
  async removeBefore(moment_ms: number): Promise<number> {
    const [series] = await this.#client.query(
      `SELECT count(place) AS n FROM ${measurement} WHERE time < ${moment_ms}ms`,
    );
    if (series === undefined) return 0;
    await this.#client.query(`DELETE FROM ${measurement} WHERE time < ${moment_ms}ms`);
    return numberIn(series, 0, "n");
  }

  keptFrom_ms(): Promise<number> {
    return Promise.resolve(0); // There are no roll-ups to fall back to.
  }

  close(): void {
    this.#client.close();
  }
}

const selection = [
  "count(place) AS samples, min(at) AS first_at, max(at) AS last_at",
  ...["voltage", "current", "soc"].map(
    (name) =>
      `min(${name}) AS ${name}_min, mean(${name}) AS ${name}_mean, max(${name}) AS ${name}_max`,
  ),
  "min(cell_min) AS cell_min, mean(cell_mean) AS cell_mean, max(cell_max) AS cell_max",
  "min(temperature_min) AS temperature_min, max(temperature_max) AS temperature_max",
].join(", ");

function bucketAt(series: InfluxSeries, row: number): SeriesBucket {
  return {
    start_ms: numberIn(series, row, "time"),
    samples: numberIn(series, row, "samples"),
    first_ms: numberIn(series, row, "first_at"),
    last_ms: numberIn(series, row, "last_at"),
    measures: measuresAt(series, row),
  };
}

function measuresAt(series: InfluxSeries, row: number): Measures {
  const whole = (column: string): number | null => {
    const value = cell(series, row, column);
    return typeof value === "number" ? value : null;
  };
  /** Kept in thousandths, given to the thousandth. */
  const milli = (column: string): number | null => {
    const value = whole(column);
    return value === null ? null : Math.round(value) / 1000;
  };
  return {
    packVoltageMin_V: milli("voltage_min"),
    packVoltageMean_V: milli("voltage_mean"),
    packVoltageMax_V: milli("voltage_max"),
    packCurrentMin_A: milli("current_min"),
    packCurrentMean_A: milli("current_mean"),
    packCurrentMax_A: milli("current_max"),
    socMin: milli("soc_min"),
    soc: milli("soc_mean"),
    socMax: milli("soc_max"),
    cellMin_mV: whole("cell_min"),
    cellMean_mV: milli("cell_mean"),
    cellMax_mV: whole("cell_max"),
    temperatureMin_degC: milli("temperature_min"),
    temperatureMax_degC: milli("temperature_max"),
  };
}

function cell(series: InfluxSeries, row: number, column: string): unknown {
  return series.values[row]?.[series.columns.indexOf(column)];
}

function numberIn(series: InfluxSeries, row: number, column: string): number {
  const value = cell(series, row, column);
  if (typeof value === "number") return value;
  throw new CodedError({ code: "STORE_FAILED", message: `InfluxDB gives no number for ${column}` });
}
