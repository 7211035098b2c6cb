import {
  type Clock,
  CodedError,
  type Crypto,
  type Logger,
  type Random,
  type VehicleId,
  vehicleId,
} from "@voltfog/runtime";
import { createHttpService } from "@voltfog/runtime/node";
import type { EdgeConfig } from "./config.ts";
import { registerEdgeMetrics } from "./edge-metrics.ts";
import { fleetSources } from "./sampling/fleet-sources.ts";
import { createControllerClient } from "./uplink/controller-client.ts";
import { FleetLatencies } from "./uplink/fleet-latencies.ts";
import { openMqttSession } from "./uplink/mqtt-session.ts";
import { readUnitKeys } from "./uplink/unit-keys.ts";
import { parseTargets } from "./uplink/uplink-target.ts";
import { VehicleAgent } from "./vehicle-agent.ts";

export interface EdgeDependencies {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly crypto: Crypto;
  /** Salts of frames; the system's source. */
  readonly random: Random;
}

export interface RunningEdge {
  readonly ports: { readonly http: number };
  /** Stops sampling, cuts the open frames, sends until the outboxes are empty or drainMax_ms is over. */
  stop(): Promise<void>;
}

/**
 * Runs the agents of all vehicles of this process. Throws a CodedError with a remedy for settings, keys
 * or files that cannot be used; units and controller may be missing, in any order and at any time.
 */
export async function runEdge(
  config: EdgeConfig,
  dependencies: EdgeDependencies,
): Promise<RunningEdge> {
  const { logger, clock } = dependencies;
  const units = parseTargets(config.units);
  const ids = parseVehicles(config.vehicles);
  const keys = readUnitKeys(config.genesis);
  const controller = createControllerClient(config.controllerUrl);
  const vehicles: VehicleAgent[] = [];
  const http = createHttpService({
    process: "edge",
    host: config.host,
    port: config.httpPort,
    logger,
    missing: () => missing(vehicles),
  });
  const sources = await fleetSources({
    kind: config.source === "simulator" ? "simulator" : "replay",
    vehicles: ids.length,
    replayFiles: config.replayFiles,
    rate_Hz: config.rate_Hz,
    seed: config.seed,
  });
  for (const [place, source] of sources.entries()) {
    const own = { ...dependencies, config, units, keys, controller, source, place };
    const id = ids[place] as VehicleId;
    vehicles.push(await VehicleAgent.open({ ...own, vehicleId: id, openSession: openMqttSession }));
  }
  registerEdgeMetrics({ registry: http.metrics, vehicles });
  http.app.get("/v1/status", () => ({ vehicles: vehicles.map(statusOf) }));
  const port = await http.listen();
  const latencies = new FleetLatencies({ units, vehicles: ids, controller, clock });
  // The controller places by latency, so it hears of it before it is asked for a place.
  await latencies.start();
  for (const vehicle of vehicles) vehicle.start();
  logger.info("edge agent started", { vehicles: vehicles.length, port });
  return {
    ports: { http: port },
    async stop() {
      latencies.stop();
      await Promise.all(vehicles.map((vehicle) => vehicle.stop()));
      await http.close();
      logger.info("edge agent stopped");
    },
  };
}

function parseVehicles(texts: readonly string[]): readonly VehicleId[] {
  const ids = texts.map((text) => vehicleId(text));
  const wrong = texts.find((_, i) => ids[i] === undefined);
  if (wrong === undefined && ids.length > 0 && new Set(ids).size === ids.length) {
    return ids.filter((id) => id !== undefined);
  }
  const what =
    wrong === undefined ? "is empty or names one twice" : `holds ${JSON.stringify(wrong)}`;
  throw new CodedError({
    code: "CONFIG_INVALID",
    message: `vehicles ${what}`,
    remedy: "list different ids of lower-case letters, digits and hyphens",
  });
}

function missing(vehicles: readonly VehicleAgent[]): readonly string[] {
  if (vehicles.length === 0) return ["vehicles are being opened"];
  return vehicles
    .filter(({ status }) => status.unitId === undefined)
    .map(({ vehicleId: id }) => `${id} has no unit`);
}

function statusOf(vehicle: VehicleAgent): Record<string, unknown> {
  const { counters, status } = vehicle;
  const { chargeMax_A, dischargeMax_A, cooling } = status.limits;
  return {
    ...status,
    unitId: status.unitId ?? null,
    // JSON has no infinity: null is "no limit".
    limits: {
      chargeMax_A: Number.isFinite(chargeMax_A) ? chargeMax_A : null,
      dischargeMax_A: Number.isFinite(dischargeMax_A) ? dischargeMax_A : null,
      cooling,
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
