import { join } from "node:path";
import type { ClockQuality } from "@voltfog/messages";
import {
  type Clock,
  CodedError,
  type Crypto,
  type Logger,
  type Random,
  type VehicleId,
  vehicleId,
} from "@voltfog/runtime";
import { clearErasureOrders, loadTlsIdentity, readErasureOrders } from "@voltfog/runtime/node";
import type { EdgeConfig } from "./config.ts";
import { createEdgeService } from "./edge-service.ts";
import { eraseOutbox } from "./outbox/erase-outbox.ts";
import type { BatterySource } from "./sampling/battery-source.ts";
import { fleetSources } from "./sampling/fleet-sources.ts";
import { ClockWatch } from "./timing/clock-watch.ts";
import { readClockEvidence } from "./timing/read-clock-evidence.ts";
import { createControllerClient } from "./uplink/controller-client.ts";
import { FleetLatencies } from "./uplink/fleet-latencies.ts";
import { probeLatency_ms } from "./uplink/latency-probe.ts";
import { mqttSessions } from "./uplink/mqtt-session.ts";
import { splitSessions, urgentTargets } from "./uplink/split-session.ts";
import { readUnitKeys } from "./uplink/unit-keys.ts";
import { uplinkClasses } from "./uplink/uplink-classes.ts";
import type { UplinkTarget } from "./uplink/uplink-session.ts";
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
  const urgentOf = urgentTargets(config);
  const ids = parseVehicles(config.vehicles);
  const keys = readUnitKeys(config.genesis);
  const identity = loadTlsIdentity(config, logger);
  const controller = createControllerClient({ url: config.controllerUrl, identity });
  const probe = (target: UplinkTarget): Promise<number | undefined> =>
    probeLatency_ms({ target, identity, clock });
  const vehicles: VehicleAgent[] = [];
  const http = createEdgeService({ config, logger, vehicles });
  // A second agent with the same settings stops here, before it touches the vehicles' folders.
  const port = await http.listen();
  const watch = new ClockWatch({ clock, logger, look: readClockEvidence });
  const clockQuality = (): ClockQuality => watch.quality();
  const shared = { ...dependencies, config, units, keys, controller, clockQuality, probe };
  const openSession = splitSessions({
    ...{ urgentOf, logger },
    openMain: mqttSessions(clock),
    openUrgent: mqttSessions(clock, { isUrgent: true }),
  });
  try {
    await eraseOrdered(config.dataDir, logger);
    for (const [place, source] of (await sourcesOf(config)).entries()) {
      const own = { ...shared, openSession, source, place, vehicleId: ids[place] as VehicleId };
      vehicles.push(await VehicleAgent.open(own));
    }
  } catch (thrown) {
    for (const vehicle of vehicles) await vehicle.close();
    await http.close();
    throw thrown;
  }
  await watch.start();
  const { linkDevice: device, linkRate_bytes: rate_bytes } = config;
  const unclass = await uplinkClasses({ device, rate_bytes, urgentOf, targets: units, logger });
  const latencies = new FleetLatencies({ units, vehicles, controller, probe, clock });
  // The controller places by latency, so it hears of it before it is asked for a place.
  await latencies.start();
  for (const vehicle of vehicles) vehicle.start();
  logger.info("edge agent started", { vehicles: vehicles.length, port });
  return {
    ports: { http: port },
    async stop() {
      watch.stop();
      latencies.stop();
      await Promise.all(vehicles.map((vehicle) => vehicle.stop()));
      controller.close();
      await unclass();
      await http.close();
    },
  };
}

function sourcesOf(config: EdgeConfig): Promise<readonly BatterySource[]> {
  return fleetSources({
    kind: config.source === "simulator" ? "simulator" : "replay",
    vehicles: config.vehicles.length,
    replayFiles: config.replayFiles,
    rate_Hz: config.rate_Hz,
    seed: config.seed,
  });
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

/** Carries out the erasures that wait for these vehicles, before their outboxes are open. */
async function eraseOrdered(dataDir: string, logger: Logger): Promise<void> {
  const orders = readErasureOrders(dataDir);
  for (const order of orders) {
    const frames = await eraseOutbox(join(dataDir, order.vehicleId), order);
    logger.info("frames erased by order", { frames, by: order.by });
  }
  if (orders.length > 0) clearErasureOrders(dataDir);
}
