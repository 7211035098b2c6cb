import { type Clock, CodedError, type Logger, messageOf } from "@voltfog/runtime";
import { createHttpService } from "@voltfog/runtime/node";
import type { ControllerConfig } from "./config.ts";
import { addMetrics } from "./http/metrics.ts";
import { addRoutes } from "./http/routes.ts";
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
  readonly ports: { readonly http: number };
  /** Ends the rounds and the HTTP side; the state is on disk. */
  stop(): Promise<void>;
}

/**
 * Starts the controller: it watches its units, answers where each vehicle belongs, and tells the units
 * which functions they run for whom. Throws CodedError: UNIT_ADDRESS_INVALID, PORT_IN_USE.
 */
export async function runController(
  config: ControllerConfig,
  ports: { logger: Logger; clock: Clock },
): Promise<RunningController> {
  const { logger, clock } = ports;
  const addresses = addressesOf(config);
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
  const units = addresses.map((address) => watch(address, config, ports));
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
  const http = createHttpService({
    process: "controller",
    host: config.host,
    port: config.httpPort,
    logger,
    missing: () => (pipeline.isObserved ? [] : ["first answers of the units"]),
  });
  const health = (): readonly UnitHealth[] => monitors.map((monitor) => monitor.health());
  const saves = new Set<() => void>();
  addRoutes(http.app, {
    addresses,
    book,
    pipeline,
    latencies,
    health,
    changed: () => {
      if (saves.size > 0) return;
      const cancel = clock.after(saveDelay_ms, () => {
        saves.clear();
        pipeline.keep();
        void pipeline.push();
      });
      saves.add(cancel);
    },
  });
  addMetrics(http.metrics, { book, health });
  const port = await http.listen();
  const endRounds = startRounds({ pipeline, poll_ms: config.poll_ms, clock, logger });
  logger.info("controller runs", {
    port,
    units: addresses.length,
    vehicles: book.attachments.length,
  });
  return {
    ports: { http: port },
    async stop() {
      for (const cancel of saves) cancel();
      await endRounds();
      pipeline.keep();
      await http.close();
    },
  };
}

function addressesOf(config: ControllerConfig): readonly UnitAddress[] {
  const addresses = parseUnitAddresses(config.units);
  if (addresses.ok) return addresses.value;
  const { code, detail } = addresses.problem;
  throw new CodedError({ code, message: `units: ${detail}`, remedy: "correct the list of units" });
}

function watch(
  address: UnitAddress,
  config: ControllerConfig,
  ports: { logger: Logger; clock: Clock },
): WatchedUnit {
  const client = createUnitClient({ address, limit_ms: config.poll_ms, clock: ports.clock });
  const { missesMax } = config;
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
