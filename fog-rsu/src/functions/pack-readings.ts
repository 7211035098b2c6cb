import type { FrameReference } from "./network-function.ts";
import type { TelemetryArrival } from "./sample-batch.ts";
import { UseMeter, type VehicleUse } from "./vehicle-use.ts";

/** The newest reading of one vehicle's pack, in the few numbers that functions are chosen by. */
export interface PackReading {
  readonly vehicleId: string;
  readonly at_ms: number;
  readonly frame: FrameReference;
  /** Null where the pack has no sensor. */
  readonly temperatureMax_degC: number | null;
  /** Charge positive. */
  readonly current_A: number;
  /** Between the highest and the lowest cell. */
  readonly spread_mV: number;
  /** What the vehicle's own system says, 0..1. */
  readonly soc: number;
  readonly activity: VehicleUse;
}

interface Known {
  reading: PackReading;
  readonly use: UseMeter;
}

/** Vehicles of which the newest reading is kept; the one unseen for longest is forgotten. */
const vehiclesMax = 10_000;

/** The newest reading of each vehicle in frames that the log holds. Cost: the last sample of each frame, and the current of all. */
export class PackReadings {
  readonly #known = new Map<string, Known>();

  show(arrivals: readonly TelemetryArrival[]): void {
    for (const { vehicleId, boot, frame, samples } of arrivals) {
      const last = samples.at(-1);
      if (last === undefined) continue;
      const use = this.#known.get(vehicleId)?.use ?? new UseMeter();
      for (const sample of samples) use.update({ boot, ...sample });
      const reading = {
        vehicleId,
        at_ms: last.wall_ms,
        frame,
        temperatureMax_degC: greatest(last.temperature_degC),
        current_A: last.packCurrent_A,
        spread_mV: (greatest(last.cellVoltage_mV) ?? 0) - (least(last.cellVoltage_mV) ?? 0),
        soc: last.soc,
        activity: use.use,
      };
      this.#known.delete(vehicleId);
      this.#known.set(vehicleId, { reading, use });
      if (this.#known.size > vehiclesMax) this.#forgetOldest();
    }
  }

  of(vehicleId: string): PackReading | undefined {
    return this.#known.get(vehicleId)?.reading;
  }

  get all(): readonly PackReading[] {
    return [...this.#known.values()].map(({ reading }) => reading);
  }

  #forgetOldest(): void {
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }
}

function greatest(values: ArrayLike<number>): number | null {
  let found: number | null = null;
  for (let i = 0; i < values.length; i++) found = Math.max(found ?? -Infinity, values[i] ?? 0);
  return found;
}

function least(values: ArrayLike<number>): number | null {
  let found: number | null = null;
  for (let i = 0; i < values.length; i++) found = Math.min(found ?? Infinity, values[i] ?? 0);
  return found;
}
