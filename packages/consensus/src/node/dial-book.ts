import type { Clock } from "@voltfog/runtime";
import type { Endpoint } from "./membership.ts";

const firstRetry_ms = 100;
const lastRetry_ms = 5000;

/** One try to reach a peer; `ended` is called once, when the connection is over or never came to be. */
export type Dial = (peer: { id: string; endpoint: Endpoint; ended: () => void }) => void;

interface Entry {
  endpoint: Endpoint;
  retry_ms: number;
  /** Ends the wait for the next try. */
  cancel: () => void;
}

/** Whom this validator dials: every one on the list, again and again, with growing pauses. */
export class DialBook {
  readonly #clock: Clock;
  readonly #dial: Dial;
  readonly #isConnected: (id: string) => boolean;
  readonly #entries = new Map<string, Entry>();

  constructor(options: { clock: Clock; dial: Dial; isConnected: (id: string) => boolean }) {
    this.#clock = options.clock;
    this.#dial = options.dial;
    this.#isConnected = options.isConnected;
  }

  /** Dials exactly these from now on; a peer that moved is dialled at its new place the next time. */
  keep(wanted: ReadonlyMap<string, Endpoint>): void {
    for (const [id, { cancel }] of this.#entries) {
      if (wanted.has(id)) continue;
      cancel();
      this.#entries.delete(id);
    }
    for (const [id, endpoint] of wanted) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) {
        entry.endpoint = endpoint;
        continue;
      }
      const made = { endpoint, retry_ms: firstRetry_ms, cancel: () => {} };
      this.#entries.set(id, made);
      this.#try(id, made);
    }
  }

  stop(): void {
    this.keep(new Map());
  }

  /** A peer that is connected already, dialled from either side, is left alone. */
  #try(id: string, entry: Entry): void {
    if (this.#isConnected(id)) {
      entry.retry_ms = firstRetry_ms;
      this.#wait(id, entry, lastRetry_ms / 5);
      return;
    }
    const ended = (): void => {
      if (this.#entries.get(id) !== entry) return;
      const pause_ms = entry.retry_ms;
      entry.retry_ms = Math.min(lastRetry_ms, 2 * pause_ms);
      this.#wait(id, entry, pause_ms);
    };
    this.#dial({ id, endpoint: entry.endpoint, ended });
  }

  #wait(id: string, entry: Entry, pause_ms: number): void {
    entry.cancel();
    entry.cancel = this.#clock.after(pause_ms, () => this.#try(id, entry));
  }
}
