import { type DuckDBAppender, type DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import { withAppender } from "./connections.ts";
import type { EntryRow, SampleColumns } from "./telemetry-store.ts";

/** Rows of one chunk: DuckDB's own vector length. */
const chunkRows = 2048;

/** A sample to be added: whose it is and where it stands in the batch's columns. */
interface Place {
  readonly row: EntryRow;
  readonly sequence: bigint;
  readonly at: number;
}

/** Anything that DuckDB takes for one value. */
type Value = string | number | bigint | null;

/**
 * Adds the samples of the given frames, column by column in chunks of DuckDB's own size: a call into the
 * library per column instead of one per value. A pack without temperature sensors has NaN there, which
 * becomes null.
 */
export async function appendSamples(
  connection: DuckDBConnection,
  options: { rows: readonly EntryRow[]; samples: SampleColumns },
): Promise<void> {
  if (!options.rows.some((row) => row.sampleTo > row.sampleFrom)) return;
  await withAppender(connection, "samples", (appender) => {
    let places: Place[] = [];
    for (const row of options.rows) {
      const sequence = BigInt(row.sequence);
      for (let at = row.sampleFrom; at < row.sampleTo; at++) {
        places.push({ row, sequence, at });
        if (places.length < chunkRows) continue;
        appendChunk(appender, places, options.samples);
        places = [];
      }
    }
    if (places.length > 0) appendChunk(appender, places, options.samples);
  });
}

function appendChunk(
  appender: DuckDBAppender,
  places: readonly Place[],
  samples: SampleColumns,
): void {
  const types = Array.from({ length: appender.columnCount }, (_, i) => appender.columnType(i));
  const chunk = DuckDBDataChunk.create(types, places.length);
  for (const [column, valueAt] of columnsOf(samples).entries()) {
    const vector = chunk.getColumnVector(column);
    for (const [i, place] of places.entries()) vector.setItem(i, valueAt(place));
    vector.flush();
  }
  appender.appendDataChunk(chunk);
}

/** In the order of the table's columns. */
function columnsOf(samples: SampleColumns): readonly ((place: Place) => Value)[] {
  type Numbers = Float32Array | Float64Array | Uint16Array | Uint8Array;
  const number = (values: Numbers): ((place: Place) => Value) => {
    return ({ at }) => values[at] ?? 0;
  };
  const hottest_degC = samples.temperatureMax_degC;
  const ofSensors = (values: Numbers): ((place: Place) => Value) => {
    return ({ at }) => (Number.isNaN(hottest_degC[at]) ? null : (values[at] ?? null));
  };
  return [
    ({ row }) => row.vehicleId,
    ({ row }) => row.stream,
    ({ sequence }) => sequence,
    number(samples.sampleIndex),
    ({ at }) => BigInt(samples.wall_ms[at] ?? 0),
    number(samples.packVoltage_V),
    number(samples.packCurrent_A),
    number(samples.soc),
    number(samples.cellMin_mV),
    number(samples.cellMean_mV),
    number(samples.cellMax_mV),
    number(samples.cellMinIndex),
    number(samples.cellMaxIndex),
    ofSensors(samples.temperatureMin_degC),
    ofSensors(samples.temperatureMax_degC),
    ofSensors(samples.temperatureMaxIndex),
  ];
}
