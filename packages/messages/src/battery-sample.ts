/** One reading of one pack, in the units and steps that a telemetry frame carries. */
export interface BatterySample {
  /** When it was read, by the vehicle's wall clock; whole milliseconds since the Unix epoch. */
  readonly wall_ms: number;
  /** When it was read, by the vehicle's monotonic clock; whole milliseconds since its start. */
  readonly monotonic_ms: number;
  /** In steps of 0.01 V. */
  readonly packVoltage_V: number;
  /** Charge counts positive; in steps of 0.01 A. */
  readonly packCurrent_A: number;
  /** What the battery management system itself says, 0 to 1 in steps of 0.001. */
  readonly soc: number;
  /** One per cell in series, 1 to 1024 of them. */
  readonly cellVoltage_mV: Uint16Array;
  /** One per sensor, 0 to 256 of them, in steps of 0.1 °C. */
  readonly temperature_degC: Float32Array;
}

/** Where readings come from; every page that shows them says it. */
export type DataOrigin = "measured" | "replayed" | "simulated";

/** The order is the code on the wire. */
export const dataOrigins: readonly DataOrigin[] = ["measured", "replayed", "simulated"];
