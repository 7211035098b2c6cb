import type { Clock } from "@voltfog/runtime";
import type { Situation } from "../placement/placement-book.ts";
import type { LatencyTable } from "./latency-table.ts";
import type { PackReading } from "./pack-reading.ts";
import type { UnitMonitor } from "./unit-monitor.ts";

/** What decisions are made from, as it is at the moment of asking. */
export class SituationDesk {
  readonly #monitors: readonly UnitMonitor[];
  readonly #latencies: LatencyTable;
  readonly #clock: Clock;

  constructor(options: {
    monitors: readonly UnitMonitor[];
    latencies: LatencyTable;
    clock: Clock;
  }) {
    this.#monitors = options.monitors;
    this.#latencies = options.latencies;
    this.#clock = options.clock;
  }

  /** A vehicle's own measurement goes before the controller's round trip. Cost: vehicles + units. */
  get now(): Situation {
    const latencies = this.#latencies;
    const medians = new Map(this.#monitors.map(({ id, latency_ms }) => [id, latency_ms]));
    const packs = this.#packs();
    return {
      units: this.#monitors.map((monitor) => monitor.view()),
      latencyOf: (link) => latencies.latencyOf(link) ?? medians.get(link.unitId),
      rangeOf: (link) => latencies.rangeOf(link),
      packOf: (vehicleId) => packs.get(vehicleId),
      backlogOf: ({ unitId, functionId }) => this.#backlog(unitId, functionId),
      now_ms: this.#clock.wall_ms(),
    };
  }

  /** The newest reading of each vehicle: after a move the unit before still shows its last one. */
  #packs(): ReadonlyMap<string, PackReading> {
    const packs = new Map<string, PackReading>();
    for (const { status } of this.#monitors) {
      for (const pack of status?.packs ?? []) {
        const known = packs.get(pack.vehicleId);
        if (known === undefined || known.at_ms < pack.at_ms) packs.set(pack.vehicleId, pack);
      }
    }
    return packs;
  }

  #backlog(unitId: string, functionId: string): number {
    const status = this.#monitors.find(({ id }) => id === unitId)?.status;
    return status?.functions.find(({ id }) => id === functionId)?.backlog ?? 0;
  }
}
