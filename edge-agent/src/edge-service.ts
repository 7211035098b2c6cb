import type { Logger } from "@voltfog/runtime";
import { createHttpService, type HttpService } from "@voltfog/runtime/node";
import type { EdgeConfig } from "./config.ts";
import { registerEdgeMetrics } from "./edge-metrics.ts";
import type { VehicleAgent } from "./vehicle-agent.ts";

/**
 * /health, /ready (every vehicle has a unit), /metrics, GET /v1/status and /v1/vehicles/:vehicle/twin. `vehicles` may grow after the
 * service listens.
 */
export function createEdgeService(options: {
  config: EdgeConfig;
  logger: Logger;
  vehicles: readonly VehicleAgent[];
}): HttpService {
  const { config, logger, vehicles } = options;
  const http = createHttpService({
    process: "edge",
    host: config.host,
    port: config.httpPort,
    logger,
    missing: () => missing({ vehicles, expected: config.vehicles.length }),
  });
  registerEdgeMetrics({ registry: http.metrics, vehicles });
  http.app.get("/v1/status", () => ({ vehicles: vehicles.map(statusOf) }));
  http.app.get<{ Params: { vehicle: string } }>("/v1/vehicles/:vehicle/twin", (request, reply) => {
    const vehicle = vehicles.find(({ vehicleId }) => vehicleId === request.params.vehicle);
    const twin = vehicle?.twin;
    if (twin !== undefined) return reply.send(twin);
    const code = vehicle === undefined ? "UNKNOWN_VEHICLE" : "TWIN_SILENT";
    return reply.code(404).send({ code, message: `no twin of ${request.params.vehicle} speaks` });
  });
  return http;
}

function missing(options: {
  vehicles: readonly VehicleAgent[];
  expected: number;
}): readonly string[] {
  if (options.vehicles.length < options.expected) return ["vehicles are being opened"];
  return options.vehicles
    .filter(({ status }) => status.unitId === undefined)
    .map(({ vehicleId }) => `${vehicleId} has no unit`);
}

function statusOf(vehicle: VehicleAgent): Record<string, unknown> {
  const { counters, status } = vehicle;
  return {
    ...status,
    unitId: status.unitId ?? null,
    limits: {
      chargeMax_A: finiteOrNull(status.limits.chargeMax_A),
      dischargeMax_A: finiteOrNull(status.limits.dischargeMax_A),
      cooling: status.limits.cooling,
      heating: status.limits.heating,
      bleed: status.limits.bleed,
    },
    origin: counters.origin ?? null,
    source: counters.source,
    samples: counters.samples,
    samplesDeclaredLost: counters.samplesDeclaredLost,
    refusedSamples: Object.fromEntries(counters.refusedSamples),
    frames: counters.frames,
    acknowledged: counters.acknowledged,
    refusals: Object.fromEntries(counters.refusals),
    receipts: Object.fromEntries(counters.receipts),
  };
}

/** JSON has no infinity: null is "no limit". */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
