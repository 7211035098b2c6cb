import { join } from "node:path";
import { plausibility } from "@voltfog/battery";
import { type Crypto, faultOf } from "@voltfog/runtime";
import { nodeVerifier } from "@voltfog/runtime/node";
import { Anchor } from "./anchoring/anchor.ts";
import type { ChainPort } from "./anchoring/chain-port.ts";
import { EventTransactions } from "./anchoring/event-transactions.ts";
import { DownLink } from "./answers/down-link.ts";
import { Receipts } from "./answers/receipts.ts";
import { Refusals } from "./answers/refusals.ts";
import type { Closers } from "./closers.ts";
import { CommandAnswers } from "./commands/command-answers.ts";
import { CommandDesk } from "./commands/command-desk.ts";
import type { RsuConfig } from "./config.ts";
import { DeclaredEvents } from "./events/declared-events.ts";
import { EventRegister } from "./events/event-register.ts";
import { FindingSink } from "./events/finding-sink.ts";
import { builtInFunctions } from "./functions/built-in.ts";
import { FunctionHost } from "./functions/function-host.ts";
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
import { Pipeline, type Stages } from "./pipeline.ts";
import type { RsuPorts } from "./rsu-ports.ts";
import type { UnitIdentity } from "./unit-identity.ts";

/** What all stages are made from. */
export interface UnitParts {
  readonly config: RsuConfig;
  readonly ports: RsuPorts;
  readonly crypto: Crypto;
  readonly identity: UnitIdentity;
  readonly devices: DeviceDirectory;
  readonly chain: ChainPort;
  readonly meters: UnitMeters;
}

/** The stages in place, with what HTTP and broker hold on to. */
export interface OpenUnit extends Stages {
  readonly pipeline: Pipeline;
  readonly log: UnitLog;
  /** Which of its logs the unit writes. */
  readonly place: CurrentLog;
  /** The logs before it, newest first. */
  readonly earlier: readonly EarlierLog[];
  readonly commands: CommandDesk;
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
  const events = await openEvents(parts, { late, declared });
  closers.add(() => events.close());
  const deviceOf = devices.deviceOf.bind(devices);
  const desk = { unitId: identity.id, signer: identity.signer, crypto, clock, random, logger };
  const commands = new CommandDesk({ ...desk, send: link.send });
  const findings = new FindingSink({ events, commands, deviceOf, logger });
  const functions = openFunctions(parts, events, (finding, by) =>
    late.pipeline?.found(finding, by),
  );
  closers.add(() => functions.stop());
  const intake = openIntake(parts, log);
  showEarlier({ earlier, devices: devices.devices, intake });
  const stages: Stages = {
    greetings: openGreetings(parts, intake),
    intake,
    commandAnswers: new CommandAnswers({ desk: commands, deviceOf }),
    refusals: new Refusals({
      unitId: identity.id,
      send: link.send,
      crypto,
      counted: (code) => meters.refused(code),
    }),
    receipts: new Receipts({
      unitId: identity.id,
      signer: identity.signer,
      send: link.send,
      clock,
    }),
    durable: new DurableFrames(),
    functions,
    declared,
    findings,
    events,
    anchor: openAnchor(parts, { log, events, logId: place.logId }),
  };
  late.intake = intake;
  late.pipeline = new Pipeline(stages);
  return {
    ...stages,
    pipeline: late.pipeline,
    log,
    place,
    earlier,
    commands,
    link,
    grown,
    changed,
  };
}

interface Late {
  readonly grown: ChangeSignal;
  readonly changed: ChangeSignal;
  pipeline?: Pipeline;
  intake?: Intake;
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
  { late, declared }: { late: Late; declared: DeclaredEvents },
): Promise<EventRegister> {
  return EventRegister.open({
    folder: join(config.dataDir, "events"),
    unitId: identity.id,
    crypto,
    ...ports,
    restored: (recorded) => declared.restore(recorded),
    changed: () => {
      late.changed.notify();
      late.pipeline?.eventsChanged();
    },
  });
}

function openFunctions(
  { config, ports }: UnitParts,
  events: EventRegister,
  found: ConstructorParameters<typeof FunctionHost>[0]["found"],
): FunctionHost {
  return new FunctionHost({
    functions: builtInFunctions,
    stall_ms: config.functionStall_ms,
    clock: ports.clock,
    logger: ports.logger,
    startThread: startWorkerThread,
    openConditions: (functionId) => events.openConditions(functionId),
    found,
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
  { log, events, logId }: { log: UnitLog; events: EventRegister; logId: Uint8Array },
): Anchor {
  const deviceOf = devices.deviceOf.bind(devices);
  return new Anchor({
    log: log.view,
    events: new EventTransactions({ events, deviceOf, crypto }),
    chain,
    chainId: identity.genesis.chainId,
    logId,
    signer: identity.signer,
    clock: ports.clock,
    logger: ports.logger,
    checkpointInterval_ms: config.checkpointInterval_ms,
  });
}
