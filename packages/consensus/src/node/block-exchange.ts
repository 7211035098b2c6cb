import type { BlockSource } from "@voltfog/ledger/node";
import type { Clock } from "@voltfog/runtime";
import { CatchUp } from "../catch-up.ts";
import type { Transport } from "../transport.ts";
import { blocksPerMessage, type FinalBytes, type PeerMessage } from "../wire/peer-message.ts";
import {
  SnapshotExchange,
  type SnapshotExchangeOptions,
  type SnapshotMessage,
} from "./snapshot-exchange.ts";

const announce_ms = 2000;
const look_ms = 350;
/** A peer that lags is told so at most this often. */
const help_ms = 200;
/** A block and its certificate are below 4.1 MiB, so one more still fits a frame. */
const answerMax_bytes = 3_500_000;

type ExchangeMessage =
  | SnapshotMessage
  | (PeerMessage & { readonly type: "height" | "block-request" });

/**
 * Tells peers how far this node is, gives them blocks, and asks for those that are missing here; for a
 * snapshot where there are too many of them, or where nobody has them any more.
 */
export class BlockExchange {
  readonly #source: BlockSource;
  readonly #clock: Clock;
  readonly #transport: Transport;
  readonly #send: (to: number, message: PeerMessage) => void;
  readonly #catchUp = new CatchUp({
    grace_ms: 300,
    timeout_ms: 5000,
    penalty_ms: 5000,
    blocksMax: blocksPerMessage,
  });
  readonly #helped_ms = new Map<number, number>();
  readonly #peers = new Set<number>();
  readonly #answering = new Set<number>();
  readonly snapshots: SnapshotExchange;
  #cancelAnnounce: () => void = () => {};
  #cancelLook: () => void = () => {};

  constructor(options: SnapshotExchangeOptions) {
    this.#source = options.store.blocks;
    this.#clock = options.clock;
    this.#transport = options.transport;
    this.#send = options.send;
    this.snapshots = new SnapshotExchange(options);
  }

  start(): void {
    this.#announce();
  }

  async stop(): Promise<void> {
    this.#cancelAnnounce();
    this.#cancelLook();
    await this.snapshots.stop();
  }

  /** Last height a peer is known to hold; 0 where nothing is known. */
  heightOf(peer: number): number {
    return this.#catchUp.heightOf(peer);
  }

  /** A peer is connected. */
  greet(peer: number): void {
    this.#peers.add(peer);
    // First, so that who is far behind does not ask for blocks before.
    this.snapshots.offer(peer);
    this.#send(peer, { type: "height", height: this.#source.height });
  }

  /** What a peer says of its height, of snapshots, and of which blocks it holds or wants. */
  received(peer: number, message: ExchangeMessage): void {
    if (message.type === "height") {
      this.learn(peer, message.height);
      return;
    }
    if (message.type === "block-request") {
      this.answer(peer, message);
      return;
    }
    if (message.type === "snapshot-offer") this.#catchUp.learnFirst(peer, message.first);
    this.snapshots.received(peer, message);
    this.#ask();
  }

  learn(peer: number, height: number): void {
    this.#catchUp.learn({ peer, height, now_ms: this.#clock.monotonic_ms() });
    this.#ask();
  }

  forget(peer: number): void {
    this.#peers.delete(peer);
    this.#catchUp.forget(peer);
    this.snapshots.forget(peer);
    this.#ask();
  }

  /** This node's height grew. */
  grown(): void {
    this.#ask();
  }

  answered(answer: { peer: number; helped: boolean }): void {
    this.#catchUp.answered({ ...answer, now_ms: this.#clock.monotonic_ms() });
    this.#ask();
  }

  /** Tells a peer that votes on an old height where this node is. */
  help(peer: number): void {
    const now_ms = this.#clock.monotonic_ms();
    if (now_ms - (this.#helped_ms.get(peer) ?? Number.NEGATIVE_INFINITY) < help_ms) return;
    this.#helped_ms.set(peer, now_ms);
    this.#send(peer, { type: "height", height: this.#source.height });
  }

  /** Sends the blocks asked for, as many as fit; one answer to a peer at a time. */
  answer(peer: number, request: { from: number; limit: number }): void {
    if (this.#answering.has(peer)) return;
    this.#answering.add(peer);
    this.#read(request)
      .then((blocks) => this.#send(peer, { type: "blocks", blocks }))
      .catch(() => this.#send(peer, { type: "blocks", blocks: [] }))
      .finally(() => this.#answering.delete(peer));
  }

  async #read(request: { from: number; limit: number }): Promise<readonly FinalBytes[]> {
    const blocks: FinalBytes[] = [];
    let size_bytes = 0;
    const count = Math.min(request.limit, blocksPerMessage);
    for (let height = request.from; height < request.from + count; height++) {
      const stored = size_bytes < answerMax_bytes ? await this.#source.read(height) : undefined;
      if (stored === undefined) break;
      const { block, certificate } = stored;
      size_bytes += block.length + certificate.length;
      blocks.push({ block, certificate });
    }
    return blocks;
  }

  #announce(): void {
    for (const peer of this.#peers) {
      this.#send(peer, { type: "height", height: this.#source.height });
      this.snapshots.offer(peer);
    }
    this.#ask();
    this.#cancelAnnounce = this.#clock.after(announce_ms, () => this.#announce());
  }

  #ask(): void {
    const ownHeight = this.#source.height;
    const peers = [...this.#peers];
    this.snapshots.look({ areBlocksGone: this.#catchUp.isGone({ ownHeight, peers }) });
    // Blocks that a snapshot is about to replace are not worth a message.
    if (this.snapshots.isBusy) return;
    const request = this.#catchUp.next({
      ownHeight,
      now_ms: this.#clock.monotonic_ms(),
      isReachable: (peer) => this.#transport.isConnected(peer),
    });
    if (request !== undefined) {
      const { peer, from, limit } = request;
      this.#send(peer, { type: "block-request", from, limit });
      return;
    }
    this.#cancelLook();
    if (!this.#catchUp.isBehind(this.#source.height)) return;
    // Looked at again when the grace of a peer one height ahead is over.
    this.#cancelLook = this.#clock.after(look_ms, () => this.#ask());
  }
}
