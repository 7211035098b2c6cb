import { MovingMedian } from "./moving-median.ts";

const medianWindow = 9;

/** What vehicles measured themselves: the median of the latest reports per vehicle and unit. */
export class LatencyTable {
  readonly #vehiclesMax: number;
  readonly #medians = new Map<string, Map<string, MovingMedian>>();

  constructor(options: { vehiclesMax: number }) {
    this.#vehiclesMax = options.vehiclesMax;
  }

  /** False when the table is full and the vehicle is not in it. */
  record(report: { vehicleId: string; unitId: string; latency_ms: number }): boolean {
    let units = this.#medians.get(report.vehicleId);
    if (units === undefined) {
      if (this.#medians.size >= this.#vehiclesMax) return false;
      units = new Map();
      this.#medians.set(report.vehicleId, units);
    }
    const median = units.get(report.unitId) ?? new MovingMedian({ window: medianWindow });
    median.add(report.latency_ms);
    units.set(report.unitId, median);
    return true;
  }

  latencyOf(link: { vehicleId: string; unitId: string }): number | undefined {
    return this.#medians.get(link.vehicleId)?.get(link.unitId)?.value;
  }

  forget(vehicleId: string): void {
    this.#medians.delete(vehicleId);
  }
}
