import type { TrafficClass } from "./class-queue.ts";

/** What a connection is written to: it says when it has written enough for now, and when it goes on. */
export interface Outlet {
  readonly writableNeedDrain: boolean;
  on(event: "drain", listener: () => void): unknown;
}

export interface DownMessage {
  readonly topic: string;
  readonly bytes: Uint8Array;
}

/** The classes of what a unit tells: commands, then receipts, then refusals and dead letters. */
export type DownClass = Exclude<TrafficClass, "alert">;

const order: readonly DownClass[] = ["command", "telemetry", "bulk"];
/** Bytes of a class that wait for one slow reader; past that it misses messages, which it can do without. */
const waitingMax_bytes: Readonly<Record<DownClass, number>> = {
  command: 65_536,
  telemetry: 1_048_576,
  bulk: 262_144,
};

interface Lane {
  waiting: DownMessage[];
  length_bytes: number;
}

/**
 * What waits for one connection that does not take more now, the highest class first. Strictly: commands
 * are few, and what they hold up can be asked for again.
 */
export class DownQueue {
  readonly #outlet: Outlet;
  readonly #write: (message: DownMessage) => void;
  readonly #lanes: Readonly<Record<DownClass, Lane>> = {
    command: { waiting: [], length_bytes: 0 },
    telemetry: { waiting: [], length_bytes: 0 },
    bulk: { waiting: [], length_bytes: 0 },
  };

  constructor(options: { outlet: Outlet; write: (message: DownMessage) => void }) {
    this.#outlet = options.outlet;
    this.#write = options.write;
    this.#outlet.on("drain", () => this.#drain());
  }

  /** False when too much of its class waits already: the message is not sent. */
  send(downClass: DownClass, message: DownMessage): boolean {
    const lane = this.#lanes[downClass];
    if (lane.length_bytes > waitingMax_bytes[downClass]) return false;
    lane.waiting.push(message);
    lane.length_bytes += message.bytes.length;
    this.#drain();
    return true;
  }

  #drain(): void {
    for (const downClass of order) {
      const lane = this.#lanes[downClass];
      while (lane.waiting.length > 0) {
        if (this.#outlet.writableNeedDrain) return;
        const next = lane.waiting.shift();
        if (next === undefined) break;
        lane.length_bytes -= next.bytes.length;
        this.#write(next);
      }
    }
  }
}
