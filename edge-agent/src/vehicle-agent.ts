import { join } from "node:path";
import type { TwinStatus } from "@voltfog/battery";
import { type ClockQuality, type DownTopic, decodeRefusal } from "@voltfog/messages";
import {
  type Clock,
  type Crypto,
  type Logger,
  loggerWith,
  type Random,
  type UnitId,
  type VehicleId,
} from "@voltfog/runtime";
import { CommandDesk } from "./commands/command-desk.ts";
import type { EdgeConfig } from "./config.ts";
import { FrameCutter } from "./framing/frame-cutter.ts";
import { createFrameSealer } from "./framing/frame-sealer.ts";
import { recoveryCuts } from "./framing/recovery-cuts.ts";
import { DeviceKeys } from "./identity/device-keys.ts";
import { followKeys } from "./identity/follow-keys.ts";
import { type Outbox, openOutbox } from "./outbox/open-outbox.ts";
import { Pipeline } from "./pipeline.ts";
import type { BatterySource, PackLimits } from "./sampling/battery-source.ts";
import { startTicker } from "./sampling/ticker.ts";
import { PackWatch, replayedPackArea } from "./twin/pack-watch.ts";
import { twinFile, twinPath } from "./twin/twin-file.ts";
import { VehicleTwin } from "./twin/vehicle-twin.ts";
import { AttachmentChooser } from "./uplink/attachment-chooser.ts";
import type { ControllerClient } from "./uplink/controller-client.ts";
import { FrameSender } from "./uplink/frame-sender.ts";
import { ReceiptKeeper } from "./uplink/receipt-keeper.ts";
import type { UnitKeys } from "./uplink/unit-keys.ts";
import type { OpenSession, UplinkTarget } from "./uplink/uplink-session.ts";
import { VehicleUplink } from "./uplink/vehicle-uplink.ts";
import { VehicleCounters } from "./vehicle-counters.ts";

export interface VehicleAgentOptions {
  readonly vehicleId: VehicleId;
  /** The vehicle's place in its process, which spreads ticks and attachments. */
  readonly place: number;
  readonly config: EdgeConfig;
  readonly source: BatterySource;
  readonly units: readonly UplinkTarget[];
  readonly keys: UnitKeys;
  readonly controller: ControllerClient;
  readonly openSession: OpenSession;
  /** Round trip to a unit in ms; undefined where it does not answer. */
  readonly probe: (target: UplinkTarget) => Promise<number | undefined>;
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly crypto: Crypto;
  readonly random: Random;
  readonly logger: Logger;
}

/** Frames under way without an acknowledgement; alarms have places of their own. */
const windows = { telemetry: 32, urgent: 8 };
/** While nothing at all can be delivered, a stopping agent gives up after this; the frames stay on disk. */
const hopeless_ms = 5000;

/** The agent of one vehicle: everything from the battery to the unit. */
export class VehicleAgent {
  readonly vehicleId: VehicleId;
  readonly counters: VehicleCounters;
  readonly #options: VehicleAgentOptions;
  readonly #outbox: Outbox;
  readonly #pipeline: Pipeline;
  readonly #uplink: VehicleUplink;
  readonly #desk: CommandDesk;
  readonly #receipts: ReceiptKeeper;
  readonly #deviceKeys: DeviceKeys;
  readonly #twin: VehicleTwin | undefined;
  #stopTicker: () => void = () => {};
  #stopFollowing: () => void = () => {};

  private constructor(options: VehicleAgentOptions, parts: VehicleParts) {
    this.vehicleId = options.vehicleId;
    this.#options = options;
    this.counters = parts.counters;
    this.#outbox = parts.outbox;
    this.#pipeline = parts.pipeline;
    this.#uplink = parts.uplink;
    this.#desk = parts.desk;
    this.#receipts = parts.receipts;
    this.#deviceKeys = parts.deviceKeys;
    this.#twin = parts.twin;
  }

  /** Opens the vehicle's folder; neither samples nor connects yet. */
  static async open(options: VehicleAgentOptions): Promise<VehicleAgent> {
    return new VehicleAgent(options, await buildVehicle(options));
  }

  /** Offers what an earlier run left, then samples and connects. */
  start(): void {
    const { clock, config, place } = this.#options;
    const { boot, lastSample, recovered, writer } = this.#outbox;
    const { frameSamplesMax } = config;
    const at = { wall_ms: clock.wall_ms(), monotonic_ms: Math.floor(clock.monotonic_ms()) };
    const cuts = recoveryCuts({ recovered, boot, lastSample, frameSamplesMax, at });
    for (const cut of cuts) writer.offer(cut);
    const period_ms = 1000 / config.rate_Hz;
    const offset_ms = (period_ms * place) / config.vehicles.length;
    const onTick = (): void => this.#pipeline.tick();
    this.#stopTicker = startTicker({ clock, period_ms, offset_ms, onTick });
    this.#uplink.start();
    const followed = { keys: this.#deviceKeys, writer, uplink: this.#uplink };
    this.#stopFollowing = followKeys({ ...this.#options, ...followed });
  }

  /** Stops sampling, cuts what is open, sends until the outbox is empty or `drainMax_ms` is over, closes. */
  async stop(): Promise<void> {
    this.#stopTicker();
    this.#stopFollowing();
    this.#pipeline.finish();
    await this.#twin?.save();
    await this.#outbox.writer.settle();
    await this.#drain();
    await this.#uplink.stop();
    this.#receipts.flush();
    await this.#outbox.close();
  }

  /** Closes the folder of an agent that was never started. */
  async close(): Promise<void> {
    await this.#outbox.close();
  }

  /** What the pack's twin says; undefined where it is switched off or knows nothing yet. */
  get twin(): TwinStatus | undefined {
    return this.#twin?.status;
  }

  /** The unit that the vehicle is connected to now. */
  get unitId(): UnitId | undefined {
    return this.#uplink.unitId;
  }

  get roundTrip_ms(): number | undefined {
    return this.#uplink.roundTrip_ms;
  }

  /** Asks the controller now whether the vehicle belongs elsewhere. */
  reconsider(): void {
    this.#uplink.reconsider();
  }

  get status(): VehicleStatus {
    const { telemetry, urgent } = this.#outbox.queues;
    return {
      id: this.vehicleId,
      unitId: this.#uplink.unitId,
      boot: this.#outbox.boot,
      outbox: { samples: telemetry.samples, frames: telemetry.frames + urgent.frames },
      gapOpen: this.#outbox.writer.gapOpen("telemetry") || this.#outbox.writer.gapOpen("urgent"),
      limits: this.#desk.limits(),
    };
  }

  async #drain(): Promise<void> {
    const { clock, config } = this.#options;
    const end_ms = clock.monotonic_ms() + config.drainMax_ms;
    let progress_ms = clock.monotonic_ms();
    let left = this.status.outbox.frames;
    while (left > 0 && clock.monotonic_ms() < end_ms) {
      await new Promise<void>((resolve) => clock.after(20, resolve));
      const now = this.status.outbox.frames;
      if (now < left || this.#uplink.unitId !== undefined) progress_ms = clock.monotonic_ms();
      if (clock.monotonic_ms() - progress_ms > hopeless_ms) break;
      left = now;
    }
    const { frames } = this.status.outbox;
    if (frames > 0) {
      this.#options.logger.warn("frames left in the outbox", { vehicleId: this.vehicleId, frames });
    }
  }
}

export interface VehicleStatus {
  readonly id: VehicleId;
  readonly unitId: UnitId | undefined;
  readonly boot: number;
  readonly outbox: { readonly samples: number; readonly frames: number };
  readonly gapOpen: boolean;
  readonly limits: PackLimits;
}

interface VehicleParts {
  readonly counters: VehicleCounters;
  readonly outbox: Outbox;
  readonly pipeline: Pipeline;
  readonly uplink: VehicleUplink;
  readonly desk: CommandDesk;
  readonly receipts: ReceiptKeeper;
  readonly deviceKeys: DeviceKeys;
  readonly twin: VehicleTwin | undefined;
}

async function buildVehicle(options: VehicleAgentOptions): Promise<VehicleParts> {
  const { vehicleId, config, clock, crypto, logger, keys } = options;
  const folder = join(config.dataDir, vehicleId);
  const deviceKeys = new DeviceKeys({ ...config, vehicleId, crypto, logger });
  const { signer } = deviceKeys;
  const counters = new VehicleCounters();
  const desk = new CommandDesk({
    ...{ vehicleId, signer, keys, crypto, clock, logger },
    abilities: options.source.abilities,
    latest: () => pipeline.latest,
  });
  const receipts = new ReceiptKeeper({
    folder: join(folder, "receipts"),
    isOwn: (keyId) => deviceKeys.isOwn(keyId),
    keys,
    crypto,
    clock,
    logger,
    onKept: (entries) => {
      for (const { stream, sequence } of entries) outbox.queues[stream].acknowledge(sequence);
    },
  });
  let wake = (): void => {};
  const outbox = await openOutbox({
    folder,
    seal: createFrameSealer({ ...options, signer }),
    clock,
    logger: loggerWith(logger, { vehicleId }),
    roomMax: { telemetry: config.outboxMax, urgent: config.urgentMax },
    onJournalled: (records) => {
      counters.noteJournalled(records);
      receipts.note(records);
      wake();
    },
  });
  const { frameSamplesMax, frameAge_ms } = config;
  const period_ms = 1000 / config.rate_Hz;
  const { boot, lastSample, writer, unframed } = outbox;
  const twin = twinOf(options, folder);
  const pipeline = new Pipeline({
    clock,
    boot,
    lastSample,
    limits: () => desk.limits(),
    source: options.source,
    watch: new PackWatch({ area: replayedPackArea }),
    twin,
    unframed,
    cutter: new FrameCutter({ boot, frameSamplesMax, frameAge_ms, period_ms }),
    writer,
    counters,
  });
  const sender = new FrameSender({
    queues: outbox.queues,
    windows,
    shown: (stream) => receipts.shown(stream),
    onAcknowledged: () => {
      counters.acknowledged++;
      if (writer.gapOpen("telemetry") || writer.gapOpen("urgent")) pipeline.declareGap();
    },
  });
  wake = () => sender.wake();
  const uplink = buildUplink({ options, deviceKeys, sender, desk, receipts, counters });
  return { counters, outbox, pipeline, uplink, desk, receipts, deviceKeys, twin };
}

function twinOf(options: VehicleAgentOptions, folder: string): VehicleTwin | undefined {
  const { config, clock, vehicleId } = options;
  if (!config.twin) return undefined;
  const logger = loggerWith(options.logger, { vehicleId });
  const store = twinFile(twinPath(folder));
  return new VehicleTwin({ store, clock, logger, savePeriod_ms: config.twinSave_ms });
}

function buildUplink(parts: {
  options: VehicleAgentOptions;
  deviceKeys: DeviceKeys;
  sender: FrameSender;
  desk: CommandDesk;
  receipts: ReceiptKeeper;
  counters: VehicleCounters;
}): VehicleUplink {
  const { options, desk, receipts, counters, deviceKeys, sender } = parts;
  const { vehicleId, clock, units, controller, logger, place } = options;
  const onMessage = (topic: DownTopic, bytes: Uint8Array, from: UnitId): void => {
    if (topic === "receipt") counters.noteReceipt(receipts.receive(bytes, from));
    else if (topic === "refusal") noteRefusal({ bytes, vehicleId, from, counters, logger });
    else {
      const ack = desk.receive(bytes, from);
      // One that is lost with its connection is given again when the unit repeats the command.
      if (ack !== undefined) void uplink.publish("command-ack", ack);
    }
  };
  const uplink = new VehicleUplink({
    vehicleId,
    identity: () => deviceKeys.identity,
    clock,
    random: options.random,
    logger,
    chooser: new AttachmentChooser({ vehicleId, controller, units, clock, startAt: place }),
    sender,
    openSession: options.openSession,
    isReachable: async (target) => (await options.probe(target)) !== undefined,
    onMessage,
    hello: () => receipts.hello(),
  });
  return uplink;
}

function noteRefusal(options: {
  bytes: Uint8Array;
  vehicleId: VehicleId;
  from: UnitId;
  counters: VehicleCounters;
  logger: Logger;
}): void {
  const { vehicleId, from, counters, logger } = options;
  const decoded = decodeRefusal(options.bytes);
  if (!decoded.ok) {
    logger.warn("refusal not readable", { vehicleId, unitId: from });
    return;
  }
  const { code, detail, stream, sequence } = decoded.value;
  counters.noteRefusal(code);
  logger.error("frame refused", { vehicleId, unitId: from, code, detail, stream, sequence });
}
