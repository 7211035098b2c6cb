import {
  type ByteReader,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { type BatterySample, dataOrigins } from "../battery-sample.ts";
import type { TelemetryPayload } from "../payload.ts";
import { BitReader } from "./bit-reader.ts";
import { cellMaxBits, readCells, startParameter } from "./cell-code.ts";
import { CellPredictor } from "./cell-predictor.ts";
import { readColumn } from "./column.ts";
import { readTemperatures } from "./temperatures.ts";
import {
  cellsMax,
  currentMax,
  inCentivolts,
  packVoltageMax,
  samplesMax,
  sensorsMax,
  socMax,
  sumOf,
  timeMax,
} from "./whole-steps.ts";

/**
 * Total: any bytes give samples or a problem. At most 64 samples of 1024 cells and 256 temperatures are
 * ever made, and only as far as the bits reach. Accepts the canonical encoding only: encoding the result
 * gives the same bytes.
 */
export function decodeTelemetry(bytes: Uint8Array): Outcome<TelemetryPayload, MalformedProblem> {
  return decodeBytes(bytes, readTelemetry);
}

interface Shape {
  readonly samples: number;
  readonly cells: number;
  readonly sensors: number;
}

function readTelemetry(bytes: ByteReader): TelemetryPayload {
  const origin = dataOrigins[bytes.u8()] ?? bytes.fail("unknown origin");
  const source = bytes.text();
  const shape: Shape = { samples: bytes.u8(), cells: bytes.u16(), sensors: bytes.u16() };
  if (shape.samples < 1 || shape.samples > samplesMax) bytes.fail(`${shape.samples} samples`);
  if (shape.cells < 1 || shape.cells > cellsMax) bytes.fail(`${shape.cells} cells`);
  if (shape.sensors > sensorsMax) bytes.fail(`${shape.sensors} temperatures`);
  const reader = new BitReader({
    input: bytes.raw(bytes.remaining),
    slack_bytes: Math.ceil((shape.cells * cellMaxBits) / 8),
    fail: (detail) => bytes.fail(detail),
  });
  const samples = readSamples(reader, shape);
  reader.finish();
  return { type: "telemetry", origin, source, samples };
}

function readSamples(reader: BitReader, shape: Shape): BatterySample[] {
  const { samples: count, sensors } = shape;
  const monotonic = readColumn(reader, { count, min: 0, max: timeMax });
  const wallOffset = readColumn(reader, { count, min: -timeMax, max: timeMax });
  const current = readColumn(reader, { count, min: -currentMax, max: currentMax });
  const soc = readColumn(reader, { count, min: 0, max: socMax });
  const cells = readAllCells(reader, shape);
  const reference = cells.map((cellVoltage_mV) => inCentivolts(sumOf(cellVoltage_mV)));
  const packVoltage = readColumn(reader, { count, min: 0, max: packVoltageMax, reference });
  const temperatures_degC = readAllTemperatures(reader, shape);
  return cells.map((cellVoltage_mV, t) => {
    const monotonic_ms = monotonic[t] as number;
    const wall_ms = monotonic_ms + (wallOffset[t] as number);
    if (wall_ms < 0 || wall_ms > timeMax) reader.fail(`wall time ${wall_ms} is out of range`);
    return {
      wall_ms,
      monotonic_ms,
      packVoltage_V: (packVoltage[t] as number) / 100,
      packCurrent_A: (current[t] as number) / 100,
      soc: (soc[t] as number) / 1000,
      cellVoltage_mV,
      temperature_degC: temperatures_degC.subarray(t * sensors, (t + 1) * sensors),
    };
  });
}

/** Views of one array for the whole frame: making an array takes longer than filling it. */
function readAllCells(reader: BitReader, shape: Shape): Uint16Array[] {
  const means = readColumn(reader, { count: shape.samples, min: 0, max: 65_535 });
  // A cell takes a bit at least, so a claim that the bits do not bear out costs no memory.
  if (reader.position + shape.samples * shape.cells > reader.end) {
    reader.fail("the bits end within the cells");
  }
  const all = new Uint16Array(shape.samples * shape.cells);
  const predictor = new CellPredictor(shape.cells);
  let lastParameter = startParameter;
  return means.map((mean_mV, t) => {
    const cells = all.subarray(t * shape.cells, (t + 1) * shape.cells);
    lastParameter = readCells({ reader, predictor, cells, mean_mV, lastParameter });
    return cells;
  });
}

function readAllTemperatures(reader: BitReader, shape: Shape): Float32Array {
  const readings = readTemperatures(reader, shape);
  const all = new Float32Array(readings.length);
  for (let i = 0; i < readings.length; i++) all[i] = (readings[i] as number) / 10;
  return all;
}
