import { type Chain, type CheckedBlock, engineOf } from "@voltfog/ledger";
import { messageOf, type Outcome } from "@voltfog/runtime";
import type { EngineEffect, EngineInput } from "../engine.ts";
import { LedgerApplication } from "../ledger-application.ts";
import { Mempool } from "../mempool.ts";
import type { VoteMessage } from "../voting/message.ts";
import type { VotingState } from "../voting/state.ts";
import { createEngine } from "../voting/voting-engine.ts";
import { decodePeerMessage, encodePeerMessage, type PeerMessage } from "../wire/peer-message.ts";
import { Accuser } from "./accuser.ts";
import { BlockExchange } from "./block-exchange.ts";
import type { ConsensusNodeOptions } from "./consensus-node-options.ts";
import { EngineSteps } from "./engine-steps.ts";
import { EngineTimers } from "./engine-timers.ts";
import { takeFetched } from "./fetched-work.ts";
import { type FinalNotice, FinalNotices } from "./final-notices.ts";
import { Gathering } from "./gathering.ts";
import { type ServiceReport, ServiceWatch } from "./service-watch.ts";
import { type SubmitProblem, type SubmittedTx, TransactionDesk } from "./transaction-desk.ts";
import { UnreadableFrames } from "./unreadable-frames.ts";
import { VoterLinks } from "./voter-links.ts";
import { type FetchedWork, type WorkOrigin, WorkQueue } from "./work-queue.ts";

type Effect<T extends EngineEffect<VoteMessage>["type"]> = EngineEffect<VoteMessage> & { type: T };

/**
 * Drives the engine with the machine: performs its effects in order, waits for the disk before a vote
 * is sent, keeps the chain, the block store and the mempool, and catches up from peers.
 */
export class ConsensusNode {
  readonly #options: ConsensusNodeOptions;
  readonly #steps: EngineSteps;
  readonly #application: LedgerApplication;
  readonly #mempool: Mempool;
  readonly #exchange: BlockExchange;
  readonly #desk: TransactionDesk;
  readonly #watch: ServiceWatch;
  readonly #accuser: Accuser;
  readonly #unreadable: UnreadableFrames;
  readonly #links: VoterLinks;
  readonly #work = new WorkQueue();
  readonly #timers: EngineTimers;
  readonly #gathering: Gathering;
  readonly #notices = new FinalNotices();
  #isRunning = false;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;
  #failure: string | undefined;

  constructor(options: ConsensusNodeOptions) {
    const { store, crypto, signer, clock, transport } = options;
    const { chain } = store;
    this.#options = options;
    this.#mempool = new Mempool(options.mempool);
    this.#application = new LedgerApplication({ chain, mempool: this.#mempool, crypto });
    this.#steps = new EngineSteps({
      engine: createEngine({
        chainId: chain.genesis.chainId,
        engine: engineOf(chain.genesis),
        ...{ crypto, signer, timing: options.timing },
        digestOf: (block) => this.#application.digestOf(block),
      }),
      records: options.votes.records,
      work: this.#work,
      check: (effect) => this.#check(effect),
    });
    const over = (timer: string): void =>
      this.#answer({ type: "timer", now_ms: this.#now_ms, timer });
    this.#timers = new EngineTimers({ clock, over });
    this.#gathering = new Gathering({
      clock,
      waiting: () => this.#mempool.size,
      tell: () => this.#answer({ type: "transactions-waiting", now_ms: this.#now_ms }),
    });
    this.#links = new VoterLinks({ chain, transport });
    const send = (to: number, message: PeerMessage): void => {
      this.#send(to, encodePeerMessage(message));
    };
    this.#unreadable = new UnreadableFrames(options);
    this.#accuser = new Accuser({ ...options, chain, submit: (each) => this.submit(each) });
    this.#watch = new ServiceWatch({ clock, chain, names: transport, send });
    this.#exchange = new BlockExchange({
      ...options,
      send,
      whole: (incoming) => {
        this.#work.install(incoming);
        this.#wake();
      },
    });
    this.#desk = new TransactionDesk({
      chain,
      mempool: this.#mempool,
      send,
      broadcast: (message) => {
        const bytes = encodePeerMessage(message);
        for (const peer of transport.peers) this.#send(peer, bytes);
      },
      onNew: () => this.#gathering.grown(),
    });
  }

  /** Starts talking and voting; resolves with the port that peers connect to. */
  async start(): Promise<number> {
    await this.#watch.recall(this.#options.store.blocks);
    const port = await this.#options.transport.start({
      connected: (peer) => this.#connected(peer),
      disconnected: (peer) => this.#disconnected(peer),
      received: (peer, bytes) => this.#received(peer, bytes),
    });
    this.#startHeight();
    this.#exchange.start();
    this.#watch.start();
    return port;
  }

  /** Ends after what is being written is written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#exchange.stop();
    this.#watch.stop();
    this.#timers.cancelAll();
    this.#gathering.stop();
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
    return this.#notices.last_ms;
  }

  /** Messages that were lost because the engine was too busy. */
  get dropped(): number {
    return this.#work.dropped;
  }

  /** Frames of peers that did not read. */
  get unreadable(): number {
    return this.#unreadable.total;
  }

  /** Why voting ended, undefined while all is well. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Last height that a validator is known to hold; 0 where nothing is known. */
  peerHeight(id: string): number {
    return this.#exchange.heightOf(this.#options.transport.numberOf(id) ?? -1);
  }

  /** Whether a validator is connected now. */
  isConnected(id: string): boolean {
    return this.#links.isConnected(id);
  }

  /** How every validator serves the chain, as this one sees it. */
  get service(): readonly ServiceReport[] {
    return this.#watch.report(this.#state.self);
  }

  /** Takes a transaction, tells the peers, and gives what it is known by. */
  submit(bytes: Uint8Array): Outcome<SubmittedTx, SubmitProblem> {
    return this.#desk.submit(bytes);
  }

  /** Calls back on every block that becomes final here; the returned function ends that. */
  onFinal(listener: (notice: FinalNotice) => void): () => void {
    return this.#notices.listen(listener);
  }

  get #state(): VotingState {
    return this.#steps.state;
  }

  get #now_ms(): number {
    return this.#options.clock.monotonic_ms();
  }

  #send(to: number, bytes: Uint8Array): void {
    if (this.#options.transport.send(to, bytes)) this.#watch.sent(to, bytes.length);
  }

  #connected(peer: number): void {
    this.#watch.connected(peer);
    this.#exchange.greet(peer);
    this.#desk.tell(peer);
    const change = this.#options.admissions.toSay;
    if (change !== undefined) this.#send(peer, encodePeerMessage({ type: "seat-request", change }));
    const voter = this.#links.voterOf(peer);
    if (voter !== undefined) this.#offer({ type: "peer-connected", now_ms: this.#now_ms, voter });
  }

  #disconnected(peer: number): void {
    this.#exchange.forget(peer);
    this.#watch.disconnected(peer);
  }

  #received(peer: number, bytes: Uint8Array): void {
    const message = decodePeerMessage(bytes);
    if (!message.ok) {
      this.#unreadable.note(peer, bytes);
      return;
    }
    this.#watch.received(peer, message.value);
    const origin = { peer, size_bytes: bytes.length };
    switch (message.value.type) {
      case "vote":
        this.#offer(
          { type: "message", now_ms: this.#now_ms, message: message.value.message },
          origin,
        );
        break;
      case "transactions":
        this.#desk.receive(message.value.transactions);
        break;
      case "blocks":
        this.#work.offer({ type: "blocks", from: peer, blocks: message.value.blocks }, origin);
        this.#wake();
        break;
      case "seat-request":
        this.#options.admissions.receive(this.#options.transport.idOf(peer), message.value.change);
        break;
      case "ping":
      case "pong":
        break;
      default:
        this.#exchange.received(peer, message.value);
    }
  }

  #offer(input: EngineInput<VoteMessage>, origin?: WorkOrigin): void {
    this.#work.offer({ type: "input", input }, origin);
    this.#wake();
  }

  /** What this node found out itself: it is never lost. */
  #answer(input: EngineInput<VoteMessage>): void {
    this.#work.answer(input);
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
    this.#timers.cancelAll();
  }

  async #run(): Promise<void> {
    // A turn later, so that everything that came in one network read is one batch.
    await Promise.resolve();
    while (!this.#work.isEmpty && !this.#isStopped) {
      const { effects, fetched } = this.#steps.batch();
      await this.#perform(effects);
      if (fetched !== undefined) await this.#takeFetched(fetched);
    }
    this.#isRunning = false;
  }

  /**
   * All votes of the batch go to disk in one write before anything after the first of them. What comes before,
   * as the certificate that a collector shows, is on its way meanwhile.
   */
  async #perform(effects: readonly EngineEffect<VoteMessage>[]): Promise<void> {
    const votes = effects.filter((effect) => effect.type === "persist");
    let isWritten = votes.length === 0;
    for (const effect of effects) {
      if (effect.type === "persist" && !isWritten) {
        await this.#options.votes.append(votes);
        isWritten = true;
      } else if (effect.type === "deliver") await this.#deliver(effect);
      else this.#performNow(effect);
    }
  }

  #performNow(effect: EngineEffect<VoteMessage>): void {
    switch (effect.type) {
      case "send":
        this.#sendVote(effect);
        break;
      case "set-timer":
        this.#timers.set(effect);
        break;
      case "cancel-timer":
        this.#timers.cancel(effect.timer);
        break;
      case "build-proposal":
        this.#buildInTime(effect);
        break;
      case "check-block":
        this.#check(effect);
        break;
      case "voter-behind":
      case "voter-ahead":
        this.#compare(effect);
        break;
      case "evidence":
        this.#accuser.accuse(effect);
        break;
      case "persist":
      case "deliver":
        break;
    }
  }

  #sendVote({ to, message }: Effect<"send">): void {
    const bytes = encodePeerMessage({ type: "vote", message });
    for (const peer of this.#links.peersOf(to)) this.#send(peer, bytes);
  }

  #compare({ type, voter, height }: Effect<"voter-behind"> | Effect<"voter-ahead">): void {
    for (const peer of this.#links.peersOf([voter])) {
      if (type === "voter-behind") this.#exchange.help(peer);
      else this.#exchange.learn(peer, height - 1);
    }
  }

  /** What decided the parent does not wait for clients whom only it will answer. [C3] */
  #buildInTime(effect: Effect<"build-proposal">): void {
    if (effect.round > 0 || this.#state.unshown !== undefined) this.#build(effect);
    else this.#gathering.before(() => this.#build(effect));
  }

  #build({ height, round, parent }: Effect<"build-proposal">): void {
    const builder = this.#state.self;
    if (builder === undefined || height !== this.#application.height + 1) return;
    const wall_ms = this.#options.clock.wall_ms();
    const block = this.#application.build({ round, builder, parent, wall_ms });
    this.#answer({ type: "proposal-built", now_ms: this.#now_ms, height, round, block });
  }

  #check(effect: Effect<"check-block">): void {
    const { height, round, digest } = effect;
    if (height !== this.#application.height + 1) return;
    const parent = this.#state.parent?.decision;
    const wall_ms = this.#options.clock.wall_ms();
    const problem = this.#application.check({ ...effect, parent, wall_ms });
    if (problem !== undefined) {
      this.#options.logger.warn("proposal refused", { height, round, code: problem });
    }
    const valid = problem === undefined;
    this.#answer({ type: "block-checked", now_ms: this.#now_ms, height, round, digest, valid });
  }

  async #deliver(effect: Effect<"deliver">): Promise<void> {
    // Fetched blocks may have brought it while this decision waited its turn.
    if (effect.decision.height !== this.#application.height + 1) return;
    const { checked, certificate } = this.#application.finalise(effect);
    await this.#options.store.record(checked, certificate);
    await this.#becameFinal([checked]);
  }

  #takeFetched(work: FetchedWork): Promise<void> {
    const becameFinal = (blocks: readonly CheckedBlock[]) => this.#becameFinal(blocks);
    const parts = { ...this.#options, application: this.#application, exchange: this.#exchange };
    return takeFetched(work, { ...parts, becameFinal });
  }

  async #becameFinal(blocks: readonly CheckedBlock[]): Promise<void> {
    for (const checked of blocks) this.#watch.final(checked);
    this.#startHeight(blocks.at(-1)?.block.transactions.length);
    this.#links.follow();
    this.#notices.tell(blocks, this.#options.clock.wall_ms());
    this.#exchange.grown();
    await this.#options.votes.prune(this.height);
  }

  #startHeight(answered = 0): void {
    this.#gathering.heightStarted({ answered, left: this.#application.left });
    const next = this.#application.nextHeight(this.#options.clock.wall_ms());
    this.#watch.heightStarted(next.height);
    this.#work.startHeight({ type: "height-started", now_ms: this.#now_ms, ...next });
    this.#wake();
  }
}
