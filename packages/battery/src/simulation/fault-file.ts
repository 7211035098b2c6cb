import { accepted, type Outcome, refused } from "@voltfog/runtime";
import type { Fault, FaultKind, FaultySensor } from "./fault.ts";

export type FaultFileCode =
  | "FAULTS_NOT_JSON"
  | "FAULTS_VERSION_UNKNOWN"
  | "FAULTS_MALFORMED"
  | "FAULTS_TOO_MANY"
  | "FAULT_KIND_UNKNOWN"
  | "FAULT_FIELD_UNKNOWN"
  | "FAULT_FIELD_INVALID"
  | "FAULT_PLACE_UNKNOWN"
  | "FAULT_ONSET_OUTSIDE";

export interface FaultFileProblem {
  readonly code: FaultFileCode;
  readonly detail: string;
}

/** A fault and whose: vehicles count from 1 as in their ids. */
export interface VehicleFault {
  readonly vehicle: number;
  readonly fault: Fault;
}

/** What the faults have to fit into. */
export interface FaultBounds {
  readonly vehicles: number;
  readonly days: number;
  readonly cells: number;
  readonly sensors: number;
}

/** More faults than this are a mistake, not an experiment. */
export const faultsMax = 10_000;

interface Range {
  readonly from: number;
  readonly to: number;
  readonly fallback?: number;
}

/** The numbers that each kind asks for; a fallback makes one optional. */
const fields: Readonly<Record<FaultKind, Readonly<Record<string, Range>>>> = {
  "internal-short": { resistance_Ohm: { from: 0.01, to: 10_000 } },
  "weak-cell": {
    capacityLoss: { from: 0, to: 0.9, fallback: 0.1 },
    resistanceRise: { from: 0, to: 9, fallback: 0.5 },
  },
  connection: { resistance_mOhm: { from: 0.01, to: 20 } },
  "cooling-loss": { remaining: { from: 0, to: 1, fallback: 0.1 } },
  "sensor-stuck": {},
  "sensor-drift": { perHour: { from: -1000, to: 1000 } },
  "sensor-offset": { offset: { from: -5000, to: 5000 } },
  "sensor-open": {},
  "contactor-weld": {},
  "insulation-loss": { resistance_Ohm: { from: 0, to: 2e6, fallback: 50_000 } },
  "packet-loss": { share: { from: 0, to: 1, fallback: 0.2 } },
  "clock-skew": { ppm: { from: -1e5, to: 1e5, fallback: 200 } },
};

const ofACell: ReadonlySet<FaultKind> = new Set(["internal-short", "weak-cell", "connection"]);
const ofASensor: ReadonlySet<FaultKind> = new Set([
  "sensor-stuck",
  "sensor-drift",
  "sensor-offset",
  "sensor-open",
]);
const sensors: readonly FaultySensor[] = ["voltage", "temperature", "current"];

/**
 * The faults of a fleet from JSON text: {"version": 1, "faults": [{"vehicle": 1, "kind":
 * "internal-short", "onset_h": 50, "cell": 17, "resistance_Ohm": 10}]}. Unknown fields are refused, so
 * that a misspelt one cannot pass for a default. Never throws. The format is in
 * docs/specs/pack-simulator.md.
 */
export function decodeFaultFile(
  text: string,
  bounds: FaultBounds,
): Outcome<readonly VehicleFault[], FaultFileProblem> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return refuse("FAULTS_NOT_JSON", "the text is no JSON");
  }
  if (!isRecord(content)) return refuse("FAULTS_MALFORMED", "the file holds no JSON object");
  if (content["version"] !== 1) {
    return refuse("FAULTS_VERSION_UNKNOWN", `version is ${show(content["version"])}, not 1`);
  }
  const stray = Object.keys(content).find((name) => name !== "version" && name !== "faults");
  if (stray !== undefined)
    return refuse("FAULT_FIELD_UNKNOWN", `the file has a field ${show(stray)}`);
  const list = content["faults"];
  if (!Array.isArray(list)) return refuse("FAULTS_MALFORMED", "faults is no list");
  if (list.length > faultsMax) {
    return refuse("FAULTS_TOO_MANY", `${list.length} faults, at most ${faultsMax}`);
  }
  const faults: VehicleFault[] = [];
  for (const [index, entry] of list.entries()) {
    const fault = decodeFault(entry, bounds);
    if (!fault.ok) {
      const { code, detail } = fault.problem;
      return refuse(code, `fault ${index + 1}: ${detail}`);
    }
    faults.push(fault.value);
  }
  return accepted(faults);
}

function decodeFault(entry: unknown, bounds: FaultBounds): Outcome<VehicleFault, FaultFileProblem> {
  if (!isRecord(entry)) return refuse("FAULTS_MALFORMED", "it is no JSON object");
  const kind = entry["kind"];
  if (!isKind(kind)) return refuse("FAULT_KIND_UNKNOWN", `kind is ${show(kind)}`);
  const wanted = fields[kind];
  const places = placeFields(kind);
  const known = new Set(["vehicle", "kind", "onset_h", ...places, ...Object.keys(wanted)]);
  const stray = Object.keys(entry).find((name) => !known.has(name));
  if (stray !== undefined) return refuse("FAULT_FIELD_UNKNOWN", `${kind} has no ${show(stray)}`);
  const { vehicle, onset_h } = entry;
  if (!isWhole(vehicle, 1, bounds.vehicles)) {
    return refuse("FAULT_PLACE_UNKNOWN", `vehicle is ${show(vehicle)}, of 1 to ${bounds.vehicles}`);
  }
  if (typeof onset_h !== "number" || !(onset_h >= 0 && onset_h < 24 * bounds.days)) {
    const detail = `onset_h is ${show(onset_h)}, the simulation runs ${24 * bounds.days} h`;
    return refuse("FAULT_ONSET_OUTSIDE", detail);
  }
  const place = decodePlace(kind, entry, bounds);
  if (!place.ok) return place;
  const numbers: Record<string, number> = {};
  for (const [name, range] of Object.entries(wanted)) {
    const value = entry[name] ?? range.fallback;
    if (typeof value !== "number" || !(value >= range.from && value <= range.to)) {
      const detail = `${name} is ${show(value)}, not ${range.from} to ${range.to}`;
      return refuse("FAULT_FIELD_INVALID", detail);
    }
    numbers[name] = value;
  }
  // Every field that the kind has was checked above.
  const fault = { kind, onset_s: onset_h * 3600, ...place.value, ...numbers } as unknown as Fault;
  return accepted({ vehicle, fault });
}

function placeFields(kind: FaultKind): readonly string[] {
  if (ofACell.has(kind)) return ["cell"];
  return ofASensor.has(kind) ? ["sensor", "place"] : [];
}

function decodePlace(
  kind: FaultKind,
  entry: Readonly<Record<string, unknown>>,
  bounds: FaultBounds,
): Outcome<Readonly<Record<string, unknown>>, FaultFileProblem> {
  if (ofACell.has(kind)) {
    const { cell } = entry;
    if (isWhole(cell, 0, bounds.cells - 1)) return accepted({ cell });
    return refuse("FAULT_PLACE_UNKNOWN", `cell is ${show(cell)}, of 0 to ${bounds.cells - 1}`);
  }
  if (!ofASensor.has(kind)) return accepted({});
  const sensor = sensors.find((name) => name === entry["sensor"]);
  if (sensor === undefined) {
    const detail = `sensor is ${show(entry["sensor"])}, not ${sensors.join(", ")}`;
    return refuse("FAULT_FIELD_INVALID", detail);
  }
  const places = { voltage: bounds.cells, temperature: bounds.sensors, current: 1 }[sensor];
  const place = entry["place"] ?? (sensor === "current" ? 0 : undefined);
  if (isWhole(place, 0, places - 1)) return accepted({ sensor, place });
  return refuse("FAULT_PLACE_UNKNOWN", `place is ${show(place)}, of 0 to ${places - 1}`);
}

function refuse(
  code: FaultFileCode,
  detail: string,
): { readonly ok: false; readonly problem: FaultFileProblem } {
  return refused({ code, detail });
}

function isKind(value: unknown): value is FaultKind {
  return typeof value === "string" && Object.hasOwn(fields, value);
}

function isWhole(value: unknown, from: number, to: number): value is number {
  return Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, 60);
}
