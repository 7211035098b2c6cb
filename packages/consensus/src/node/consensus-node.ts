import type { Chain, CheckedBlock } from "@voltfog/ledger";
import type { ChainStore } from "@voltfog/ledger/node";
import {
  type Clock,
  type Crypto,
  type Logger,
  messageOf,
  type Outcome,
  type Signer,
} from "@voltfog/runtime";
import type { Engine, EngineEffect, EngineInput } from "../engine.ts";
import { LedgerApplication } from "../ledger-application.ts";
import { Mempool, type MempoolLimits } from "../mempool.ts";
import type { PoaMessage } from "../poa/message.ts";
import { createPoaEngine } from "../poa/poa-engine.ts";
import type { PoaState } from "../poa/state.ts";
import type { PoaTiming } from "../poa/turn.ts";
import type { Transport } from "../transport.ts";
import { decodePeerMessage, encodePeerMessage, type PeerMessage } from "../wire/peer-message.ts";
import { BlockExchange } from "./block-exchange.ts";
import { type SubmitProblem, TransactionDesk } from "./transaction-desk.ts";
import type { VoteStore } from "./vote-store.ts";
import { type Work, WorkQueue } from "./work-queue.ts";

export interface ConsensusNodeOptions {
  readonly store: ChainStore;
  readonly votes: VoteStore;
  readonly transport: Transport;
  readonly signer: Signer;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timing: PoaTiming;
  readonly mempool: MempoolLimits;
}

/** A block that became final and durable here, and when. */
export interface FinalNotice {
  readonly height: number;
  readonly checked: CheckedBlock;
  readonly final_ms: number;
}

type Effect<T extends EngineEffect<PoaMessage>["type"]> = EngineEffect<PoaMessage> & { type: T };

/** Steps whose votes are made durable by one write. */
const batchMax = 64;

/**
 * Drives the engine with the machine: performs its effects in order, waits for the disk before a vote
 * is sent, keeps the chain, the block store and the mempool, and catches up from peers.
 */
export class ConsensusNode {
  readonly #options: ConsensusNodeOptions;
  readonly #engine: Engine<PoaState, PoaMessage>;
  readonly #application: LedgerApplication;
  readonly #mempool: Mempool;
  readonly #exchange: BlockExchange;
  readonly #desk: TransactionDesk;
  readonly #work = new WorkQueue();
  readonly #timers = new Map<string, () => void>();
  readonly #listeners = new Set<(notice: FinalNotice) => void>();
  #state: PoaState;
  #isRunning = false;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;
  #failure: string | undefined;
  #finalised_ms = 0;

  constructor(options: ConsensusNodeOptions) {
    const { store, crypto, signer, clock, transport } = options;
    const { chain } = store;
    this.#options = options;
    this.#mempool = new Mempool(options.mempool);
    this.#application = new LedgerApplication({ chain, mempool: this.#mempool, crypto });
    this.#engine = createPoaEngine({
      chainId: chain.genesis.chainId,
      crypto,
      signer,
      timing: options.timing,
      digestOf: (block) => this.#application.digestOf(block),
    });
    this.#state = this.#engine.restore(options.votes.records);
    const send = (to: number, message: PeerMessage): void => {
      transport.send(to, encodePeerMessage(message));
    };
    this.#exchange = new BlockExchange({ source: store.blocks, clock, transport, send });
    this.#desk = new TransactionDesk({
      chain,
      mempool: this.#mempool,
      peers: () => [...this.#application.voterSet.voters.keys()],
      send,
      onNew: () => this.#offer({ type: "transactions-waiting", now_ms: this.#now_ms }),
    });
  }

  /** Starts talking and voting; resolves with the port that peers connect to. */
  async start(): Promise<number> {
    const port = await this.#options.transport.start({
      connected: (voter) => this.#connected(voter),
      disconnected: (voter) => this.#exchange.forget(voter),
      received: (voter, bytes) => this.#received(voter, bytes),
    });
    this.#startHeight();
    this.#exchange.start();
    return port;
  }

  /** Ends after what is being written is written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#exchange.stop();
    for (const cancel of this.#timers.values()) cancel();
    await this.#options.transport.stop();
    await this.#running;
  }

  get chain(): Chain {
    return this.#options.store.chain;
  }

  /** Last height that is final and durable here. */
  get height(): number {
    return this.#options.store.blocks.height;
  }

  get round(): number {
    return this.#state.round;
  }

  get mempoolSize(): number {
    return this.#mempool.size;
  }

  /** Wall time at which the head became final here; 0 before the first since the start. */
  get finalised_ms(): number {
    return this.#finalised_ms;
  }

  /** Messages that were lost because the engine was too busy. */
  get dropped(): number {
    return this.#work.dropped;
  }

  /** Why voting ended, undefined while all is well. */
  get failure(): string | undefined {
    return this.#failure;
  }

  peerHeight(voter: number): number {
    return this.#exchange.heightOf(voter);
  }

  /** Takes a transaction, tells the peers, and gives its hash. */
  submit(bytes: Uint8Array): Outcome<{ hash: Uint8Array }, SubmitProblem> {
    return this.#desk.submit(bytes);
  }

  /** Calls back on every block that becomes final here; the returned function ends that. */
  onFinal(listener: (notice: FinalNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get #now_ms(): number {
    return this.#options.clock.monotonic_ms();
  }

  get #wall_ms(): number {
    return this.#options.clock.wall_ms();
  }

  #connected(voter: number): void {
    this.#exchange.greet(voter);
    this.#desk.tell(voter);
    this.#offer({ type: "peer-connected", now_ms: this.#now_ms, voter });
  }

  #received(voter: number, bytes: Uint8Array): void {
    const message = decodePeerMessage(bytes);
    if (!message.ok) {
      this.#options.logger.warn("peer sent what does not read", { voter, ...message.problem });
      return;
    }
    switch (message.value.type) {
      case "vote":
        this.#offer({ type: "message", now_ms: this.#now_ms, message: message.value.message });
        break;
      case "transactions":
        this.#desk.receive(message.value.transactions);
        break;
      case "height":
        this.#exchange.learn(voter, message.value.height);
        break;
      case "block-request":
        this.#exchange.answer(voter, message.value);
        break;
      case "blocks":
        this.#work.offer({ type: "blocks", from: voter, blocks: message.value.blocks });
        this.#wake();
        break;
    }
  }

  #offer(input: EngineInput<PoaMessage>): void {
    this.#work.offer({ type: "input", input });
    this.#wake();
  }

  #wake(): void {
    if (this.#isRunning || this.#isStopped || this.#failure !== undefined) return;
    this.#isRunning = true;
    this.#running = this.#run().catch((thrown: unknown) => this.#fail(thrown));
  }

  /** A vote or block that cannot be made durable ends voting: silence is safe, forgetting is not. */
  #fail(thrown: unknown): void {
    this.#failure = messageOf(thrown);
    this.#options.logger.error("voting stopped", { reason: this.#failure });
    for (const cancel of this.#timers.values()) cancel();
  }

  async #run(): Promise<void> {
    // A turn later, so that everything that came in one network read is one batch.
    await Promise.resolve();
    while (!this.#work.isEmpty && !this.#isStopped) {
      const { effects, blocks } = this.#stepBatch();
      await this.#perform(effects);
      if (blocks !== undefined) await this.#follow(blocks);
    }
    this.#isRunning = false;
  }

  /** Steps the engine through what waits, up to the next decision or fetched blocks. */
  #stepBatch(): { effects: EngineEffect<PoaMessage>[]; blocks: Work | undefined } {
    const effects: EngineEffect<PoaMessage>[] = [];
    for (let count = 0; count < batchMax; count++) {
      const work = this.#work.next();
      if (work?.type !== "input") return { effects, blocks: work };
      const step = this.#engine.step(this.#state, work.input);
      this.#state = step.state;
      effects.push(...step.effects);
      if (step.effects.some(({ type }) => type === "deliver")) break;
    }
    return { effects, blocks: undefined };
  }

  /** All votes of the batch go to disk in one write before anything of it is sent. */
  async #perform(effects: readonly EngineEffect<PoaMessage>[]): Promise<void> {
    const votes = effects.filter((effect) => effect.type === "persist");
    if (votes.length > 0) await this.#options.votes.append(votes);
    for (const effect of effects) {
      if (effect.type === "deliver") await this.#deliver(effect);
      else this.#performNow(effect);
    }
  }

  #performNow(effect: EngineEffect<PoaMessage>): void {
    switch (effect.type) {
      case "send": {
        const bytes = encodePeerMessage({ type: "vote", message: effect.message });
        for (const voter of effect.to) this.#options.transport.send(voter, bytes);
        break;
      }
      case "set-timer":
        this.#setTimer(effect);
        break;
      case "cancel-timer":
        this.#timers.get(effect.timer)?.();
        this.#timers.delete(effect.timer);
        break;
      case "build-proposal":
        this.#build(effect);
        break;
      case "check-block":
        this.#check(effect);
        break;
      case "voter-behind":
        this.#exchange.help(effect.voter);
        break;
      case "voter-ahead":
        this.#exchange.learn(effect.voter, effect.height - 1);
        break;
      case "evidence": {
        const { voter, messages } = effect;
        this.#options.logger.warn("validator contradicted itself", {
          voter,
          phase: messages[0].type,
        });
        break;
      }
      case "persist":
      case "deliver":
        break;
    }
  }

  #setTimer({ timer, delay_ms }: Effect<"set-timer">): void {
    this.#timers.get(timer)?.();
    const cancel = this.#options.clock.after(delay_ms, () => {
      this.#timers.delete(timer);
      this.#work.answer({ type: "timer", now_ms: this.#now_ms, timer });
      this.#wake();
    });
    this.#timers.set(timer, cancel);
  }

  #build({ height, round, parent }: Effect<"build-proposal">): void {
    const builder = this.#state.self;
    if (builder === undefined || height !== this.#application.height + 1) return;
    const wall_ms = this.#wall_ms;
    const block = this.#application.build({ round, builder, parent, wall_ms });
    this.#work.answer({ type: "proposal-built", now_ms: this.#now_ms, height, round, block });
  }

  #check(effect: Effect<"check-block">): void {
    const { height, round, digest } = effect;
    if (height !== this.#application.height + 1) return;
    const problem = this.#application.check({ ...effect, wall_ms: this.#wall_ms });
    if (problem !== undefined) {
      this.#options.logger.warn("proposal refused", { height, round, code: problem });
    }
    const valid = problem === undefined;
    const now_ms = this.#now_ms;
    this.#work.answer({ type: "block-checked", now_ms, height, round, digest, valid });
  }

  async #deliver(effect: Effect<"deliver">): Promise<void> {
    // Fetched blocks may have brought it while this decision waited its turn.
    if (effect.decision.height !== this.#application.height + 1) return;
    const { checked, certificate } = this.#application.finalise(effect);
    await this.#options.store.record(checked, certificate);
    await this.#becameFinal([checked]);
  }

  async #follow(work: Work): Promise<void> {
    if (work.type !== "blocks") return;
    const writes: Promise<void>[] = [];
    const followed: CheckedBlock[] = [];
    for (const final of work.blocks) {
      const block = this.#application.follow(final);
      if (block.ok) {
        followed.push(block.value.checked);
        writes.push(this.#options.store.record(block.value.checked, block.value.certificate));
      } else if (block.problem.code !== "BLOCK_OTHER_HEIGHT") {
        this.#options.logger.warn("fetched block refused", { from: work.from, ...block.problem });
      }
    }
    await Promise.all(writes);
    if (followed.length > 0) await this.#becameFinal(followed);
    this.#exchange.answered({ peer: work.from, helped: followed.length > 0 });
  }

  async #becameFinal(blocks: readonly CheckedBlock[]): Promise<void> {
    const final_ms = this.#wall_ms;
    this.#finalised_ms = final_ms;
    this.#startHeight();
    for (const checked of blocks) {
      const notice = { height: checked.block.header.height, checked, final_ms };
      for (const listener of this.#listeners) listener(notice);
    }
    this.#exchange.grown();
    await this.#options.votes.prune(this.height);
  }

  #startHeight(): void {
    const next = this.#application.nextHeight(this.#wall_ms);
    this.#work.startHeight({ type: "height-started", now_ms: this.#now_ms, ...next });
    this.#wake();
  }
}
