/** One reading of one pack: plain arrays, so that neither models nor estimators know any message. */
export interface PackSample {
  readonly wall_ms: number;
  readonly monotonic_ms: number;
  readonly packVoltage_V: number;
  /** Charge counts positive. */
  readonly packCurrent_A: number;
  /** What the battery management system itself says, 0 to 1. */
  readonly soc: number;
  /** One per cell in series. */
  readonly cellVoltage_mV: Uint16Array;
  /** One per sensor; there are usually fewer sensors than cells. */
  readonly temperature_degC: Float32Array;
}
