import type { Stream } from "@voltfog/messages";
import type { FrameQueue } from "../outbox/frame-queue.ts";
import type { StoredFrame } from "../outbox/journal-record.ts";
import type { UplinkSession } from "./uplink-session.ts";

export interface FrameSenderOptions {
  readonly queues: Readonly<Record<Stream, FrameQueue>>;
  /** Frames that may be under way and not acknowledged. Alarms have places of their own. */
  readonly windows: Readonly<Record<Stream, number>>;
  readonly onAcknowledged: (stored: StoredFrame) => void;
}

/**
 * Sends what the queues hold over one session after the other: alarms before telemetry, each stream in
 * its order, everything not acknowledged again after a lost connection.
 */
export class FrameSender {
  readonly #options: FrameSenderOptions;
  #wake: () => void = () => {};
  #woken = false;

  constructor(options: FrameSenderOptions) {
    this.#options = options;
  }

  /** There may be something new to send. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Sends until the session is over. One call at a time. */
  async run(session: UplinkSession): Promise<void> {
    let open = true;
    void session.closed.then(() => {
      open = false;
      this.wake();
    });
    const underWay: Record<Stream, number> = { telemetry: 0, urgent: 0 };
    for (const queue of Object.values(this.#options.queues)) queue.rewind();
    while (open) {
      this.#woken = false;
      const sent = await this.#sendNext(session, underWay);
      if (!sent && open) await this.#untilWoken();
    }
  }

  async #sendNext(session: UplinkSession, underWay: Record<Stream, number>): Promise<boolean> {
    const { queues, windows } = this.#options;
    for (const stream of ["urgent", "telemetry"] as const) {
      if (underWay[stream] >= windows[stream]) continue;
      const stored = await queues[stream].next();
      if (stored === undefined) continue;
      underWay[stream]++;
      void session.publish(stream, stored.frame).then((acknowledged) => {
        underWay[stream]--;
        if (acknowledged) {
          queues[stream].acknowledge(stored.record.sequence);
          this.#options.onAcknowledged(stored);
        }
        this.wake();
      });
      return true;
    }
    return false;
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#woken) resolve();
    });
  }
}
