import { equalBytes, type Random, SeededRandom } from "@voltfog/runtime";
import { type BlockRequest, CatchUp } from "../catch-up.ts";
import type { Decision, Engine, EngineEffect, EngineInput } from "../engine.ts";
import type { PoaMessage } from "../poa/message.ts";
import type { PoaState } from "../poa/state.ts";
import { type Consortium, sealProblem } from "./consortium.ts";
import type { EventQueue } from "./event-queue.ts";
import type { SimulationEvent } from "./events.ts";
import type { Tamper } from "./lies.ts";
import { LightApplication, lightDigestOf } from "./light-application.ts";

export interface FinalBlock {
  readonly block: Uint8Array;
  readonly decision: Decision;
}

/** What voters send each other: votes, and what catching up needs. */
export type Packet =
  | { readonly type: "vote"; readonly message: PoaMessage }
  | { readonly type: "height"; readonly height: number }
  | { readonly type: "request"; readonly request: BlockRequest }
  | { readonly type: "blocks"; readonly blocks: readonly FinalBlock[] };

export interface SimulatedVoterOptions {
  readonly index: number;
  readonly seed: number;
  readonly consortium: Consortium;
  readonly engine: Engine<PoaState, PoaMessage>;
  readonly queue: EventQueue;
  readonly clockSkew_ms: number;
  /** A fault for the checkers to find: votes are written, but not read again after a crash. */
  readonly forgetsVotes: boolean;
  readonly tamper: Tamper;
  readonly send: (to: number, packet: Packet) => void;
  readonly observe: (event: SimulationEvent) => void;
}

type Work =
  | { readonly type: "input"; readonly input: EngineInput<PoaMessage> }
  | { readonly type: "blocks"; readonly from: number; readonly blocks: readonly FinalBlock[] };

const announce_ms = 200;
const blocksAtOnce = 16;

/** A real engine on a simulated machine: its disk survives a crash, everything else does not. */
export class SimulatedVoter {
  readonly index: number;
  readonly #options: SimulatedVoterOptions;
  readonly #random: Random;
  readonly #durable: { votes: Uint8Array[]; blocks: FinalBlock[] } = { votes: [], blocks: [] };
  #writing: Uint8Array | undefined;
  /** Goes up with every crash, so that what was under way before it never ends. */
  #life = 0;
  #isUp = false;
  #afterVote: (() => void) | undefined;
  #state: PoaState;
  #application: LightApplication;
  #catchUp: CatchUp;
  #timers = new Map<string, number>();
  #timerCount = 0;
  #work: Work[] = [];
  #isBusy = false;

  constructor(options: SimulatedVoterOptions) {
    this.index = options.index;
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#state = options.engine.restore([]);
    this.#application = this.#newApplication();
    this.#catchUp = newCatchUp();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get height(): number {
    return this.#durable.blocks.length;
  }

  start(): void {
    if (this.#isUp) return;
    this.#isUp = true;
    const { engine, forgetsVotes } = this.#options;
    this.#application = this.#newApplication();
    for (const final of this.#durable.blocks) this.#application.finalise(final);
    this.#state = engine.restore(forgetsVotes ? [] : this.#durable.votes);
    this.#catchUp = newCatchUp();
    this.#options.observe({ type: "restarted", voter: this.index, height: this.height });
    this.#startHeight();
    this.#announce();
  }

  /** What was being written may or may not have reached the disk. */
  crash(): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#life++;
    if (this.#writing !== undefined && this.#random.uniform() < 0.5) {
      this.#durable.votes.push(this.#writing);
    }
    this.#writing = undefined;
    this.#afterVote = undefined;
    this.#work = [];
    this.#isBusy = false;
    this.#timers.clear();
    this.#options.observe({ type: "crashed", voter: this.index });
  }

  /** Crashes right after the next vote goes out, which is when a bad restart shows. */
  crashAfterVote(crashed: () => void): void {
    this.#afterVote = crashed;
  }

  /** No crash is pending any more. */
  calmDown(): void {
    this.#afterVote = undefined;
  }

  submit(transaction: number): void {
    if (!this.#isUp) return;
    this.#application.submit(transaction);
    this.#take({ type: "transactions-waiting", now_ms: this.#now_ms });
  }

  /** A connection came back, or a peer restarted. */
  connected(voter: number): void {
    if (this.#isUp) this.#take({ type: "peer-connected", now_ms: this.#now_ms, voter });
  }

  receive(from: number, packet: Packet): void {
    if (!this.#isUp) return;
    switch (packet.type) {
      case "vote":
        this.#take({ type: "message", now_ms: this.#now_ms, message: packet.message });
        break;
      case "height":
        this.#learn(from, packet.height);
        break;
      case "request": {
        const start = packet.request.from - 1;
        const blocks = this.#durable.blocks.slice(start, start + packet.request.limit);
        this.#options.send(from, { type: "blocks", blocks });
        break;
      }
      case "blocks":
        this.#work.push({ type: "blocks", from, blocks: packet.blocks });
        this.#pump();
        break;
    }
  }

  get #now_ms(): number {
    return this.#options.queue.now_ms;
  }

  get #wall_ms(): number {
    return this.#now_ms + this.#options.clockSkew_ms;
  }

  #newApplication(): LightApplication {
    return new LightApplication({
      voterSet: this.#options.consortium.voterSet,
      nextSalt: () => Math.floor(this.#random.uniform() * 0xffffffff),
    });
  }

  #later(delay_ms: number, run: () => void): void {
    const life = this.#life;
    this.#options.queue.after(delay_ms, () => {
      if (life === this.#life) run();
    });
  }

  #take(input: EngineInput<PoaMessage>): void {
    this.#work.push({ type: "input", input });
    this.#pump();
  }

  #pump(): void {
    while (this.#isUp && !this.#isBusy) {
      const work = this.#work.shift();
      if (work === undefined) return;
      if (work.type === "blocks") {
        this.#takeBlocks(work);
      } else {
        const { state, effects } = this.#options.engine.step(this.#state, work.input);
        this.#state = state;
        this.#perform(effects, 0);
      }
    }
  }

  /** In order; a write holds up everything after it, as the real driver does. */
  #perform(effects: readonly EngineEffect<PoaMessage>[], start: number): void {
    for (let at = start; at < effects.length && this.#isUp; at++) {
      const effect = effects[at];
      if (effect === undefined) return;
      if (effect.type === "persist") {
        this.#writing = effect.record;
        this.#wait(() => {
          this.#durable.votes.push(effect.record);
          this.#writing = undefined;
          this.#perform(effects, at + 1);
        });
        return;
      }
      if (effect.type === "deliver") {
        // Fetched blocks may have brought it while this decision waited its turn.
        if (effect.decision.height !== this.height + 1) continue;
        this.#wait(() => {
          this.#finalise(effect);
          this.#startHeight();
          this.#perform(effects, at + 1);
        });
        return;
      }
      this.#performNow(effect);
    }
  }

  #wait(then: () => void): void {
    this.#isBusy = true;
    this.#later(0.2 + 3 * this.#random.uniform(), () => {
      this.#isBusy = false;
      then();
      this.#pump();
    });
  }

  #performNow(effect: EngineEffect<PoaMessage>): void {
    const now_ms = this.#now_ms;
    const wall_ms = this.#wall_ms;
    switch (effect.type) {
      case "send":
        this.#sendVote(effect);
        break;
      case "set-timer":
        this.#setTimer(effect);
        break;
      case "cancel-timer":
        this.#timers.delete(effect.timer);
        break;
      case "build-proposal": {
        const { height, round } = effect;
        const { index: builder } = this;
        const block = this.#application.build({ builder, round, wall_ms });
        this.#work.push({
          type: "input",
          input: { type: "proposal-built", now_ms, height, round, block },
        });
        break;
      }
      case "check-block": {
        const valid = this.#application.check({ ...effect, wall_ms }) === undefined;
        const { height, round, digest } = effect;
        this.#work.push({
          type: "input",
          input: { type: "block-checked", now_ms, height, round, digest, valid },
        });
        break;
      }
      case "voter-behind":
        this.#options.send(effect.voter, { type: "height", height: this.height });
        break;
      case "voter-ahead":
        this.#learn(effect.voter, effect.height - 1);
        break;
      case "evidence":
      case "persist":
      case "deliver":
        break;
    }
  }

  #sendVote(effect: { to: readonly number[]; message: PoaMessage }): void {
    for (const message of this.#options.tamper(effect.message)) {
      this.#options.observe({ type: "sent", voter: this.index, message });
      for (const voter of effect.to) this.#options.send(voter, { type: "vote", message });
    }
    const crashed = this.#afterVote;
    if (crashed === undefined) return;
    this.crash();
    crashed();
  }

  #setTimer(effect: { timer: string; delay_ms: number }): void {
    const id = this.#timerCount++;
    this.#timers.set(effect.timer, id);
    this.#later(effect.delay_ms, () => {
      if (this.#timers.get(effect.timer) !== id) return;
      this.#timers.delete(effect.timer);
      this.#take({ type: "timer", now_ms: this.#now_ms, timer: effect.timer });
    });
  }

  #finalise(final: FinalBlock): void {
    const { block, decision } = final;
    this.#durable.blocks.push({ block, decision });
    // Only votes above the last durable block can still matter.
    if (this.#durable.votes.length > 200) this.#durable.votes.splice(0, 100);
    this.#application.finalise(final);
    this.#options.observe({ type: "final", voter: this.index, block, decision });
  }

  /** Before anything that waits: the engine is still at a height that is over. */
  #startHeight(): void {
    const next = this.#application.nextHeight(this.#wall_ms);
    const input = { type: "height-started", now_ms: this.#now_ms, ...next } as const;
    this.#work.unshift({ type: "input", input });
    this.#pump();
  }

  #takeBlocks(work: { from: number; blocks: readonly FinalBlock[] }): void {
    let helped = false;
    for (const final of work.blocks) {
      if (final.decision.height !== this.height + 1 || !this.#isProved(final)) continue;
      this.#finalise(final);
      helped = true;
    }
    this.#catchUp.answered({ peer: work.from, helped, now_ms: this.#now_ms });
    if (helped) this.#startHeight();
    this.#askForBlocks();
  }

  #isProved({ block, decision }: FinalBlock): boolean {
    const digest = lightDigestOf(block);
    if (digest === undefined || !equalBytes(digest, decision.digest)) return false;
    return sealProblem(this.#options.consortium, decision) === undefined;
  }

  #announce(): void {
    for (const voter of this.#options.consortium.voterSet.voters.keys()) {
      if (voter !== this.index) this.#options.send(voter, { type: "height", height: this.height });
    }
    this.#askForBlocks();
    this.#later(announce_ms, () => this.#announce());
  }

  #learn(peer: number, height: number): void {
    if (height <= this.height) return;
    this.#catchUp.learn({ peer, height, now_ms: this.#now_ms });
    this.#askForBlocks();
  }

  #askForBlocks(): void {
    const request = this.#catchUp.next({
      ownHeight: this.height,
      now_ms: this.#now_ms,
      isReachable: () => true,
    });
    if (request !== undefined) this.#options.send(request.peer, { type: "request", request });
  }
}

function newCatchUp(): CatchUp {
  return new CatchUp({ grace_ms: 40, timeout_ms: 150, penalty_ms: 100, blocksMax: blocksAtOnce });
}
