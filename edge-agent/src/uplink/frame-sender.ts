import { type Stream, streams } from "@voltfog/messages";
import type { UnitId } from "@voltfog/runtime";
import type { FrameQueue } from "../outbox/frame-queue.ts";
import type { StoredFrame } from "../outbox/journal-record.ts";
import type { UplinkSession } from "./uplink-session.ts";

export interface FrameSenderOptions {
  readonly queues: Readonly<Record<Stream, FrameQueue>>;
  /** Frames that may be under way and not acknowledged. Alarms have places of their own. */
  readonly windows: Readonly<Record<Stream, number>>;
  readonly onAcknowledged: (stored: StoredFrame) => void;
  /** The last frame of a stream whose receipt units are shown. */
  readonly shown: (stream: Stream) => number | undefined;
}

interface Run {
  readonly session: UplinkSession;
  open: boolean;
  readonly underWay: Record<Stream, number>;
}

/**
 * Sends what the queues hold over one session after the other: alarms before telemetry, each stream in
 * its order, everything not acknowledged again after a lost connection.
 */
export class FrameSender {
  readonly #options: FrameSenderOptions;
  /** Who acknowledged last, since the agent started: that unit's log needs no frame again. */
  readonly #holder: Record<Stream, UnitId | undefined> = {
    telemetry: undefined,
    urgent: undefined,
  };
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

  /** Sends until the session is over or takes nothing more. One call at a time. */
  async run(session: UplinkSession): Promise<void> {
    const run: Run = { session, open: true, underWay: { telemetry: 0, urgent: 0 } };
    void session.closed.then(() => this.#end(run));
    for (const stream of streams) {
      const after = this.#repeatAfter(stream, session.target.unitId);
      this.#options.queues[stream].rewind({ after });
    }
    while (run.open) {
      this.#woken = false;
      const sent = await this.#sendNext(run);
      if (!sent && run.open) await this.#untilWoken();
    }
  }

  /**
   * What another unit acknowledged without a receipt is sent to a new one again: only so its log goes on
   * without a hole from the frame that it was shown. Frames in two logs are counted once, and the unit
   * that has them already, which a restarted agent cannot know, only acknowledges them again.
   */
  #repeatAfter(stream: Stream, unit: UnitId): number | undefined {
    return this.#holder[stream] === unit ? undefined : this.#options.shown(stream);
  }

  #end(run: Run): void {
    run.open = false;
    this.wake();
  }

  async #sendNext(run: Run): Promise<boolean> {
    const { queues, windows } = this.#options;
    for (const stream of ["urgent", "telemetry"] as const) {
      if (run.underWay[stream] >= windows[stream]) continue;
      const stored = await queues[stream].next();
      if (stored === undefined) continue;
      run.underWay[stream]++;
      void run.session
        .publish(stream, stored.frame)
        .then((acknowledged) => this.#answered({ run, stream, stored, acknowledged }));
      return true;
    }
    return false;
  }

  #answered(options: {
    run: Run;
    stream: Stream;
    stored: StoredFrame;
    acknowledged: boolean;
  }): void {
    const { run, stream, stored } = options;
    run.underWay[stream]--;
    if (options.acknowledged) {
      this.#holder[stream] = run.session.target.unitId;
      this.#options.queues[stream].acknowledge(stored.record.sequence);
      this.#options.onAcknowledged(stored);
      this.wake();
    } else {
      this.#end(run);
    }
  }

  #untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#woken) resolve();
    });
  }
}
