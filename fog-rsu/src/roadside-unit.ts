import { faultOf } from "@voltfog/runtime";
import {
  addDiskGauges,
  type BackboneService,
  createBackboneService,
  createHttpService,
  DiskWatch,
  type HttpService,
  loadTlsIdentity,
  nodeCrypto,
  type TlsIdentity,
} from "@voltfog/runtime/node";
import { ValidatorClient } from "./anchoring/validator-client.ts";
import { startBackbone } from "./backbone/start-backbone.ts";
import type { ChargerWatch } from "./chargers/charger-reports.ts";
import { watchChargers } from "./chargers/charger-watch.ts";
import { liveNetworks } from "./chargers/live-watch.ts";
import { Closers } from "./closers.ts";
import type { RsuConfig } from "./config.ts";
import { startControlSide } from "./control/control-side.ts";
import { AssignmentDesk } from "./functions/assignment.ts";
import { ChangeSignal } from "./http/change-signal.ts";
import type { ChargerParts } from "./http/charger-routes.ts";
import { addGauges, addMeters } from "./http/metrics.ts";
import { addBackboneRoutes, addPublicRoutes, backboneAccess } from "./http/routes.ts";
import { ClientAccess } from "./ingest/client-access.ts";
import { DeviceDirectory } from "./ingest/device-directory.ts";
import { watchDirectory } from "./ingest/directory-watch.ts";
import { VehicleBroker } from "./ingest/vehicle-broker.ts";
import { eraseOrdered } from "./log/erase-ordered.ts";
import { keepShown } from "./log/keep-shown.ts";
import { proofBasis } from "./log/proof-basis.ts";
import { showMissed } from "./log/show-missed.ts";
import { type OpenUnit, openStages, type UnitParts } from "./open-stages.ts";
import type { RsuPorts } from "./rsu-ports.ts";
import { loadIdentity } from "./unit-identity.ts";

export interface RunningRsu {
  readonly ports: { readonly mqtt: number; readonly backbone: number; readonly http: number };
  /** Takes no more frames, makes durable what was taken, and closes every file and port. */
  stop(): Promise<void>;
}

/**
 * Starts one roadside unit. PORT_IN_USE, KEY_UNREADABLE, GENESIS_INVALID, NOT_A_UNIT,
 * VEHICLES_INVALID, CERTIFICATE_UNREADABLE, LOG_NOT_OPENED, LOG_CORRUPT
 * and what the disk says; then nothing is left open.
 */
export async function runRsu(config: RsuConfig, ports: RsuPorts): Promise<RunningRsu> {
  const closers = new Closers();
  try {
    const running = await start(config, ports, closers);
    return { ports: running, stop: () => closers.closeAll() };
  } catch (thrown) {
    await closers.closeAll();
    throw thrown;
  }
}

async function start(
  config: RsuConfig,
  ports: RsuPorts,
  closers: Closers,
): Promise<RunningRsu["ports"]> {
  const crypto = nodeCrypto;
  const identity = loadIdentity(config, crypto);
  const { signer } = identity;
  await eraseOrdered({ dataDir: config.dataDir, signer, crypto, logger: ports.logger });
  const devices = DeviceDirectory.load({ path: config.vehicles, crypto });
  const { host } = config;
  const { logger, clock } = ports;
  const tls = loadTlsIdentity(config, logger);
  const http = createHttpService({ process: "rsu", host, port: config.httpPort, logger });
  const backbone = createBackboneService({
    host,
    port: config.backbonePort,
    identity: tls,
    access: backboneAccess,
    logger,
  });
  const stopping = new AbortController();
  const chain = new ValidatorClient({
    url: config.validatorUrl,
    genesis: identity.genesis,
    crypto,
    stopping: stopping.signal,
  });
  const parts = {
    config,
    ports,
    crypto,
    identity,
    devices,
    chain,
    tls,
    meters: addMeters(http.metrics),
  };
  const unit = await openStages(parts, closers);
  const { log, events, pipeline, anchor, functions } = unit;
  closers.add(async () => {
    stopping.abort();
    await anchor.stop();
  });
  functions.start();
  const { shownUpTo } = events;
  const show = pipeline.show.bind(pipeline);
  await showMissed({ log, durable: unit.durable, shownUpTo, show, logger });
  closers.add(keepShown({ log, events, clock }));
  closers.add(() => http.close());
  closers.add(() => backbone.close());
  const broker = await openBroker({ parts, unit, tls });
  closers.add(() => broker.close());
  closers.add(async () => unit.receipts.flush());
  unit.link.connect(broker);
  unit.brokerDriver.connect(broker);
  closers.add(followDevices(parts, broker));
  const chargers = followChargers(parts, closers);
  const disk = watchDisk(parts, closers);
  serve({ http, backbone }, { ...parts, chargers, disk, closers }, unit, broker);
  const ended = {
    mqtt: broker.port,
    backbone: await backbone.listen(),
    http: await http.listen(),
  };
  anchor.start();
  const { number } = unit.place;
  closers.add(startBackbone({ ...unit, config, ports, identity: tls, logNumber: number }));
  logger.info("unit started", { unitId: identity.id, log: number, size: log.view.size, ...ended });
  return ended;
}

function watchDisk({ config, ports }: UnitParts, closers: Closers): DiskWatch {
  const { dataDir, diskFreeMin_bytes, diskLeftMin_d } = config;
  const limits = { free_bytes: diskFreeMin_bytes, left_d: diskLeftMin_d };
  const disk = new DiskWatch({ ...ports, folder: dataDir, limits });
  closers.add(() => disk.stop());
  disk.start();
  return disk;
}

/** Chargers are followed beside the vehicles, which wait for nothing here: what fails is logged. */
function followChargers({ config, ports }: UnitParts, closers: Closers): ChargerParts {
  const changed = new ChangeSignal(ports);
  const { dataDir, chargerReplay, chargerModels, chargerStep_ms, chargerFeedUrl } = config;
  const chargerFeed = liveNetworks.find((one) => one === config.chargerFeed) ?? "";
  let watch: ChargerWatch | undefined;
  const opening = watchChargers({
    ...{ ...ports, dataDir, replay: chargerReplay, models: chargerModels },
    ...{ step_ms: chargerStep_ms, feed: chargerFeed, feedUrl: chargerFeedUrl },
    changed: () => changed.notify(),
  }).then(
    (opened) => {
      watch = opened;
    },
    (thrown: unknown) => {
      const { code, reason } = faultOf(thrown);
      ports.logger.error("chargers are not followed", { code, reason });
    },
  );
  closers.add(async () => {
    await opening;
    await watch?.stop();
  });
  return { watch: () => watch, changed };
}

/** Vehicles come and go while the unit runs; who is put out is cut off at once. */
function followDevices(
  { config, ports, crypto, devices }: UnitParts,
  broker: VehicleBroker,
): () => Promise<void> {
  return watchDirectory({
    path: config.vehicles,
    directory: devices,
    crypto,
    ...ports,
    outcast: (ids) => {
      for (const id of ids) broker.drop(id);
    },
  });
}

function openBroker(options: {
  parts: UnitParts;
  unit: OpenUnit;
  tls: TlsIdentity;
}): Promise<VehicleBroker> {
  const { config, ports, identity, devices, meters } = options.parts;
  const { pipeline, refusals } = options.unit;
  const access = new ClientAccess({
    unitId: identity.id,
    deviceOf: (id) => devices.deviceOf(id),
  });
  return VehicleBroker.open({
    host: config.host,
    port: config.mqttPort,
    urgentPort: config.urgentPort,
    tls: options.tls,
    connectionsMax: config.connectionsMax,
    inFlightMax_bytes: config.inFlightMax_bytes,
    traffic: options.unit.brokerDriver,
    clock: ports.clock,
    logger: ports.logger,
    mayConnect: (login) => access.mayConnect(login),
    mayRead: (peer, topic) => access.mayRead(peer, topic),
    take: (message) => pipeline.take(message),
    exceeded: ({ code }) => {
      meters.dropped(code);
      if (code === "PACKET_TOO_LARGE") refusals.count("FRAME_TOO_LARGE");
    },
    turnedAway: () => meters.dropped("HANDSHAKE_FAILED"),
  });
}

interface Services {
  readonly http: HttpService;
  readonly backbone: BackboneService;
}

function serve(
  services: Services,
  {
    config,
    ports,
    crypto,
    identity,
    devices,
    chain,
    chargers,
    tls,
    disk,
    closers,
  }: UnitParts & { chargers: ChargerParts; disk: DiskWatch; closers: Closers },
  unit: OpenUnit,
  broker: VehicleBroker,
): void {
  const { log, events, anchor, functions, refusals, findings, commands, grown, changed } = unit;
  const deviceOf = devices.deviceOf.bind(devices);
  const connectedVehicles = (): readonly string[] =>
    broker.connected.filter((id) => deviceOf(id) !== undefined);
  const assignment = new AssignmentDesk({ functions });
  const { id, genesis, signer } = identity;
  const stateVersion = (): number => events.cursor;
  const { status: controlStatus, ...control } = startControlSide({
    ...{ config, ports, tls, connectedVehicles, stateVersion },
    functions: () => functions.status,
  });
  closers.add(async () => control.peers.stop());
  const own = { id, key: signer.publicKey };
  const restsOn = proofBasis({ chain, identity, crypto });
  const logs = [{ number: unit.place.number, view: log.view }, ...unit.earlier];
  const parts = {
    status: {
      id,
      log,
      logNumber: unit.place.number,
      anchor,
      refusals,
      functions,
      assignment,
      findings,
      events,
      policies: unit.policies,
      waiting: () => unit.intake.waiting,
      connectedVehicles,
      control: controlStatus,
      disk,
    },
    control: { assignment, commands, deviceOf, ...control },
    chargers,
    notices: unit.notices,
    orders: unit.orders,
    earlier: unit.earlier,
    proofs: {
      logs,
      restsOn,
      events,
      chain,
      chainName: genesis.chain,
      logHash: genesis.logHash,
      unit: own,
      deviceOf,
      crypto,
    },
    grown,
    changed,
  };
  addPublicRoutes(services.http.app, parts);
  addBackboneRoutes(services.backbone.app, parts);
  addDiskGauges(services.http.metrics, disk);
  addGauges(services.http.metrics, {
    connected: () => connectedVehicles().length,
    logSize: () => log.view.size,
    finalSize: () => anchor.finalSize,
    eventsPending: () => events.pendingIds.length,
    eventsLost: () => events.lost,
    functions: () => functions.status,
  });
}
