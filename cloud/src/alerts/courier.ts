import { type Clock, CodedError, type Logger, messageOf, type Random } from "@voltfog/runtime";
import type { StepVerdict } from "../remote/repeat.ts";
import type { AlertSettings, Receiver } from "./alert-settings.ts";
import type { AlertStore, Delivery } from "./alert-store.ts";

export interface CourierOptions {
  readonly store: AlertStore;
  readonly settings: () => AlertSettings;
  /**
   * Hands one message over, once; the id of the event that recorded it, if one did. Throws CodedError where
   * the receiver did not take it.
   */
  readonly send: (receiver: Receiver, delivery: Delivery) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const retryMin_ms = 1000;
const retryMax_ms = 600_000;
const idle_ms = 1000;
const givenUp_ms = 7 * 86_400_000;
const errorMax = 300;
/** Messages on their way at once. */
const dueMax = 32;

/** What no further try changes: the message can rest on nothing, or its unit refuses it for good. */
const hopeless: readonly string[] = [
  "NOTICE_WITHOUT_FRAME",
  "VEHICLE_UNKNOWN",
  "FRAME_UNKNOWN",
  "NOTICE_DIFFERS",
  "NOTICE_INVALID",
  "MALFORMED",
];

/**
 * Delivers messages in order, receiver by receiver, until each is taken: at least once, over restarts, with
 * a growing pause (up to ten minutes, spread by chance so that receivers that came back are not all met at
 * once). One that nobody took for a week is given up, which is logged as an error and stays on record. A
 * receiver that is down delays no other. Messages to the chain are in order vehicle by vehicle, so that a unit
 * that is away holds up its own vehicles alone; what it refuses for good is given up at once.
 */
export class Courier {
  readonly #options: CourierOptions;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  async step(): Promise<StepVerdict> {
    const { store, clock } = this.#options;
    const heads = await store.heads();
    const now_ms = clock.wall_ms();
    const due = heads.filter(({ next_ms }) => next_ms <= now_ms).slice(0, dueMax);
    await Promise.all(due.map((delivery) => this.#deliver(delivery)));
    return { pause_ms: due.length > 0 ? 0 : idle_ms };
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { store, settings, send, clock } = this.#options;
    const receiver = settings().receivers.find(({ id }) => id === delivery.receiver);
    const attempts = delivery.attempts + 1;
    if (receiver === undefined) {
      await this.#giveUp(delivery, "there is no such receiver any more");
      return;
    }
    let eventId: string | null;
    try {
      eventId = (await send(receiver, delivery)) ?? null;
    } catch (thrown) {
      await this.#failed({ ...delivery, attempts }, thrown);
      return;
    }
    const ended_ms = clock.wall_ms();
    const state = "delivered";
    await store.settle({ ...delivery, attempts, state, ended_ms, error: null, eventId });
  }

  async #failed(delivery: Delivery, thrown: unknown): Promise<void> {
    const { store, clock, random, logger } = this.#options;
    const { attempts, receiver } = delivery;
    const now_ms = clock.wall_ms();
    const code = thrown instanceof CodedError ? thrown.code : "UNEXPECTED";
    const error = `${code}: ${messageOf(thrown)}`.slice(0, errorMax);
    if (hopeless.includes(code) || now_ms - delivery.created_ms >= givenUp_ms) {
      await this.#giveUp(delivery, error);
      return;
    }
    if (attempts === 1)
      logger.warn("alert not delivered, tried again", { receiver, reason: error });
    const pause_ms = Math.min(retryMax_ms, retryMin_ms * 2 ** Math.min(attempts - 1, 20));
    const next_ms = now_ms + Math.round(pause_ms * (0.5 + random.uniform() / 2));
    await store.settle({ ...delivery, next_ms, error });
  }

  async #giveUp(delivery: Delivery, error: string): Promise<void> {
    const { store, clock, logger } = this.#options;
    const { receiver, alertId } = delivery;
    logger.error("alert given up: nobody took it", { receiver, alert: alertId, reason: error });
    await store.settle({ ...delivery, state: "given-up", ended_ms: clock.wall_ms(), error });
  }
}
