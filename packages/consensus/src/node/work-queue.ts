import type { IncomingSnapshot } from "@voltfog/ledger/node";
import { BoundedQueue } from "@voltfog/runtime";
import type { EngineInput } from "../engine.ts";
import type { VoteMessage } from "../voting/message.ts";
import type { FinalBytes } from "../wire/peer-message.ts";

/** What is final elsewhere. */
export type FetchedWork =
  | { readonly type: "blocks"; readonly from: number; readonly blocks: readonly FinalBytes[] }
  | { readonly type: "snapshot"; readonly incoming: IncomingSnapshot };

export type Work =
  | { readonly type: "input"; readonly input: EngineInput<VoteMessage> }
  | FetchedWork;

/** What may wait from outside at once; beyond it messages are lost, as on a bad network. */
const outsideMax = 8192;
/** What may wait of one peer, so that one that floods loses its own messages and nobody else's. */
const peerMessagesMax = 1024;
const peerMessagesMax_bytes = 16_777_216;

/** Whose it is and how long it was on the wire. */
export interface WorkOrigin {
  readonly peer: number;
  readonly size_bytes: number;
}

interface Waiting {
  readonly work: Work;
  readonly origin: WorkOrigin | undefined;
}

interface Share {
  readonly messages: number;
  readonly size_bytes: number;
}

/** What the engine has to do: its own answers and timers first, then what comes from outside. */
export class WorkQueue {
  readonly #outside = new BoundedQueue<Waiting>({ limit: outsideMax });
  readonly #shares = new Map<number, Share>();
  /** Each answers one effect, so there are never many. */
  readonly #own: EngineInput<VoteMessage>[] = [];
  #snapshot: FetchedWork | undefined;
  #dropped = 0;

  /** Messages that were lost because too much waited. */
  get dropped(): number {
    return this.#dropped;
  }

  get isEmpty(): boolean {
    return this.#own.length === 0 && this.#snapshot === undefined && this.#outside.size === 0;
  }

  /** Without an origin it is this node's own note, a small one. */
  offer(work: Work, origin?: WorkOrigin): void {
    if (!this.#hasRoom(origin) || !this.#outside.offer({ work, origin })) this.#dropped++;
    else if (origin !== undefined) this.#count(origin, 1);
  }

  /** A whole snapshot is never lost, and there is only one at a time. */
  install(incoming: IncomingSnapshot): void {
    this.#snapshot = { type: "snapshot", incoming };
  }

  answer(input: EngineInput<VoteMessage>): void {
    this.#own.push(input);
  }

  /** Before anything that waits: the engine is still at a height that is over. */
  startHeight(input: EngineInput<VoteMessage>): void {
    this.#own.unshift(input);
  }

  next(): Work | undefined {
    const own = this.#own.shift();
    if (own !== undefined) return { type: "input", input: own };
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    if (snapshot !== undefined) return snapshot;
    const waiting = this.#outside.poll();
    if (waiting?.origin !== undefined) this.#count(waiting.origin, -1);
    return waiting?.work;
  }

  /** One message always has room, however long. */
  #hasRoom(origin: WorkOrigin | undefined): boolean {
    const share = origin && this.#shares.get(origin.peer);
    if (origin === undefined || share === undefined) return true;
    const size_bytes = share.size_bytes + origin.size_bytes;
    return share.messages < peerMessagesMax && size_bytes <= peerMessagesMax_bytes;
  }

  #count({ peer, size_bytes }: WorkOrigin, sign: 1 | -1): void {
    const share = this.#shares.get(peer) ?? { messages: 0, size_bytes: 0 };
    const messages = share.messages + sign;
    if (messages === 0) this.#shares.delete(peer);
    else this.#shares.set(peer, { messages, size_bytes: share.size_bytes + sign * size_bytes });
  }
}
