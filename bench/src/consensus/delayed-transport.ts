import {
  type MessageKind,
  messageKindOf,
  type Transport,
  type TransportHandlers,
} from "@voltfog/consensus/node";
import type { Clock, Random } from "@voltfog/runtime";
import { type CountedMessages, MessageCount } from "./message-count.ts";

/** One-way delay of every message between two validators: uniform around the mean, order kept. */
export interface Link {
  readonly mean_ms: number;
  readonly jitter_ms: number;
  /** Share of segments that are lost and sent again; none where absent. */
  readonly loss?: number;
}

interface Waiting {
  readonly due_ms: number;
  readonly bytes: Uint8Array;
}

interface Line {
  readonly queue: Waiting[];
  last_ms: number;
  isTimed: boolean;
}

/** Payload of a TCP segment on Ethernet, with time stamps. */
const segment_bytes = 1448;
/** Least time after which Linux sends a segment again (TCP_RTO_MIN); what comes behind it waits with it. */
const again_ms = 200;

/** Length field of a frame; TLS and TCP add more. */
const framing_bytes = 4;

/** A transport whose messages take as long as on a link of this delay, and which counts what it sends. */
export class DelayedTransport implements Transport {
  readonly #inner: Transport;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #lines = new Map<number, Line>();
  #sent_bytes = 0;
  #messages = 0;
  #isStopped = false;
  readonly #count = new MessageCount();
  #muted: ReadonlySet<MessageKind> = new Set();

  constructor(options: { inner: Transport; link: Link; clock: Clock; random: Random }) {
    this.#inner = options.inner;
    this.#link = options.link;
    this.#clock = options.clock;
    this.#random = options.random;
  }

  get sent_bytes(): number {
    return this.#sent_bytes;
  }

  get messages(): number {
    return this.#messages;
  }

  /** Messages sent so far, by kind. */
  get counted(): readonly CountedMessages[] {
    return this.#count.all;
  }

  /** Says nothing of these kinds from now on, as a validator that works but does not do its part. */
  mute(kinds: readonly MessageKind[]): void {
    this.#muted = new Set(kinds);
  }

  get peers(): readonly number[] {
    return this.#inner.peers;
  }

  start(handlers: TransportHandlers): Promise<number> {
    return this.#inner.start(handlers);
  }

  send(to: number, bytes: Uint8Array): boolean {
    if (!this.#inner.isConnected(to)) return false;
    if (this.#muted.size > 0 && this.#muted.has(messageKindOf(bytes))) return true;
    const line = this.#lines.get(to) ?? { queue: [], last_ms: 0, isTimed: false };
    this.#lines.set(to, line);
    const { mean_ms, jitter_ms } = this.#link;
    const delay_ms = Math.max(0, mean_ms + jitter_ms * (2 * this.#random.uniform() - 1));
    const late_ms = delay_ms + (this.#isLost(bytes) ? again_ms : 0);
    line.last_ms = Math.max(line.last_ms, this.#clock.monotonic_ms() + late_ms);
    line.queue.push({ due_ms: line.last_ms, bytes });
    this.#drain(to, line);
    return true;
  }

  isConnected(peer: number): boolean {
    return this.#inner.isConnected(peer);
  }

  numberOf(id: string): number | undefined {
    return this.#inner.numberOf(id);
  }

  idOf(peer: number): string | undefined {
    return this.#inner.idOf(peer);
  }

  review(): void {
    this.#inner.review();
  }

  cutOff(peer: number): void {
    this.#inner.cutOff(peer);
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#inner.stop();
  }

  /** Whether a segment of it is. A link without loss asks for no chance, so that its delays stay the same. */
  #isLost({ length }: Uint8Array): boolean {
    const { loss = 0 } = this.#link;
    if (loss === 0) return false;
    const segments = Math.ceil((framing_bytes + length) / segment_bytes);
    return this.#random.uniform() >= (1 - loss) ** segments;
  }

  #drain(to: number, line: Line): void {
    if (line.isTimed || this.#isStopped) return;
    const now_ms = this.#clock.monotonic_ms();
    for (let next = line.queue[0]; next !== undefined; next = line.queue[0]) {
      if (next.due_ms > now_ms) {
        line.isTimed = true;
        this.#clock.after(next.due_ms - now_ms, () => {
          line.isTimed = false;
          this.#drain(to, line);
        });
        return;
      }
      line.queue.shift();
      this.#sent_bytes += framing_bytes + next.bytes.length;
      this.#messages++;
      this.#count.sent(to, next.bytes);
      this.#inner.send(to, next.bytes);
    }
  }
}
