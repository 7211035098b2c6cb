import type { DownTopic, UpTopic } from "@voltfog/messages";
import {
  type Clock,
  CodedError,
  type Logger,
  messageOf,
  type Random,
  type UnitId,
  type VehicleId,
} from "@voltfog/runtime";
import type { TlsIdentity } from "@voltfog/runtime/node";
import type { AttachmentChooser } from "./attachment-chooser.ts";
import type { FrameSender } from "./frame-sender.ts";
import type { OpenSession, UplinkSession, UplinkTarget } from "./uplink-session.ts";

export interface VehicleUplinkOptions {
  readonly vehicleId: VehicleId;
  /** What to connect with; while it is undefined nobody is connected to. */
  readonly identity: () => TlsIdentity | undefined;
  readonly clock: Clock;
  /** Spreads the retries of a fleet; needs no secrecy. */
  readonly random: Random;
  readonly logger: Logger;
  readonly chooser: AttachmentChooser;
  readonly sender: FrameSender;
  readonly openSession: OpenSession;
  /** Whether a unit answers at all, before a working connection is given up for it. */
  readonly isReachable: (target: UplinkTarget) => Promise<boolean>;
  readonly onMessage: (topic: DownTopic, bytes: Uint8Array, from: UnitId) => void;
  /** What to show a unit before the first frame; undefined while there is nothing to show. */
  readonly hello: () => Uint8Array | undefined;
}

interface Connected {
  readonly session: UplinkSession;
  readonly identity: TlsIdentity;
}

const retryMin_ms = 200;
const retryMax_ms = 5000;
/** Pause while the controller is about to name another unit. */
const soon_ms = 150;
/** How often the controller is asked whether another unit has become the better one, besides when it says so. */
const ask_ms = 10_000;

/**
 * Keeps one vehicle connected to the unit it should be attached to: connects, sends until the
 * connection ends, tries again with growing pauses, moves when the controller says so.
 */
export class VehicleUplink {
  readonly #options: VehicleUplinkOptions;
  #session: UplinkSession | undefined;
  #stopping = false;
  #interrupt: () => void = () => {};
  #running: Promise<void> | undefined;
  #reconsider: () => void = () => {};

  constructor(options: VehicleUplinkOptions) {
    this.#options = options;
  }

  /** The unit that the vehicle is connected to now. */
  get unitId(): UnitId | undefined {
    return this.#session?.target.unitId;
  }

  /** Least time of late from a publish to its acknowledgement; undefined without a connection. */
  get roundTrip_ms(): number | undefined {
    return this.#session?.roundTrip_ms;
  }

  /** The controller may have another unit for this vehicle: asks it now. */
  reconsider(): void {
    this.#reconsider();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Sends something that is not a frame; false when there is no connection or it ended before. */
  publish(topic: UpTopic, bytes: Uint8Array): Promise<boolean> {
    return this.#session?.publish(topic, bytes) ?? Promise.resolve(false);
  }

  /** Ends the connection that there is; the next one is made with the identity that then is. */
  async reconnect(): Promise<void> {
    this.#interrupt();
    await this.#session?.close();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#interrupt();
    await this.#session?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    let pause_ms = retryMin_ms;
    while (!this.#stopping) {
      const connected = await this.#connect();
      if (connected === "soon") {
        await this.#pause(soon_ms * (0.5 + this.#options.random.uniform()));
        continue;
      }
      if (connected === undefined) {
        await this.#pause(pause_ms * (0.5 + this.#options.random.uniform()));
        pause_ms = Math.min(retryMax_ms, pause_ms * 2);
        continue;
      }
      pause_ms = retryMin_ms;
      await this.#serve(connected);
    }
  }

  async #connect(): Promise<Connected | "soon" | undefined> {
    const { chooser, vehicleId, logger } = this.#options;
    const target = await chooser.choose();
    if (target === "soon") return this.#stopping ? undefined : target;
    const identity = this.#options.identity();
    if (target === undefined || identity === undefined || this.#stopping) return undefined;
    const { unitId } = target;
    try {
      const session = await this.#options.openSession({
        target,
        vehicleId,
        identity,
        onMessage: (topic, bytes) => this.#options.onMessage(topic, bytes, unitId),
      });
      chooser.reached(target);
      return { session, identity };
    } catch (thrown) {
      chooser.failed(target);
      const code = thrown instanceof CodedError ? thrown.code : "UNIT_UNREACHABLE";
      logger.warn("unit not connected", { vehicleId, unitId, code, reason: messageOf(thrown) });
      return undefined;
    }
  }

  async #serve({ session, identity }: Connected): Promise<void> {
    const { vehicleId, logger, sender } = this.#options;
    const { unitId } = session.target;
    this.#session = session;
    logger.info("unit connected", { vehicleId, unitId });
    const cancelAsking = this.#keepAsking(session);
    // While the connection was being made a stop may have been asked for, or the key have changed.
    if (this.#stopping || identity !== this.#options.identity()) await session.close();
    const hello = this.#options.hello();
    // Whether it was acknowledged or the connection ended, the sender finds out by itself.
    if (hello !== undefined) await session.publish("hello", hello);
    await sender.run(session);
    cancelAsking();
    this.#reconsider = () => {};
    this.#session = undefined;
    await session.close();
    logger.info("unit disconnected", { vehicleId, unitId, reason: await session.closed });
  }

  #keepAsking(session: UplinkSession): () => void {
    const { clock, logger, vehicleId } = this.#options;
    let cancel = (): void => {};
    let isAsking = false;
    const ask = async (): Promise<void> => {
      if (isAsking) return;
      isAsking = true;
      cancel();
      const better = await this.#betterTarget(session.target);
      isAsking = false;
      if (this.#session !== session) return;
      if (better === undefined) {
        cancel = clock.after(ask_ms, () => void ask());
        return;
      }
      const { unitId } = better;
      logger.info("moving to another unit", { vehicleId, unitId });
      await session.close();
    };
    cancel = clock.after(ask_ms, () => void ask());
    this.#reconsider = () => void ask();
    return () => cancel();
  }

  /** The controller's choice where it differs and answers; a working connection is not given up for less. */
  async #betterTarget(present: UplinkTarget): Promise<UplinkTarget | undefined> {
    const asked = await this.#options.chooser.better(present);
    return asked !== undefined && (await this.#options.isReachable(asked)) ? asked : undefined;
  }

  #pause(pause_ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(pause_ms, resolve);
      this.#interrupt = () => {
        cancel();
        resolve();
      };
      if (this.#stopping) this.#interrupt();
    });
  }
}
