import { Gauge, type Registry } from "prom-client";
import type { VehicleAgent } from "./vehicle-agent.ts";

/** What GET /metrics shows of the vehicles; read from their counters when asked, kept nowhere else. */
export function registerEdgeMetrics(options: {
  registry: Registry;
  vehicles: readonly VehicleAgent[];
}): void {
  const { registry, vehicles } = options;
  const gauge = (
    name: string,
    help: string,
    values: (vehicle: VehicleAgent) => Iterable<readonly [string, number]>,
    label = "kind",
  ): void => {
    const metric = new Gauge({
      name: `voltfog_edge_${name}`,
      help,
      labelNames: ["vehicle", label],
      registers: [registry],
      collect() {
        metric.reset();
        for (const vehicle of vehicles) {
          for (const [key, value] of values(vehicle)) {
            metric.set({ vehicle: vehicle.vehicleId, [label]: key }, value);
          }
        }
      },
    });
  };
  gauge("samples_total", "samples taken", ({ counters }) => [
    ["recorded", counters.samples],
    ["suspect", counters.suspectSamples],
    ["declared-lost", counters.samplesDeclaredLost],
  ]);
  gauge(
    "samples_refused_total",
    "implausible readings, by code",
    ({ counters }) => counters.refusedSamples,
    "code",
  );
  gauge("frames_total", "frames cut", ({ counters }) => Object.entries(counters.frames));
  gauge("frames_acknowledged_total", "frames that a unit has durably", ({ counters }) => [
    ["all", counters.acknowledged],
  ]);
  gauge("outbox", "what waits on disk", ({ status }) => Object.entries(status.outbox));
  gauge("connected", "1 while a unit is connected", ({ status }) => [
    [status.unitId ?? "none", status.unitId === undefined ? 0 : 1],
  ]);
  gauge(
    "refusals_total",
    "frames refused by units, by code",
    ({ counters }) => counters.refusals,
    "code",
  );
  gauge(
    "receipts_total",
    "receipts, by what became of them",
    ({ counters }) => counters.receipts,
    "verdict",
  );
}
