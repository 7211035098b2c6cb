import { join } from "node:path";
import { plausibility } from "@voltfog/battery";
import { type Crypto, faultOf } from "@voltfog/runtime";
import { nodeVerifier, type TlsIdentity } from "@voltfog/runtime/node";
import { Anchor } from "./anchoring/anchor.ts";
import type { ChainPort } from "./anchoring/chain-port.ts";
import { EventTransactions } from "./anchoring/event-transactions.ts";
import { EvmAnchor } from "./anchoring/evm-anchor.ts";
import { evmLedgerOf, requireEvmSettings } from "./anchoring/evm-ledger.ts";
import type { UnitAnchor } from "./anchoring/unit-anchor.ts";
import { DownLink } from "./answers/down-link.ts";
import { Receipts } from "./answers/receipts.ts";
import { Refusals } from "./answers/refusals.ts";
import type { Closers } from "./closers.ts";
import { CommandAnswers } from "./commands/command-answers.ts";
import { CommandDesk } from "./commands/command-desk.ts";
import type { RsuConfig } from "./config.ts";
import { DeclaredEvents } from "./events/declared-events.ts";
import { type EventFinding, EventRegister } from "./events/event-register.ts";
import { FindingSink } from "./events/finding-sink.ts";
import { builtInFunctions } from "./functions/built-in.ts";
import { FunctionChanges } from "./functions/function-changes.ts";
import { FunctionHost } from "./functions/function-host.ts";
import { followPackageFolder } from "./functions/package-folder.ts";
import { PeerStates } from "./functions/peer-states.ts";
import { startWorkerThread } from "./functions/worker-thread.ts";
import { ChangeSignal } from "./http/change-signal.ts";
import type { UnitMeters } from "./http/metrics.ts";
import type { DeviceDirectory } from "./ingest/device-directory.ts";
import { Greetings } from "./ingest/greetings.ts";
import { Intake } from "./ingest/intake.ts";
import { DurableFrames } from "./log/durable-frame.ts";
import { type EarlierLog, loadEarlier, showEarlier } from "./log/earlier-logs.ts";
import { type CurrentLog, settleLog } from "./log/settle-log.ts";
import { UnitLog } from "./log/unit-log.ts";
import { NoticeDesk } from "./notices/notice-desk.ts";
import { Pipeline, type Stages } from "./pipeline.ts";
import type { RsuPorts } from "./rsu-ports.ts";
import { newestFrameOf } from "./traffic/newest-frame.ts";
import { OrderDesk } from "./traffic/order-desk.ts";
import { type Traffic, unitTraffic } from "./traffic/unit-traffic.ts";
import type { UnitIdentity } from "./unit-identity.ts";

/** Between two looks at an Ethereum chain, whose blocks come every few seconds. */
const evmPoll_ms = 1000;

/** What all stages are made from. */
export interface UnitParts {
  readonly config: RsuConfig;
  readonly ports: RsuPorts;
  readonly crypto: Crypto;
  readonly identity: UnitIdentity;
  readonly devices: DeviceDirectory;
  readonly chain: ChainPort;
  readonly tls: TlsIdentity;
  readonly meters: UnitMeters;
}

/** The stages in place, with what HTTP and broker hold on to. */
export interface OpenUnit extends Stages, Traffic {
  readonly pipeline: Pipeline;
  readonly log: UnitLog;
  /** Which of its logs the unit writes. */
  readonly place: CurrentLog;
  /** The logs before it, newest first. */
  readonly earlier: readonly EarlierLog[];
  readonly commands: CommandDesk;
  readonly notices: NoticeDesk;
  readonly orders: OrderDesk;
  readonly link: DownLink;
  readonly grown: ChangeSignal;
  readonly changed: ChangeSignal;
}

/** Opens log and events and puts the stages together; nothing runs yet. */
export async function openStages(parts: UnitParts, closers: Closers): Promise<OpenUnit> {
  const { ports, crypto, identity, devices, meters } = parts;
  const { clock, logger, random } = ports;
  const link = new DownLink();
  const grown = new ChangeSignal({ clock });
  const changed = new ChangeSignal({ clock });
  const declared = new DeclaredEvents();
  // Log and events report to the pipeline, which is made of them; they report nothing before it stands.
  const late: Late = { grown, changed };
  const place = await settleLog({ ...parts, ...ports, dataDir: parts.config.dataDir });
  const earlier = await loadEarlier(parts.config.dataDir);
  const log = await openLog(parts, { late, place });
  closers.add(() => log.close());
  const recordDeed = (deed: EventFinding): string | undefined => late.events?.recordDeed(deed);
  const record = (deed: EventFinding): boolean => recordDeed(deed) !== undefined;
  const changes = new FunctionChanges({ clock, record });
  const deviceOf = devices.deviceOf.bind(devices);
  const logs = [log, ...earlier];
  const kept = { record: recordDeed, isKept: (id: string) => isKept(late, id) };
  const notices = new NoticeDesk({ deviceOf, logs, ...kept });
  const newestOf = newestFrameOf({ deviceOf, log });
  const orders = new OrderDesk({ newestOf, logSize: () => log.view.size, crypto, ...kept });
  const events = await openEvents(parts, { late, declared, changes, notices, orders });
  late.events = events;
  closers.add(() => events.close());
  const { send } = link;
  const desk = {
    unitId: identity.id,
    signer: identity.signer,
    crypto,
    clock,
    random,
    logger,
    send,
  };
  const commands = new CommandDesk(desk);
  const findings = new FindingSink({ events, commands, deviceOf, logger });
  const functions = openFunctions(parts, { late, events, changes }, closers);
  const intake = openIntake(parts, log);
  const traffic = unitTraffic({ ...parts, log, events, deviceOf });
  closers.add(() => traffic.policies.close());
  showEarlier({ earlier, devices: devices.devices, intake });
  const stages: Stages = {
    greetings: openGreetings(parts, intake),
    intake,
    conduct: traffic.conduct,
    commandAnswers: new CommandAnswers({ desk: commands, deviceOf }),
    refusals: new Refusals({ ...desk, counted: (code) => meters.refused(code) }),
    receipts: new Receipts(desk),
    durable: new DurableFrames(),
    functions,
    declared,
    findings,
    events,
    anchor: openAnchor(parts, { log, events, place }),
  };
  late.intake = intake;
  late.pipeline = new Pipeline(stages);
  return {
    ...stages,
    ...traffic,
    pipeline: late.pipeline,
    ...{ log, place, earlier, commands, notices, orders, link, grown, changed },
  };
}

async function isKept(late: Late, id: string): Promise<boolean> {
  await late.events?.settled();
  return (await late.events?.find(id)) !== undefined;
}

interface Late {
  readonly grown: ChangeSignal;
  readonly changed: ChangeSignal;
  pipeline?: Pipeline;
  intake?: Intake;
  events?: EventRegister;
}

function openLog(
  { config, ports, crypto, identity, meters }: UnitParts,
  { late, place }: { late: Late; place: CurrentLog },
): Promise<UnitLog> {
  const { clock, logger } = ports;
  return UnitLog.open({
    folder: join(config.dataDir, "log"),
    origin: place.origin,
    signer: identity.signer,
    crypto,
    clock,
    logger,
    groupMax: config.groupMax,
    committed: (group, place) => {
      meters.committed(group);
      late.pipeline?.committed(group, place);
      late.grown.notify();
    },
    failed: (thrown) => {
      logger.error("frames not kept: the log's disk refuses", faultOf(thrown));
      late.intake?.forgetUnwritten();
    },
    measured: (commit) => meters.wrote(commit),
  });
}

function openEvents(
  { config, ports, crypto, identity }: UnitParts,
  to: {
    late: Late;
    declared: DeclaredEvents;
    changes: FunctionChanges;
    notices: NoticeDesk;
    orders: OrderDesk;
  },
): Promise<EventRegister> {
  const { late, declared, changes, notices, orders } = to;
  return EventRegister.open({
    folder: join(config.dataDir, "events"),
    unitId: identity.id,
    crypto,
    ...ports,
    restored: (recorded) => {
      declared.restore(recorded);
      changes.restore(recorded);
      notices.restore(recorded);
      orders.restore(recorded);
    },
    changed: () => {
      late.changed.notify();
      late.pipeline?.eventsChanged();
    },
  });
}

function openFunctions(
  { config, ports, identity, tls }: UnitParts,
  { late, events, changes }: { late: Late; events: EventRegister; changes: FunctionChanges },
  closers: Closers,
): FunctionHost {
  const peers = new PeerStates({ identity: tls, clock: ports.clock });
  closers.add(async () => peers.close());
  const functions = new FunctionHost({
    unitId: identity.id,
    functions: builtInFunctions,
    stall_ms: config.functionStall_ms,
    clock: ports.clock,
    logger: ports.logger,
    startThread: startWorkerThread,
    ...{ peers, changes, conditions: events },
    found: (finding, by) => late.pipeline?.found(finding, by),
  });
  closers.add(() => functions.stop());
  const { functionsDir: folder } = config;
  if (folder !== "") closers.add(followFunctions({ folder, functions }, ports));
  return functions;
}

function followFunctions(
  { folder, functions }: { folder: string; functions: FunctionHost },
  { clock, logger }: RsuPorts,
): () => Promise<void> {
  return followPackageFolder({
    ...{ folder, clock },
    changed: (contents) => functions.deploy(contents),
    failed: (reason) => logger.warn("functions deployed by file cannot be read", { reason }),
  });
}

function openIntake({ config, ports, crypto, devices }: UnitParts, log: UnitLog): Intake {
  return new Intake({
    deviceOf: (id) => devices.deviceOf(id),
    crypto,
    verifier: nodeVerifier,
    now_ms: () => ports.clock.wall_ms(),
    clockSkewMax_ms: config.clockSkewMax_ms,
    implausible: (sample) => plausibility(sample)[0]?.detail,
    keyBefore: (keyId) => devices.keyBefore(keyId),
    tailInLog: (key) => log.tailOf(key),
    findInLog: (key, sequence) => log.held(key, sequence),
    keep: (item) => log.offer(item),
  });
}

function openGreetings({ ports, crypto, identity, devices }: UnitParts, intake: Intake): Greetings {
  const { chain, units } = identity.genesis;
  return new Greetings({
    unitId: identity.id,
    deviceOf: (id) => devices.deviceOf(id),
    unitOf: (unitId) => {
      const publicKey = units.find(({ id }) => id === unitId)?.key;
      return publicKey && { publicKey, chain };
    },
    tailOf: (key) => intake.tailOf(key),
    shown: (key, last) => intake.shown(key, last),
    crypto,
    logger: ports.logger,
  });
}

function openAnchor(
  { config, ports, crypto, identity, devices, chain }: UnitParts,
  unit: { log: UnitLog; events: EventRegister; place: CurrentLog },
): UnitAnchor {
  const deviceOf = devices.deviceOf.bind(devices);
  const { clock, logger } = ports;
  const common = {
    ...{ log: unit.log.view, crypto, clock, logger },
    events: new EventTransactions({ events: unit.events, deviceOf, crypto }),
    logId: unit.place.logId,
  };
  if (config.evmUrl !== "") {
    requireEvmSettings(config);
    return new EvmAnchor({
      ...common,
      open: () => evmLedgerOf(config, ports),
      origin: unit.place.origin,
      publicKey: identity.signer.publicKey,
      checkpointInterval_ms: config.evmInterval_ms,
      poll_ms: evmPoll_ms,
    });
  }
  const { checkpointInterval_ms } = config;
  const { chainId } = identity.genesis;
  return new Anchor({ ...common, chain, chainId, signer: identity.signer, checkpointInterval_ms });
}
