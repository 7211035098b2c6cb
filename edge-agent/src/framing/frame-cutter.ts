import type { AlarmPayload, TelemetryPayload } from "@voltfog/messages";
import type { Reading } from "../sampling/battery-source.ts";
import type { Cut, CutStamp } from "./cut.ts";

export interface FrameCutterOptions {
  readonly boot: number;
  readonly frameSamplesMax: number;
  readonly frameAge_ms: number;
  /** Time between two readings: the reading nearest to the age is the one that cuts. */
  readonly period_ms: number;
}

/**
 * Collects readings and says when they become a frame: when it is full, when its first sample is old
 * enough, when the origin, the source or the shape of the readings changes, and at once at an alarm.
 */
export class FrameCutter {
  readonly #options: FrameCutterOptions;
  #open: Reading[] = [];
  #lastSample = 0;

  constructor(options: FrameCutterOptions) {
    this.#options = options;
  }

  /** Adds a reading with its number and gives what is cut now, in order. */
  add(options: {
    reading: Reading;
    number: number;
    alarms: readonly AlarmPayload[];
    monotonic_ms: number;
  }): readonly Cut[] {
    const { reading, alarms, monotonic_ms } = options;
    const at = { wall_ms: reading.sample.wall_ms, monotonic_ms };
    const cuts: Cut[] = [];
    const last = this.#open.at(-1);
    if (last !== undefined && !belongsTo(last, reading)) cuts.push(...this.flush(at));
    this.#open.push(reading);
    this.#lastSample = options.number;
    if (alarms.length > 0 || this.#open.length >= this.#options.frameSamplesMax) {
      cuts.push(this.#cut(at, alarms));
    } else {
      cuts.push(...this.due(at));
    }
    return cuts;
  }

  /** The open frame, if its first sample has reached the age. */
  due(at: { wall_ms: number; monotonic_ms: number }): readonly Cut[] {
    const { frameAge_ms, period_ms } = this.#options;
    const first_ms = this.#open[0]?.sample.monotonic_ms ?? Number.POSITIVE_INFINITY;
    const due_ms = first_ms + frameAge_ms - period_ms / 2;
    return at.monotonic_ms >= due_ms ? this.flush(at) : [];
  }

  /** The open frame, if it holds anything. */
  flush(at: { wall_ms: number; monotonic_ms: number }): readonly Cut[] {
    return this.#open.length === 0 ? [] : [this.#cut(at, [])];
  }

  #cut(at: { wall_ms: number; monotonic_ms: number }, alarms: readonly AlarmPayload[]): Cut {
    const stamp: CutStamp = { boot: this.#options.boot, lastSample: this.#lastSample, ...at };
    const readings = this.#open;
    this.#open = [];
    const telemetry = telemetryOf(readings);
    return { stamp, telemetry, alarms, notices: [], closeGap: "never" };
  }
}

/** The payload of readings that belong together. */
export function telemetryOf(readings: readonly Reading[]): TelemetryPayload | undefined {
  const first = readings[0];
  if (first === undefined) return undefined;
  const { origin, source } = first;
  return { type: "telemetry", origin, source, samples: readings.map(({ sample }) => sample) };
}

/** One frame has one origin, one source and one shape of pack. */
export function belongsTo(before: Reading, reading: Reading): boolean {
  return (
    before.origin === reading.origin &&
    before.source === reading.source &&
    before.sample.cellVoltage_mV.length === reading.sample.cellVoltage_mV.length &&
    before.sample.temperature_degC.length === reading.sample.temperature_degC.length
  );
}
