import { accepted, type Outcome, refused } from "@voltfog/runtime";
import { type AnomalyCause, anomalyCauses } from "../anomaly/anomaly-detector.ts";
import { type SuspectCause, suspectCauses } from "../soc-estimator.ts";

/** What a twin keeps over a restart: plain numbers, about 20 kB of JSON for 96 cells. */
export interface TwinState {
  readonly format: "voltfog-twin-1";
  readonly cells: number;
  readonly sensors: number;
  readonly capacity_Ah: number;
  readonly cell: string;
  readonly wall_ms: number;
  readonly samples: number;
  /** Per cell, and one standard deviation for all. */
  readonly soc: readonly number[];
  readonly sigma: number;
  readonly residual_V: readonly number[];
  readonly resistance: readonly number[];
  readonly capacity: readonly number[];
  readonly load: number;
  readonly thermal: { readonly expected_degC: number; readonly coolant_degC: number };
  readonly suspect: { readonly cause: SuspectCause; readonly since_ms: number } | null;
  readonly anomaly: {
    readonly cause: AnomalyCause;
    readonly score: number;
    readonly place?: number;
  };
  /** The last reading, for who asks while nothing runs. */
  readonly last: {
    readonly packVoltage_V: number;
    readonly packCurrent_A: number;
    readonly cellVoltage_mV: readonly number[];
    readonly temperature_degC: readonly number[];
  };
}

export interface TwinStateProblem {
  readonly code: "TWIN_STATE_VERSION_UNKNOWN" | "TWIN_STATE_MALFORMED";
  readonly detail: string;
}

const placesMax = 1000;
const textMax = 1_000_000;

/** Strict: another version, a missing or surplus place or a number out of range is refused. */
export function decodeTwinState(text: string): Outcome<TwinState, TwinStateProblem> {
  const malformed = (detail: string): Outcome<TwinState, TwinStateProblem> =>
    refused({ code: "TWIN_STATE_MALFORMED", detail });
  if (text.length > textMax) return malformed("longer than a million characters");
  let given: Partial<Record<keyof TwinState, unknown>>;
  try {
    given = JSON.parse(text) as typeof given;
  } catch {
    return malformed("no JSON");
  }
  if (typeof given !== "object" || given === null) return malformed("no object");
  if (given.format !== "voltfog-twin-1") {
    const detail = `format is ${JSON.stringify(given.format ?? null)}, read is voltfog-twin-1`;
    return refused({ code: "TWIN_STATE_VERSION_UNKNOWN", detail });
  }
  const wrong = wrongPlace(given);
  return wrong === undefined ? accepted(given as TwinState) : malformed(wrong);
}

function wrongPlace(given: Partial<Record<keyof TwinState, unknown>>): string | undefined {
  const { cells, sensors } = given;
  if (!isWhole(cells) || !isWhole(sensors)) return "cells or sensors is no count";
  const thermal = record(given.thermal);
  const last = record(given.last);
  const checks: Readonly<Record<string, boolean>> = {
    cell: typeof given.cell === "string",
    capacity_Ah: isWithin(given.capacity_Ah, 0.1, 10_000),
    wall_ms: isWithin(given.wall_ms, 0, 1e15),
    samples: isWithin(given.samples, 0, 1e15),
    soc: isList(given.soc, { length: cells, min: 0, max: 1 }),
    sigma: isWithin(given.sigma, 0, 1),
    residual_V: isList(given.residual_V, { length: cells, min: -1, max: 1 }),
    resistance: isList(given.resistance, { length: 3 * cells, min: -1e6, max: 1e6 }),
    capacity: isList(given.capacity, { length: 4, min: 0, max: 1e18 }),
    load: isWithin(given.load, 0, 100),
    suspect: given.suspect === null || isSuspect(record(given.suspect)),
    anomaly: isAnomaly(record(given.anomaly)),
    expected_degC: isWithin(thermal["expected_degC"], -500, 2000),
    coolant_degC: isWithin(thermal["coolant_degC"], -60, 80),
    packVoltage_V: isWithin(last["packVoltage_V"], -1e5, 1e5),
    packCurrent_A: isWithin(last["packCurrent_A"], -1e6, 1e6),
    cellVoltage_mV: isList(last["cellVoltage_mV"], { length: cells, min: 0, max: 65_535 }),
    temperature_degC: isList(last["temperature_degC"], { length: sensors, min: -60, max: 150 }),
  };
  return Object.keys(checks).find((name) => checks[name] === false);
}

function isSuspect({ cause, since_ms }: Readonly<Record<string, unknown>>): boolean {
  return suspectCauses.some((each) => each === cause) && isWithin(since_ms, 0, 1e15);
}

function isAnomaly({ cause, score, place }: Readonly<Record<string, unknown>>): boolean {
  const isPlace = place === undefined || isWithin(place, 0, placesMax);
  return anomalyCauses.some((each) => each === cause) && isWithin(score, 0, 1e9) && isPlace;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function isWhole(value: unknown): value is number {
  return Number.isInteger(value) && isWithin(value, 1, placesMax);
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === "number" && value >= min && value <= max;
}

function isList(value: unknown, o: { length: number; min: number; max: number }): boolean {
  if (!Array.isArray(value) || value.length !== o.length) return false;
  return value.every((each) => isWithin(each, o.min, o.max));
}
