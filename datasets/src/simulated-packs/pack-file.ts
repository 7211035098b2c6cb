import type { VehicleMode, VehicleReading } from "@voltfog/battery";
import { accepted, type Outcome, refused, utf8 } from "@voltfog/runtime";

/** What the first line of a pack file says, as JSON. */
export interface PackFileHeader {
  readonly format: "voltfog-pack-1";
  readonly origin: "simulated";
  readonly vehicle: string;
  readonly preset: string;
  readonly cells: number;
  readonly sensors: number;
  readonly record_bytes: number;
}

export interface PackFileProblem {
  readonly code: "PACK_FILE_MALFORMED";
  readonly detail: string;
}

/** A reading as it came out of a file. */
export interface PackRecord {
  readonly wall_ms: number;
  readonly monotonic_ms: number;
  readonly packVoltage_V: number;
  readonly packCurrent_A: number;
  readonly soc: number;
  readonly insulation_Ohm: number;
  readonly mode: VehicleMode;
  readonly cellVoltage_mV: Uint16Array;
  readonly temperature_degC: Float32Array;
}

const modes: readonly VehicleMode[] = ["parked", "driving", "charging"];
/** Everything of a record before its cells. */
const fixed_bytes = 36;
const headerMax_bytes = 4096;
const placesMax = 10_000;

/** Length of a record: fixed fields, then 2 bytes per cell and per sensor. */
export function recordLength(o: { cells: number; sensors: number }): number {
  return fixed_bytes + 2 * (o.cells + o.sensors);
}

export function packFileHeader(
  header: Omit<PackFileHeader, "format" | "origin" | "record_bytes">,
): Uint8Array {
  const { vehicle, preset, cells, sensors } = header;
  const record_bytes = recordLength({ cells, sensors });
  const line = {
    format: "voltfog-pack-1",
    origin: "simulated",
    vehicle,
    preset,
    cells,
    sensors,
    record_bytes,
  };
  return utf8(`${JSON.stringify(line)}\n`);
}

/** Writes one record at an offset; big-endian, layout in docs/specs/pack-simulator.md. */
export function writeRecord(view: DataView, offset: number, reading: VehicleReading): void {
  const { sample } = reading;
  view.setFloat64(offset, sample.wall_ms);
  view.setFloat64(offset + 8, sample.monotonic_ms);
  view.setFloat32(offset + 16, sample.packVoltage_V);
  view.setFloat32(offset + 20, sample.packCurrent_A);
  view.setFloat32(offset + 24, sample.soc);
  view.setUint32(offset + 28, Math.max(0, reading.insulation_Ohm));
  view.setUint8(offset + 32, modes.indexOf(reading.mode));
  view.setUint8(offset + 33, 0);
  view.setUint16(offset + 34, 0);
  let at = offset + fixed_bytes;
  for (const cell_mV of sample.cellVoltage_mV) {
    view.setUint16(at, cell_mV);
    at += 2;
  }
  for (const sensor_degC of sample.temperature_degC) {
    view.setInt16(at, Math.max(-32_768, Math.min(32_767, Math.round(sensor_degC * 10))));
    at += 2;
  }
}

/** Header and records of a whole file; PACK_FILE_MALFORMED for anything else. Never throws. */
export function decodePackFile(
  bytes: Uint8Array,
): Outcome<{ header: PackFileHeader; records: readonly PackRecord[] }, PackFileProblem> {
  const end = bytes.subarray(0, headerMax_bytes).indexOf(10);
  if (end < 0) return malformed("there is no header line");
  const header = decodeHeader(bytes.subarray(0, end));
  if (header === undefined) return malformed("the header line is none of ours");
  const body = bytes.subarray(end + 1);
  if (body.length % header.record_bytes !== 0) return malformed("the last record is cut off");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const records: PackRecord[] = [];
  for (let offset = 0; offset < body.length; offset += header.record_bytes) {
    const record = readRecord(view, offset, header);
    if (record === undefined) return malformed(`record ${records.length} has an unknown mode`);
    records.push(record);
  }
  return accepted({ header, records });
}

function readRecord(
  view: DataView,
  offset: number,
  header: PackFileHeader,
): PackRecord | undefined {
  const mode = modes[view.getUint8(offset + 32)];
  if (mode === undefined) return undefined;
  const cells = offset + fixed_bytes;
  const sensors = cells + 2 * header.cells;
  return {
    wall_ms: view.getFloat64(offset),
    monotonic_ms: view.getFloat64(offset + 8),
    packVoltage_V: view.getFloat32(offset + 16),
    packCurrent_A: view.getFloat32(offset + 20),
    soc: view.getFloat32(offset + 24),
    insulation_Ohm: view.getUint32(offset + 28),
    mode,
    cellVoltage_mV: Uint16Array.from({ length: header.cells }, (_, i) =>
      view.getUint16(cells + 2 * i),
    ),
    temperature_degC: Float32Array.from(
      { length: header.sensors },
      (_, i) => view.getInt16(sensors + 2 * i) / 10,
    ),
  };
}

function decodeHeader(line: Uint8Array): PackFileHeader | undefined {
  let value: Partial<PackFileHeader> | null;
  try {
    value = JSON.parse(new TextDecoder().decode(line)) as Partial<PackFileHeader> | null;
  } catch {
    return undefined;
  }
  const { cells, sensors } = value ?? {};
  if (value?.format !== "voltfog-pack-1" || value.origin !== "simulated") return undefined;
  if (!isPlaces(cells) || !isPlaces(sensors)) return undefined;
  const isOurs =
    value.record_bytes === recordLength({ cells, sensors }) &&
    typeof value.vehicle === "string" &&
    typeof value.preset === "string";
  return isOurs ? (value as PackFileHeader) : undefined;
}

function isPlaces(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= placesMax;
}

function malformed(detail: string): { readonly ok: false; readonly problem: PackFileProblem } {
  return refused({ code: "PACK_FILE_MALFORMED", detail });
}
