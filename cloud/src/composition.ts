import { ChargerBoard } from "@voltfog/forecasting";
import { treeCrypto, unitLogName } from "@voltfog/ledger";
import { assert, type Clock, type Crypto } from "@voltfog/runtime";
import type { NatsBackbone } from "@voltfog/runtime/nats";
import { type HttpService, nodeCrypto } from "@voltfog/runtime/node";
import type { FleetDirectory } from "./access/fleet-directory.ts";
import type { Credential } from "./access/identity.ts";
import { Aftermath } from "./aftermath.ts";
import { LoopbackLink } from "./backbone/loopback-link.ts";
import { NatsLink } from "./backbone/nats-link.ts";
import { ChargerFollower } from "./chargers/charger-follower.ts";
import type { CloudPorts } from "./cloud-ports.ts";
import type { CloudConfig } from "./config.ts";
import { BlockFollower } from "./finality/block-follower.ts";
import { RowRaiser } from "./finality/row-raiser.ts";
import { EventFeed } from "./intake/event-feed.ts";
import { UnitIntake } from "./intake/unit-intake.ts";
import { FleetState } from "./live/fleet-state.ts";
import { IncidentDesk } from "./live/incident-desk.ts";
import { LiveHub } from "./live/live-hub.ts";
import { LivePublisher } from "./live/live-publisher.ts";
import { Neighbour, readUnitStatus, readValidatorStatus } from "./live/neighbours.ts";
import { SiteViews } from "./live/site-views.ts";
import type { UnitSite } from "./live/unit-site.ts";
import { createMetrics, observe } from "./metrics.ts";
import type { Stages } from "./pipeline.ts";
import { createRemote } from "./remote/remote.ts";
import type { Address, Site } from "./site-config.ts";
import { RetentionStage } from "./store/retention-stage.ts";
import type { TelemetryStore } from "./store/telemetry-store.ts";

export interface CompositionOptions {
  readonly config: CloudConfig;
  readonly ports: CloudPorts;
  readonly site: Site;
  readonly store: TelemetryStore;
  readonly fleets: FleetDirectory;
  /** Whether what somebody was let in by still holds. */
  readonly holds: (credential: Credential | undefined) => Promise<boolean>;
  readonly backbone: NatsBackbone | undefined;
  readonly registry: HttpService["metrics"];
  readonly signal: AbortSignal;
}

/** The parts of the running cloud. */
export interface Composition {
  /** All but those of care, which have tables of their own, and the market's, which read what these leave. */
  readonly stages: Omit<Stages, "care" | "market" | "settlement">;
  readonly views: SiteViews;
  readonly chargers: ChargerBoard;
  readonly hub: LiveHub;
  readonly publisher: LivePublisher;
  /** Brings live state to where the store is. */
  restore(): Promise<void>;
  /** Resolves when no row is being raised. */
  settled(): Promise<void>;
  /** Closes the connections to units and validators. */
  close(): void;
}

const waitingMax = 512;
const blocksShown = 100;
const incidentsShown = 20;

/** Puts the parts together; nothing runs yet. */
export function compose(options: CompositionOptions): Composition {
  const { config, ports, site, store, registry, fleets } = options;
  const { clock, logger } = ports;
  const metrics = createMetrics(registry);
  const fleet = new FleetState();
  const hub = new LiveHub({
    clientsMax: config.liveClientsMax,
    waitingMax,
    ...{ sees: (fleetId, vehicleId) => fleets.sees(fleetId, vehicleId), holds: options.holds },
  });
  // Stages report to the aftermath, which shows the stages: it exists before the first of them runs.
  const late = (): Aftermath => aftermath;
  const shared = sharedOf(options);
  const units = site.units.map((address) => unitSite({ address, late, site, shared, config }));
  const feeds = units.map((unit) => eventFeed({ unit, late, shared }));
  const validators = site.validators.map(({ id, url }) => {
    const remote = createRemote({ url, peerId: id, identity: site.identity, clock });
    return new Neighbour({ ...shared, id, remote, read: readValidatorStatus });
  });
  const follower = new BlockFollower({
    ...shared,
    consortium: site.consortium,
    remotes: validators,
    listener: {
      followed: (record) => late().blockFollowed(record),
      rejected: (id, problem) => late().answerRejected(id, problem),
    },
  });
  const { consortium } = site;
  const views = new SiteViews({ fleet, units, validators, consortium, follower, fleets, clock });
  const publisher = new LivePublisher({ hub, views, clock });
  const desk = new IncidentDesk({ store, views, hub, metrics, clock, logger });
  const aftermath = new Aftermath({
    store,
    fleet,
    views,
    hub,
    publisher,
    desk,
    metrics,
    logger,
  });
  observe(registry, { views, clients: () => hub.clients });
  const chargers = new ChargerBoard();
  const chargerFollower = new ChargerFollower({
    ...shared,
    units: units.map(({ id, neighbour }) => ({ id, remote: neighbour.remote })),
    board: chargers,
    logger,
  });
  const retention = new RetentionStage({ ...config, store, clock });
  const stages: Composition["stages"] = {
    ...{ units, feeds, follower, validators, retention },
    chargers: chargerFollower,
  };
  return {
    stages,
    views,
    chargers,
    hub,
    publisher,
    restore: () => restore({ store, stages, fleet, views, aftermath, consortium }),
    settled: async () => {
      const raisers = units.flatMap((unit) => [...unit.raisers.values()]);
      await Promise.all(raisers.map((raiser) => raiser.idle()));
    },
    close: () => {
      for (const { remote } of [...units.map((unit) => unit.neighbour), ...validators]) {
        remote.close();
      }
    },
  };
}

/** What every stage needs. */
interface Shared {
  readonly store: TelemetryStore;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly signal: AbortSignal;
  readonly longPoll_ms: number;
  /** Undefined where units are asked directly. */
  readonly backbone: NatsBackbone | undefined;
}

function sharedOf(options: CompositionOptions): Shared {
  return {
    store: options.store,
    clock: options.ports.clock,
    crypto: nodeCrypto,
    signal: options.signal,
    longPoll_ms: options.config.longPoll_ms,
    backbone: options.backbone,
  };
}

function unitSite(options: {
  address: Address;
  late: () => Aftermath;
  site: Site;
  shared: Shared;
  config: CloudConfig;
}): UnitSite {
  const { address, late, site, shared, config } = options;
  const { id, url } = address;
  const remote = createRemote({ url, peerId: id, identity: site.identity, clock: shared.clock });
  const identity = site.consortium.logOf(id);
  const unit = site.consortium.genesis.units.find((other) => other.id === id);
  assert(
    identity !== undefined && unit !== undefined,
    "addresses are of units in the genesis file",
  );
  const raisers = new Map<string, RowRaiser>();
  const direct = new LoopbackLink(remote);
  const { backbone } = shared;
  const link = backbone === undefined ? direct : new NatsLink({ unitId: id, backbone, direct });
  return {
    id,
    link,
    organisation: unit.organisation,
    neighbour: new Neighbour({ ...shared, id, remote, read: readUnitStatus }),
    intake: new UnitIntake({
      ...shared,
      identity,
      next: (number) => site.consortium.logOf(unitLogName({ unitId: id, number })),
      link,
      vehicleNames: site.vehicleNames,
      entriesMax: config.entriesMax,
      listener: {
        stored: (batch, commit) => late().entriesStored(batch, commit),
        halted: (problem) => late().logContradicted(id, problem),
      },
    }),
    raiserOf(logName) {
      const known = raisers.get(logName);
      if (known !== undefined) return known;
      const raiser = new RowRaiser({
        ...shared,
        crypto: treeCrypto(site.consortium.genesis.logHash ?? "sha256", shared.crypto),
        unitId: logName,
        listener: {
          raised: (_checkpoint, delta) => late().rowsRaised(delta),
          diverged: (problem) => late().logContradicted(id, problem),
        },
      });
      raisers.set(logName, raiser);
      return raiser;
    },
    raisers,
    problem: undefined,
  };
}

function eventFeed(options: {
  unit: UnitSite;
  late: () => Aftermath;
  shared: Shared;
}): Stages["feeds"][number] {
  const { unit, late, shared } = options;
  const unitId = unit.id;
  return {
    unitId,
    feed: new EventFeed({
      ...shared,
      unitId,
      logName: () => unit.intake.logName,
      link: unit.link,
      listener: {
        recorded: (events) => late().eventsRecorded(unitId, events),
        rejected: (problem) => late().answerRejected(unitId, problem),
      },
    }),
  };
}

async function restore(options: {
  store: TelemetryStore;
  stages: Composition["stages"];
  fleet: FleetState;
  views: SiteViews;
  aftermath: Aftermath;
  consortium: Site["consortium"];
}): Promise<void> {
  const { store, stages, fleet, views, aftermath, consortium } = options;
  fleet.restore(await store.vehicleTotals(), await store.openAlerts());
  views.restore({
    blocks: await store.blocks({ before: Number.MAX_SAFE_INTEGER, limit: blocksShown }),
    incidents: await store.incidents(incidentsShown),
    events: await store.eventCounts(),
  });
  for (const { intake, raiserOf } of stages.units) {
    await intake.restore();
    await raiserOf(intake.logName).restore();
  }
  for (const { members } of await store.chain.epochs()) consortium.remember(members);
  await stages.follower.restore();
  // What a crash left between a commit and its raising is made up for, while the API answers.
  for (const { id } of stages.units) aftermath.raise(id);
}
