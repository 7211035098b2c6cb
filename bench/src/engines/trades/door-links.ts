import { connect } from "node:tls";
import { FrameSocket } from "@voltfog/consensus/node";
import { clientTls, type TlsIdentity } from "@voltfog/runtime/node";
import { decodeNotice, encodeOrders } from "../../consensus/outcome-door.ts";
import { sharedTime_ms } from "../../measure/shared-time.ts";
import type { Signed } from "./pair-script.ts";
import { type Answer, ReplyCount } from "./reply-count.ts";

const frameMax_bytes = 67_108_864;

/** Where orders go and answers come from. */
export interface OrderLinks {
  /** Orders without an answer. */
  readonly waiting: number;
  submit(signed: Signed, door: number, answered: (answer: Answer) => void): void;
  /** Forgets what has no answer; gives how many those were. */
  forget(): number;
}

/**
 * One process's connections to the doors of all validators. A transaction goes to one of them; its outcome
 * counts once f + 1 doors say the same of it. What a lost door was given goes to another.
 */
export class DoorLinks implements OrderLinks {
  readonly #doors: (FrameSocket | undefined)[] = [];
  readonly #outbox = new Map<number, Signed[]>();
  readonly #replies: ReplyCount;
  #isFlushing = false;

  private constructor(replies: number) {
    this.#replies = new ReplyCount(replies);
  }

  /** `replies` is f + 1. */
  static async open(o: {
    ports: readonly number[];
    tls: TlsIdentity;
    replies: number;
  }): Promise<DoorLinks> {
    const links = new DoorLinks(o.replies);
    await Promise.all(o.ports.map((port, place) => links.#connect({ place, port, tls: o.tls })));
    return links;
  }

  get waiting(): number {
    return this.#replies.size;
  }

  submit(signed: Signed, door: number, answered: (answer: Answer) => void): void {
    const place = this.#openFrom(door);
    this.#replies.add({ signed, answered, door: place });
    this.#send(place, signed);
  }

  forget(): number {
    return this.#replies.forget();
  }

  async #connect(o: { place: number; port: number; tls: TlsIdentity }): Promise<void> {
    const name = `validator-${o.place + 1}`;
    const socket = connect({ host: "127.0.0.1", port: o.port, ...clientTls(o.tls, name) });
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.once("secureConnect", resolve);
    });
    const frames = new FrameSocket({
      socket,
      limit_bytes: frameMax_bytes,
      onClose: () => this.#lost(o.place),
    });
    this.#doors[o.place] = frames;
    frames.expect({
      limit_bytes: frameMax_bytes,
      onFrame: (frame) => this.#replies.hear(o.place, decodeNotice(frame), sharedTime_ms()),
    });
  }

  /** The door of a place, or the next one that still stands. */
  #openFrom(place: number): number {
    for (let i = 0; i < this.#doors.length; i++) {
      const at = (place + i) % this.#doors.length;
      if (this.#doors[at] !== undefined) return at;
    }
    throw new Error("no door stands");
  }

  #lost(place: number): void {
    this.#doors[place] = undefined;
    for (const waiting of this.#replies.of(place)) {
      waiting.door = this.#openFrom(place);
      this.#send(waiting.door, waiting.signed);
    }
  }

  #send(place: number, signed: Signed): void {
    const box = this.#outbox.get(place) ?? [];
    box.push(signed);
    this.#outbox.set(place, box);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    // A turn later, so that what answers to one block goes together.
    setImmediate(() => {
      this.#isFlushing = false;
      for (const [door, orders] of this.#outbox) {
        this.#doors[door]?.send(encodeOrders(orders), { queueMax_bytes: frameMax_bytes });
      }
      this.#outbox.clear();
    });
  }
}
