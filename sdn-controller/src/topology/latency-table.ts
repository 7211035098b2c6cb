import { MovingMedian } from "./moving-median.ts";

/** Reports over which the median runs: a change shows after three of them, six seconds at the usual pace. */
const medianWindow = 5;
/** An acknowledgement waits for the unit's disk too; only what it is later than this is the way's fault. */
const diskMax_ms = 100;

/** One way of one vehicle, as GET /v1/topology shows it. */
export interface VehicleLatency {
  readonly unitId: string;
  readonly latency_ms: number;
  /** Of the unit that it is connected to: from a publish to its acknowledgement. */
  readonly mqtt_ms: number | null;
}

interface Measured {
  readonly counted: MovingMedian;
  readonly mqtt_ms: number | null;
}

/** What vehicles measured themselves: the median of the latest reports per vehicle and unit. */
export class LatencyTable {
  readonly #vehiclesMax: number;
  readonly #measured = new Map<string, Map<string, Measured>>();

  constructor(options: { vehiclesMax: number }) {
    this.#vehiclesMax = options.vehiclesMax;
  }

  /** False when the table is full and the vehicle is not in it. */
  record(report: {
    vehicleId: string;
    unitId: string;
    latency_ms: number;
    mqtt_ms?: number | null;
  }): boolean {
    let units = this.#measured.get(report.vehicleId);
    if (units === undefined) {
      if (this.#measured.size >= this.#vehiclesMax) return false;
      units = new Map();
      this.#measured.set(report.vehicleId, units);
    }
    const mqtt_ms = report.mqtt_ms ?? null;
    const known = units.get(report.unitId)?.counted;
    const counted = known ?? new MovingMedian({ window: medianWindow });
    counted.add(counted_ms(report.latency_ms, mqtt_ms));
    units.set(report.unitId, { counted, mqtt_ms });
    return true;
  }

  latencyOf(link: { vehicleId: string; unitId: string }): number | undefined {
    return this.#measured.get(link.vehicleId)?.get(link.unitId)?.counted.value;
  }

  /** Between what the way varied in the latest reports; undefined until there are enough of them. */
  rangeOf(link: {
    vehicleId: string;
    unitId: string;
  }): { low_ms: number; high_ms: number } | undefined {
    const range = this.#measured.get(link.vehicleId)?.get(link.unitId)?.counted.range;
    return range && { low_ms: range.low, high_ms: range.high };
  }

  /** Everything measured from one vehicle. */
  of(vehicleId: string): readonly VehicleLatency[] {
    return [...(this.#measured.get(vehicleId) ?? [])].flatMap(([unitId, { counted, mqtt_ms }]) => {
      const latency_ms = counted.value;
      return latency_ms === undefined ? [] : [{ unitId, latency_ms, mqtt_ms }];
    });
  }
}

/** The probe, unless the connection itself is far slower: then something delays it that probes do not meet. */
function counted_ms(probe_ms: number, mqtt_ms: number | null): number {
  return mqtt_ms === null ? probe_ms : Math.max(probe_ms, mqtt_ms - diskMax_ms);
}
