import {
  decodeSnapshotPlan,
  engineOf,
  faultyMaxOf,
  snapshotId,
  verifySnapshotPlan,
} from "@voltfog/ledger";
import type { ChainStore, IncomingSnapshot } from "@voltfog/ledger/node";
import { type Clock, type Crypto, equalBytes, type Logger, messageOf } from "@voltfog/runtime";
import { type PieceRequest, SnapshotFetch, type SnapshotOffer } from "../snapshot-fetch.ts";
import type { Transport } from "../transport.ts";
import type { PeerMessage } from "../wire/peer-message.ts";

const rules = { grace_ms: 3000, timeout_ms: 10_000, penalty_ms: 60_000, perPeer: 2 } as const;

/** Messages about snapshots. */
export type SnapshotMessage = Extract<
  PeerMessage,
  { readonly type: "snapshot-offer" | "snapshot-request" | "snapshot-part" }
>;

export interface SnapshotExchangeOptions {
  readonly store: ChainStore;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly logger: Logger;
  readonly transport: Transport;
  readonly send: (to: number, message: PeerMessage) => void;
  /** A snapshot is whole; {@link SnapshotExchange.done} is to be called once it is installed or refused. */
  readonly whole: (incoming: IncomingSnapshot) => void;
  /** A snapshot this many blocks ahead is fetched instead of the blocks. */
  readonly snapshotBehind: number;
}

/**
 * Gives peers the newest snapshot part by part, and fetches one where this node is far behind: its plan
 * first, then the parts from every peer that has them, each proved before it is kept.
 */
export class SnapshotExchange {
  readonly #options: SnapshotExchangeOptions;
  readonly #fetch: SnapshotFetch;
  readonly #answering = new Map<number, number>();
  /** What disk work waits for: one piece at a time, and no more of them than were asked for. */
  #taking: Promise<void> = Promise.resolve();
  #incoming: IncomingSnapshot | undefined;
  #isReady = false;
  #isWhole = false;
  #areBlocksGone = false;
  #isStopped = false;

  constructor(options: SnapshotExchangeOptions) {
    this.#options = options;
    this.#fetch = new SnapshotFetch(rules);
    this.#taking = this.#resume()
      .catch((thrown: unknown) => this.#complain(thrown))
      .then(() => {
        this.#isReady = true;
      });
  }

  /** Ends after what is being written is written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#taking;
  }

  /** Whether a snapshot may be coming or is being installed, so that blocks need not be asked for. */
  get isBusy(): boolean {
    return !this.#isReady || this.#isWhole || this.#fetch.isUnderWay || this.#fetch.isWaiting;
  }

  /** Height of the snapshot that is being fetched, and how many parts are missing; undefined where none is. */
  get progress(): { readonly height: number; readonly missing: number | undefined } | undefined {
    const { target } = this.#fetch;
    return target && { height: target.height, missing: this.#incoming?.missing.size };
  }

  /** Tells a peer what it can have here. */
  offer(peer: number): void {
    const { store, send } = this.#options;
    const { offered, blocks } = store;
    if (offered === undefined) return;
    const { height } = offered.plan.evidence.header;
    send(peer, { type: "snapshot-offer", id: offered.id, height, first: blocks.first });
  }

  forget(peer: number): void {
    this.#fetch.forget(peer);
  }

  /** Asks for what is missing; to be called now and then. */
  look(at: { areBlocksGone: boolean }): void {
    const { store, clock, transport, send, snapshotBehind } = this.#options;
    this.#areBlocksGone = at.areBlocksGone;
    if (this.#isStopped || this.#isWhole || !this.#isReady) return;
    const now = {
      now_ms: clock.monotonic_ms(),
      isReachable: (peer: number) => transport.isConnected(peer),
    };
    const { height, validators, genesis } = store.chain;
    const isOvertaken = (this.#fetch.target?.height ?? Number.POSITIVE_INFINITY) <= height;
    if (isOvertaken || this.#fetch.isStuck(now)) this.#fetch.end();
    // Who holds every block goes on to, unless nobody has the next one.
    const least = at.areBlocksGone ? 1 : store.holdsAll ? Number.POSITIVE_INFINITY : snapshotBehind;
    const agreeing = faultyMaxOf(engineOf(genesis), validators.length) + 1;
    this.#fetch.choose({ ...now, heightMin: height + least, agreeing });
    const incoming = this.#incoming;
    if (this.#fetch.needsPlan(incoming?.id)) this.#fetch.planned(incoming?.missing ?? new Set());
    for (const { peer, id, piece } of this.#fetch.next(now)) {
      send(peer, { type: "snapshot-request", id, piece });
    }
  }

  received(peer: number, message: SnapshotMessage): void {
    switch (message.type) {
      case "snapshot-offer":
        this.#fetch.learn(peer, message);
        break;
      case "snapshot-request":
        this.#answer({ peer, ...message });
        break;
      case "snapshot-part":
        if (!this.#fetch.answered({ peer, ...message })) return;
        this.#taking = this.#taking
          .then(() => this.#take({ peer, ...message }))
          .catch((thrown: unknown) => this.#complain(thrown))
          .then(() => {
            this.#fetch.settled({ peer, ...message });
            this.look({ areBlocksGone: this.#areBlocksGone });
          });
        break;
    }
  }

  /** The whole snapshot was installed; or it was not, and who offered it is left alone for a while. */
  async done(incoming: IncomingSnapshot, options: { isInstalled: boolean }): Promise<void> {
    await incoming.discard();
    this.#incoming = undefined;
    this.#isWhole = false;
    const { clock, store } = this.#options;
    const isRefused = !options.isInstalled && incoming.height > store.chain.height;
    if (isRefused) this.#fetch.avoidOffer(incoming.id, clock.monotonic_ms());
    this.#fetch.end();
  }

  /** A few answers to a peer at a time, read from disk; further requests of it are dropped. */
  #answer(request: PieceRequest): void {
    const { peer, id, piece } = request;
    const count = this.#answering.get(peer) ?? 0;
    if (count >= rules.perPeer) return;
    this.#answering.set(peer, count + 1);
    const reply = (bytes: Uint8Array | undefined): void => {
      const part = bytes ?? new Uint8Array();
      this.#options.send(peer, { type: "snapshot-part", id, piece, bytes: part });
    };
    this.#read(request)
      .then(reply)
      .catch(() => reply(undefined))
      .finally(() => this.#answering.set(peer, (this.#answering.get(peer) ?? 1) - 1));
  }

  async #read({ id, piece }: PieceRequest): Promise<Uint8Array | undefined> {
    const file = this.#options.store.snapshotOf(id);
    return piece === "plan" ? file?.planBytes : await file?.read(piece);
  }

  async #resume(): Promise<void> {
    const incoming = await this.#options.store.fetchedBefore();
    if (incoming === undefined) return;
    this.#incoming = incoming;
    this.#fetch.resume(incoming, incoming.missing);
    this.#endIfWhole(incoming);
  }

  async #take(part: PieceRequest & { bytes: Uint8Array }): Promise<void> {
    const { peer, id, piece, bytes } = part;
    const { target } = this.#fetch;
    if (this.#isStopped || target === undefined || !equalBytes(id, target.id)) return;
    if (bytes.length === 0) {
      this.#fetch.hasNot(peer);
      return;
    }
    const reason =
      piece === "plan" ? await this.#takePlan(target, bytes) : await this.#put(piece, bytes);
    if (reason !== undefined) {
      this.#fetch.avoid(peer, this.#options.clock.monotonic_ms());
      this.#options.logger.warn("peer sent a wrong piece of a snapshot", { peer, reason });
    }
    const incoming = this.#incoming;
    if (incoming !== undefined) this.#endIfWhole(incoming);
  }

  async #takePlan(target: SnapshotOffer, bytes: Uint8Array): Promise<string | undefined> {
    const { store, crypto, logger } = this.#options;
    const { genesis } = store.chain;
    const plan = decodeSnapshotPlan(bytes);
    const verified = plan.ok ? verifySnapshotPlan({ plan: plan.value, genesis, crypto }) : plan;
    if (!verified.ok) return verified.problem.code;
    const { height } = verified.value.evidence.header;
    const isMeant = equalBytes(snapshotId(verified.value, crypto), target.id);
    if (!isMeant || height !== target.height) return "SNAPSHOT_OTHER";
    this.#incoming = await store.fetch(verified.value);
    const { missing } = this.#incoming;
    this.#fetch.planned(missing);
    logger.info("snapshot is being fetched", { height, parts: missing.size });
    return undefined;
  }

  async #put(place: number, bytes: Uint8Array): Promise<string | undefined> {
    const problem = await this.#incoming?.put(place, bytes);
    return problem?.code;
  }

  #endIfWhole(incoming: IncomingSnapshot): void {
    if (incoming.missing.size > 0 || this.#isWhole) return;
    this.#isWhole = true;
    this.#options.whole(incoming);
  }

  /** A disk that takes no part ends this attempt; the next look begins another. */
  #complain(thrown: unknown): void {
    this.#options.logger.warn("snapshot cannot be fetched", { reason: messageOf(thrown) });
    this.#incoming = undefined;
    this.#fetch.end();
  }
}
