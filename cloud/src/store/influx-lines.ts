import type { EntryRow, SampleColumns } from "./telemetry-store.ts";

/** A point's time has room for this many marks below the millisecond. */
const marks = 1_000_000;
const samplesPerFrame = 64;
const frameMarks: number = marks / samplesPerFrame;

/** The measurement with one point per sample. */
export const measurement = "pack";

/**
 * Samples of frames as InfluxDB line protocol, one point each, at most `linesMax` per chunk.
 *
 * A point is known by its series and its time, and a second one there replaces the first: that makes a
 * repeat harmless. A vehicle whose clock was set back has other samples at the same millisecond, so the
 * place of a sample goes below the millisecond: (sequence mod 15,625)·64 + index nanoseconds. Values are
 * whole thousandths, which frames carry exactly, and which pack better than floating point.
 */
export function* influxChunks(options: {
  rows: readonly EntryRow[];
  samples: SampleColumns;
  linesMax: number;
}): Generator<string> {
  const { samples, linesMax } = options;
  let lines: string[] = [];
  for (const row of options.rows) {
    const series = `${measurement},stream=${row.stream},vehicle=${escapeTag(row.vehicleId)}`;
    const frameMark = (row.sequence % frameMarks) * samplesPerFrame;
    for (let at = row.sampleFrom; at < row.sampleTo; at++) {
      lines.push(line({ series, frameMark, sequence: row.sequence, samples, at }));
      if (lines.length < linesMax) continue;
      yield lines.join("\n");
      lines = [];
    }
  }
  if (lines.length > 0) yield lines.join("\n");
}

function line(o: {
  series: string;
  frameMark: number;
  sequence: number;
  samples: SampleColumns;
  at: number;
}): string {
  const { samples, at } = o;
  const index = samples.sampleIndex[at] ?? 0;
  const wall_ms = samples.wall_ms[at] ?? 0;
  const mark = `${o.frameMark + index}`.padStart(6, "0");
  const hottest_degC = samples.temperatureMax_degC[at] ?? Number.NaN;
  const temperatures = Number.isNaN(hottest_degC)
    ? ""
    : `,temperature_min=${milli(samples.temperatureMin_degC, at)}i,temperature_max=${milli(samples.temperatureMax_degC, at)}i`;
  return `${o.series} place=${o.sequence * samplesPerFrame + index}i,at=${wall_ms}i,voltage=${milli(samples.packVoltage_V, at)}i,current=${milli(samples.packCurrent_A, at)}i,soc=${milli(samples.soc, at)}i,cell_min=${samples.cellMin_mV[at] ?? 0}i,cell_mean=${milli(samples.cellMean_mV, at)}i,cell_max=${samples.cellMax_mV[at] ?? 0}i,cell_min_index=${samples.cellMinIndex[at] ?? 0}i,cell_max_index=${samples.cellMaxIndex[at] ?? 0}i${temperatures} ${wall_ms}${mark}`;
}

function milli(column: Float32Array, at: number): number {
  return Math.round((column[at] ?? 0) * 1000);
}

function escapeTag(value: string): string {
  return value.replace(/[,= \\]/g, "\\$&");
}

/** A sample's frame and place in it, of the field `place`. */
export function placeOf(place: number): { sequence: number; sampleIndex: number } {
  return { sequence: Math.floor(place / samplesPerFrame), sampleIndex: place % samplesPerFrame };
}

/** An InfluxQL string: no text ends it. */
export function influxText(value: string): string {
  return `'${value.replace(/\\/g, "\\\\").replace(/'/g, "\\'").replace(/\n/g, "\\n")}'`;
}
