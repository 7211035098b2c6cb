import {
  type BackboneKind,
  type BackboneSpan,
  backboneHeaders,
  backboneMessageId,
  backboneSpanOf,
  backboneSubject,
} from "@voltfog/messages";
import { type Clock, faultOf, type Logger } from "@voltfog/runtime";

/** Something that a unit writes in order: its log, or its journal of events. */
export interface BackboneSource {
  readonly kind: BackboneKind;
  /** The first position that there is. */
  readonly first: number;
  /** Resolves when there is something at `from`, or after a while. */
  until(from: number, wait_ms: number): Promise<void>;
  /** What stands from a position on, encoded; undefined where nothing does yet. */
  read(from: number): Promise<{ readonly bytes: Uint8Array; readonly to: number } | undefined>;
}

/** The part of a backbone that is written. */
export interface BackboneWriter {
  publish(o: {
    subject: string;
    id: string;
    headers: Readonly<Record<string, string>>;
    bytes: Uint8Array;
  }): Promise<{ readonly isDuplicate: boolean }>;
  newest(subject: string): Promise<((name: string) => string) | undefined>;
}

export interface BackbonePublisherOptions {
  readonly unitId: string;
  /** Which of its logs the unit writes. */
  readonly log: number;
  readonly source: BackboneSource;
  readonly backbone: BackboneWriter;
  readonly clock: Clock;
  readonly logger: Logger;
}

const wait_ms = 20_000;
const pauseMin_ms = 100;
const pauseMax_ms = 2000;

/**
 * Publishes what a unit has written, in order and without a queue or a cursor of its own: the source is on
 * disk, and the stream's newest message says how far it was published. After every fault that is asked
 * again, so a message whose acknowledgement was lost, or that the server lost, is neither skipped nor
 * trusted.
 */
export class BackbonePublisher {
  readonly #options: BackbonePublisherOptions;
  readonly #subject: string;
  /** The next position to publish; undefined until the stream was asked. */
  #next: number | undefined;

  constructor(options: BackbonePublisherOptions) {
    this.#options = options;
    const { unitId, log, source } = options;
    this.#subject = backboneSubject({ kind: source.kind, unitId, log });
  }

  /** Until the signal; a fault is tried again, a little later each time, and logged when it begins. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, source } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.step();
        if (failures > 0) logger.info("publishes again", { kind: source.kind, failures });
        failures = 0;
      } catch (thrown) {
        if (failures === 0 && !signal.aborted) {
          logger.info("not published, tries again", { kind: source.kind, ...faultOf(thrown) });
        }
        const pause_ms = Math.min(pauseMax_ms, pauseMin_ms * 2 ** Math.min(failures, 10));
        failures += 1;
        await pause({ clock, signal, pause_ms });
      }
    }
  }

  /** Publishes the next stretch, if there is one before long. Throws UNREACHABLE. */
  async step(): Promise<void> {
    const { unitId, source, backbone } = this.#options;
    const from = this.#next ?? (await this.#resume());
    this.#next = from;
    await source.until(from, wait_ms);
    const stretch = await source.read(from);
    if (stretch === undefined) return;
    const span: BackboneSpan = { from, to: stretch.to };
    const id = backboneMessageId(this.#subject, span);
    const headers = backboneHeaders({ kind: source.kind, unitId, id, span });
    // Whatever happens now, only the stream knows: it is asked unless the answer is a plain yes.
    this.#next = undefined;
    const { bytes } = stretch;
    const { isDuplicate } = await backbone.publish({ subject: this.#subject, id, headers, bytes });
    if (!isDuplicate) this.#next = span.to;
  }

  async #resume(): Promise<number> {
    const { source, backbone } = this.#options;
    const header = await backbone.newest(this.#subject);
    const span = header === undefined ? undefined : backboneSpanOf(header);
    return Math.max(source.first, span?.to ?? 0);
  }
}

function pause(o: { clock: Clock; signal: AbortSignal; pause_ms: number }): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      cancel();
      o.signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = o.clock.after(o.pause_ms, done);
    o.signal.addEventListener("abort", done);
  });
}
