/** What a node did, as far as the model asks. */
export interface NodeWork {
  readonly cpu_ms: number;
  /** Sent and received, before TLS and TCP. */
  readonly traffic_bytes: number;
}

/** A model, not a measurement: nothing here was read off a meter. */
export interface EnergyModel {
  /**
   * Above idle, for a second of this machine's processor: a small board's core draws about 1 W more when
   * it is busy and takes about four times as long for the same work.
   */
  readonly active_W: number;
  /** For a byte sent or received over Wi-Fi: about 1 W at 20 Mbit/s of payload. */
  readonly perByte_J: number;
  /** What the board draws without any work. */
  readonly idle_W: number;
}

/** Assumed, the same for every engine: the figures compare engines and say little of one board. */
export const statedModel: EnergyModel = { active_W: 4, perByte_J: 4e-7, idle_W: 2 };

/** A stated battery: one cell of 2.7 Ah at 3.7 V, as in a telephone. */
export const statedBattery_Wh = 10;

/** Above idle. */
export function energy_J({ cpu_ms, traffic_bytes }: NodeWork, model: EnergyModel): number {
  return (model.active_W * cpu_ms) / 1000 + model.perByte_J * traffic_bytes;
}

/** Records until a battery is empty, at the rate and with the work that were measured. */
export function recordsUntilEmpty(o: {
  /** Of one node, above idle, while `records` became final. */
  readonly spent_J: number;
  readonly records: number;
  readonly battery_Wh: number;
  /** Drawn all that time besides, and for how long. */
  readonly idle_W: number;
  readonly for_ms: number;
}): number {
  const { spent_J, records, battery_Wh, idle_W, for_ms } = o;
  return (battery_Wh * 3600 * records) / (spent_J + (idle_W * for_ms) / 1000);
}
