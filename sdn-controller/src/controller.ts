import { type Clock, CodedError, type Logger } from "@voltfog/runtime";
import {
  type BackboneService,
  createBackboneService,
  createHttpService,
  type HttpService,
  loadTlsIdentity,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import { BundleBook } from "./bundles/bundle-book.ts";
import type { ControllerConfig } from "./config.ts";
import { addMetrics } from "./http/metrics.ts";
import {
  addBackboneRoutes,
  addViewRoutes,
  backboneAccess,
  type RouteParts,
} from "./http/routes.ts";
import { Leadership } from "./leadership/leadership.ts";
import { TermFile } from "./leadership/term-file.ts";
import { Pipeline } from "./pipeline.ts";
import { type AssignedUnit, AssignmentPush } from "./placement/assignment-push.ts";
import { PlacementBook } from "./placement/placement-book.ts";
import { StateFile } from "./placement/state-file.ts";
import { openPolicies } from "./policy/open-policies.ts";
import { startRounds } from "./start-rounds.ts";
import { LatencyTable } from "./topology/latency-table.ts";
import { Pulse } from "./topology/pulse.ts";
import { SituationDesk } from "./topology/situation-desk.ts";
import { TrustedCapacity } from "./topology/trusted-capacity.ts";
import { parseUnitAddresses, type UnitAddress } from "./topology/unit-address.ts";
import { createUnitClient, type UnitClient } from "./topology/unit-client.ts";
import { type UnitHealth, UnitMonitor } from "./topology/unit-monitor.ts";
import { Uplinks } from "./topology/uplinks.ts";

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
  const { book, stateFile } = openBook(config, ports);
  const latencies = new LatencyTable({ vehiclesMax: config.vehiclesMax });
  const monitors = addresses.map((address) => watch({ address, identity, config, ports }));
  const leadership = openLeadership({ config, ports, units: monitors.length });
  const assignments = new AssignmentPush({
    units: () => monitors.map((monitor) => ({ ...monitor.view(), ...assigned(monitor) })),
    book,
    peers: addresses.map(({ id, backboneUrls: [url] }) => ({ unitId: id, url })),
    fenced: ({ term }) => leadership.stepBack({ term, leader: null }),
    logger,
  });
  const situation = new SituationDesk({ monitors, latencies, clock });
  const pipeline = new Pipeline({
    monitors,
    leadership,
    situation,
    book,
    stateFile,
    assignments,
    logger,
  });
  const pulse = new Pulse({ clock, monitors, leadership, news: () => pipeline.act() });
  const health = (): readonly UnitHealth[] => monitors.map((monitor) => monitor.health());
  const { changed, cancel } = saveSoon(pipeline, clock);
  const { dataDir, poll_ms: limit_ms } = config;
  const policies = openPolicies({
    ...{ ...ports, identity, units: addresses, dataDir, limit_ms },
    claim: () => leadership.claim,
    homeOf: (vehicleId) => book.placeOf(vehicleId),
  });
  const routes = {
    ...{ monitors, leadership, book, latencies, addresses },
    ...{ pipeline, situation, health, changed, clock },
    policies: policies.desk,
  };
  const sides = openSides({ config, identity, logger, routes });
  const listening = await listen(sides);
  const endRounds = startRounds({ pipeline, pulse, ...config, clock, logger });
  logger.info("controller runs", {
    ...listening,
    units: addresses.length,
    vehicles: book.attachments.length,
  });
  return {
    ports: listening,
    async stop() {
      cancel();
      await Promise.all([endRounds(), policies.stop()]);
      pipeline.keep();
      for (const monitor of monitors) monitor.close();
      await Promise.all([sides.http.close(), sides.backbone.close()]);
    },
  };
}

/** Many changes of one moment share one write and one push. */
function saveSoon(pipeline: Pipeline, clock: Clock): { changed: () => void; cancel: () => void } {
  let cancel: (() => void) | undefined;
  const changed = (): void => {
    cancel ??= clock.after(saveDelay_ms, () => {
      cancel = undefined;
      pipeline.keep();
      void pipeline.push();
    });
  };
  return { changed, cancel: () => cancel?.() };
}

function openBook(
  config: ControllerConfig,
  { logger, clock }: { logger: Logger; clock: Clock },
): { book: PlacementBook; stateFile: StateFile } {
  const stateFile = new StateFile({ dataDir: config.dataDir });
  const lostVersion = Math.floor(clock.wall_ms() / 1000);
  const functions = config.functions.map((text) => text.split("@")[0] ?? text);
  const book = new PlacementBook({
    rules: config,
    bundles: new BundleBook({ functions, dwell_ms: config.bundleDwell_ms }),
    functions: config.functions,
    vehiclesMax: config.vehiclesMax,
    start: stateFile.load({ lostVersion, logger }),
    now_ms: clock.wall_ms(),
  });
  return { book, stateFile };
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
    missing: () => missing(routes),
  });
  const port = config.backbonePort;
  const backbone = createBackboneService({ host, port, identity, access: backboneAccess, logger });
  addViewRoutes(http.app, routes);
  addBackboneRoutes(backbone.app, routes);
  addMetrics(http.metrics, routes);
  return { http, backbone };
}

/** What keeps the controller from answering vehicles. */
function missing({ pipeline, leadership }: RouteParts): readonly string[] {
  if (!pipeline.isObserved) return ["first answers of the units"];
  if (leadership.role === "leading") return [];
  return [`passive: ${leadership.leader ?? "nobody"} leads in term ${leadership.term}`];
}

function assigned(monitor: UnitMonitor): Pick<AssignedUnit, "incarnation" | "client"> {
  return { incarnation: monitor.incarnation, client: monitor.client };
}

function openLeadership(options: {
  config: ControllerConfig;
  ports: { logger: Logger; clock: Clock };
  units: number;
}): Leadership {
  const { config, ports, units } = options;
  const file = new TermFile({ dataDir: config.dataDir });
  const term = file.load(ports.logger);
  const save = (next: number): void => file.save(next);
  const { id: controllerId, takeOver_ms } = config;
  return new Leadership({ controllerId, takeOver_ms, units, term, save, ...ports });
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
}): UnitMonitor {
  const { address, identity, config, ports } = options;
  const { missesMax, unknownGrace_ms, beatLimit_ms, poll_ms: limit_ms } = config;
  const { id } = address;
  const shared = { id, identity, beatLimit_ms, limit_ms, clock: ports.clock };
  const [first, ...others] = address.backboneUrls;
  const client = (url: string): UnitClient => createUnitClient({ ...shared, url });
  const uplinks = new Uplinks({ id, clients: [client(first), ...others.map(client)], ...ports });
  // Over several uplinks one heartbeat may take two limits.
  const heldUp_ms = 2 * beatLimit_ms + config.beat_ms;
  const { zone, most } = address;
  const capacity = new TrustedCapacity({ id, most, logger: ports.logger });
  const limits = { missesMax, heldUp_ms, unknownGrace_ms };
  return new UnitMonitor({ id, uplinks, ...limits, capacity, zone, ...ports });
}
