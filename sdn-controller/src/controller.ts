import { type Clock, CodedError, type Logger, messageOf } from "@voltfog/runtime";
import {
  type BackboneService,
  createBackboneService,
  createHttpService,
  type HttpService,
  loadTlsIdentity,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import type { ControllerConfig } from "./config.ts";
import { addMetrics } from "./http/metrics.ts";
import {
  addBackboneRoutes,
  addViewRoutes,
  backboneAccess,
  type RouteParts,
} from "./http/routes.ts";
import { Pipeline } from "./pipeline.ts";
import { AssignmentPush, type WatchedUnit } from "./placement/assignment-push.ts";
import { PlacementBook } from "./placement/placement-book.ts";
import { StateFile } from "./placement/state-file.ts";
import { LatencyTable } from "./topology/latency-table.ts";
import { parseUnitAddresses, type UnitAddress } from "./topology/unit-address.ts";
import { createUnitClient } from "./topology/unit-client.ts";
import { type UnitHealth, UnitMonitor } from "./topology/unit-monitor.ts";

/** Until the units are observed, questions come this many times faster. */
const firstHurry = 5;
/** A decision asked for between two rounds is on disk this much later; many at once share one write. */
const saveDelay_ms = 20;

export interface RunningController {
  readonly ports: { readonly backbone: number; readonly http: number };
  /** Ends the rounds and the HTTP side; the state is on disk. */
  stop(): Promise<void>;
}

/**
 * Starts the controller: it watches its units, answers where each vehicle belongs, and tells the units
 * which functions they run for whom. Throws CodedError: UNIT_ADDRESS_INVALID,
 * CERTIFICATE_UNREADABLE, PORT_IN_USE.
 */
export async function runController(
  config: ControllerConfig,
  ports: { logger: Logger; clock: Clock },
): Promise<RunningController> {
  const { logger, clock } = ports;
  const addresses = addressesOf(config);
  const identity = loadTlsIdentity(config, logger);
  const stateFile = new StateFile({ dataDir: config.dataDir });
  const lostVersion = Math.floor(clock.wall_ms() / 1000);
  const book = new PlacementBook({
    rules: config,
    functions: config.functions,
    vehiclesMax: config.vehiclesMax,
    start: stateFile.load({ lostVersion, logger }),
    now_ms: clock.wall_ms(),
  });
  const latencies = new LatencyTable({ vehiclesMax: config.vehiclesMax });
  const units = addresses.map((address) => watch({ address, identity, config, ports }));
  const { functions } = config;
  const assignments = new AssignmentPush({ units, book, functions, logger });
  const monitors = units.map(({ monitor }) => monitor);
  const pipeline = new Pipeline({
    monitors,
    latencies,
    book,
    stateFile,
    assignments,
    clock,
    logger,
  });
  const health = (): readonly UnitHealth[] => monitors.map((monitor) => monitor.health());
  const saves = new Set<() => void>();
  const changed = (): void => {
    if (saves.size > 0) return;
    const cancel = clock.after(saveDelay_ms, () => {
      saves.clear();
      pipeline.keep();
      void pipeline.push();
    });
    saves.add(cancel);
  };
  const routes = { addresses, book, pipeline, latencies, health, changed };
  const sides = openSides({ config, identity, logger, routes });
  const listening = await listen(sides);
  const endRounds = startRounds({ pipeline, poll_ms: config.poll_ms, clock, logger });
  logger.info("controller runs", {
    ...listening,
    units: addresses.length,
    vehicles: book.attachments.length,
  });
  return {
    ports: listening,
    async stop() {
      for (const cancel of saves) cancel();
      await endRounds();
      pipeline.keep();
      for (const { client } of units) client.close();
      await Promise.all([sides.http.close(), sides.backbone.close()]);
    },
  };
}

interface Sides {
  readonly http: HttpService;
  readonly backbone: BackboneService;
}

function openSides(options: {
  config: ControllerConfig;
  identity: TlsIdentity;
  logger: Logger;
  routes: RouteParts;
}): Sides {
  const { config, identity, logger, routes } = options;
  const { host } = config;
  const http = createHttpService({
    process: "controller",
    host,
    port: config.httpPort,
    logger,
    missing: () => (routes.pipeline.isObserved ? [] : ["first answers of the units"]),
  });
  const port = config.backbonePort;
  const backbone = createBackboneService({ host, port, identity, access: backboneAccess, logger });
  addViewRoutes(http.app, routes);
  addBackboneRoutes(backbone.app, routes);
  addMetrics(http.metrics, routes);
  return { http, backbone };
}

/** Both sides, or neither: a port that is taken leaves none open. */
async function listen(sides: Sides): Promise<RunningController["ports"]> {
  try {
    return { backbone: await sides.backbone.listen(), http: await sides.http.listen() };
  } catch (thrown) {
    await Promise.all([sides.http.close(), sides.backbone.close()]);
    throw thrown;
  }
}

function addressesOf(config: ControllerConfig): readonly UnitAddress[] {
  const addresses = parseUnitAddresses(config.units);
  if (addresses.ok) return addresses.value;
  const { code, detail } = addresses.problem;
  throw new CodedError({ code, message: `units: ${detail}`, remedy: "correct the list of units" });
}

function watch(options: {
  address: UnitAddress;
  identity: TlsIdentity;
  config: ControllerConfig;
  ports: { logger: Logger; clock: Clock };
}): WatchedUnit {
  const { address, identity, config, ports } = options;
  const { missesMax, poll_ms: limit_ms } = config;
  const client = createUnitClient({ address, identity, limit_ms, clock: ports.clock });
  return { client, monitor: new UnitMonitor({ id: address.id, client, missesMax, ...ports }) };
}

/** Rounds at the pace asked for, one at a time; the returned function ends them. */
function startRounds(options: {
  pipeline: Pipeline;
  poll_ms: number;
  clock: Clock;
  logger: Logger;
}): () => Promise<void> {
  const { pipeline, clock } = options;
  let ended = false;
  let cancel = (): void => {};
  let running: Promise<void> = Promise.resolve();
  const round = async (): Promise<void> => {
    const start_ms = clock.monotonic_ms();
    try {
      await pipeline.round();
    } catch (thrown) {
      options.logger.error("round failed", { reason: messageOf(thrown) });
    }
    if (ended) return;
    const spent_ms = clock.monotonic_ms() - start_ms;
    const pause_ms = pipeline.isObserved ? options.poll_ms : options.poll_ms / firstHurry;
    cancel = clock.after(Math.max(0, pause_ms - spent_ms), () => {
      running = round();
    });
  };
  running = round();
  return async () => {
    ended = true;
    cancel();
    await running;
  };
}
