import type { Decision, Engine, EngineEffect, EngineInput, VoterSet } from "../engine.ts";
import type { VoteMessage } from "../voting/message.ts";
import type { VotingState } from "../voting/state.ts";
import type { EventQueue } from "./event-queue.ts";
import { decodeTimedBlock, encodeTimedBlock, type TimedBlock } from "./timed-block.ts";

export interface TimedVoterOptions {
  readonly voter: number;
  readonly voterSet: VoterSet;
  readonly engine: Engine<VotingState, VoteMessage>;
  readonly queue: EventQueue;
  readonly blockInterval_ms: number;
  /** Bytes of a block beside its transactions' numbers. */
  readonly pad_bytes: number;
  readonly send: (sent: { to: readonly number[]; message: VoteMessage }) => void;
  readonly delivered: (final: { block: TimedBlock; decision: Decision }) => void;
}

/** The first block's parent: no voter built it. */
const genesis: TimedBlock = { height: 0, builder: 0, time_ms: 0, transactions: [] };

/**
 * A real engine that costs no time: whatever it asks for happens at once, its disk is always synced and its
 * blocks are always valid. What is left of a run's time is the links' and the block interval's.
 */
export class TimedVoter {
  readonly #options: TimedVoterOptions;
  readonly #timers = new Map<string, number>();
  readonly #inputs: EngineInput<VoteMessage>[] = [];
  readonly #waiting = new Set<number>();
  #timerCount = 0;
  #isBusy = false;
  #state: VotingState;
  #parent = genesis;

  constructor(options: TimedVoterOptions) {
    this.#options = options;
    this.#state = options.engine.restore([]);
  }

  start(): void {
    this.#startHeight();
  }

  submit(transaction: number): void {
    this.#waiting.add(transaction);
    this.take({ type: "transactions-waiting", now_ms: this.#now_ms });
  }

  take(input: EngineInput<VoteMessage>): void {
    this.#inputs.push(input);
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      const { state, effects } = this.#options.engine.step(this.#state, next);
      this.#state = state;
      for (const effect of effects) this.#perform(effect);
    }
    this.#isBusy = false;
  }

  get #now_ms(): number {
    return this.#options.queue.now_ms;
  }

  #perform(effect: EngineEffect<VoteMessage>): void {
    switch (effect.type) {
      case "send":
        this.#options.send(effect);
        break;
      case "set-timer":
        this.#setTimer(effect);
        break;
      case "cancel-timer":
        this.#timers.delete(effect.timer);
        break;
      case "build-proposal":
        this.#build(effect);
        break;
      case "check-block": {
        const { height, round, digest } = effect;
        const now_ms = this.#now_ms;
        this.take({ type: "block-checked", now_ms, height, round, digest, valid: true });
        break;
      }
      case "deliver":
        this.#deliver(effect);
        break;
      default: // Nothing is written, nobody falls behind and nobody lies here.
        break;
    }
  }

  #setTimer({ timer, delay_ms }: { timer: string; delay_ms: number }): void {
    const id = this.#timerCount++;
    this.#timers.set(timer, id);
    this.#options.queue.after(delay_ms, () => {
      if (this.#timers.get(timer) !== id) return;
      this.#timers.delete(timer);
      this.take({ type: "timer", now_ms: this.#now_ms, timer });
    });
  }

  #build({ height, round }: { height: number; round: number }): void {
    const { voter, pad_bytes } = this.#options;
    const time_ms = Math.ceil(this.#now_ms);
    const transactions = [...this.#waiting];
    const block = encodeTimedBlock({ height, builder: voter, time_ms, transactions }, pad_bytes);
    this.take({ type: "proposal-built", now_ms: this.#now_ms, height, round, block });
  }

  #deliver(final: { block: Uint8Array; decision: Decision }): void {
    const block = decodeTimedBlock(final.block);
    if (block === undefined || block.height !== this.#parent.height + 1) return;
    this.#parent = block;
    for (const transaction of block.transactions) this.#waiting.delete(transaction);
    this.#options.delivered({ block, decision: final.decision });
    this.#startHeight();
  }

  /** A block is due every interval, whether a transaction waits or not. */
  #startHeight(): void {
    const { voterSet, blockInterval_ms } = this.#options;
    const { height, time_ms, builder } = this.#parent;
    const wait_ms = height === 0 ? 0 : Math.max(0, time_ms + blockInterval_ms - this.#now_ms);
    this.take({
      type: "height-started",
      now_ms: this.#now_ms,
      height: height + 1,
      voterSet,
      earliest_ms: wait_ms,
      idle_ms: wait_ms,
      transactionsWaiting: true,
      leader: builder,
    });
  }
}
