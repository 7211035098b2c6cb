import type { Engine, EngineEffect } from "../engine.ts";
import type { VoteMessage } from "../voting/message.ts";
import type { VotingState } from "../voting/state.ts";
import type { FetchedWork, WorkQueue } from "./work-queue.ts";

/** Steps whose votes are made durable by one write. */
const batchMax = 64;

export interface StepBatch {
  /** To be performed in order. */
  readonly effects: readonly EngineEffect<VoteMessage>[];
  /** To be taken after them. */
  readonly fetched: FetchedWork | undefined;
}

type BlockCheck = EngineEffect<VoteMessage> & { readonly type: "check-block" };

/** Takes the engine through what waits for it, as many steps together as may share a write. */
export class EngineSteps {
  readonly #engine: Engine<VotingState, VoteMessage>;
  readonly #work: WorkQueue;
  readonly #check: (effect: BlockCheck) => void;
  #state: VotingState;

  /** `check` puts its answer into the queue. */
  constructor(options: {
    engine: Engine<VotingState, VoteMessage>;
    /** Votes that survived on disk. */
    records: readonly Uint8Array[];
    work: WorkQueue;
    check: (effect: BlockCheck) => void;
  }) {
    this.#engine = options.engine;
    this.#work = options.work;
    this.#check = options.check;
    this.#state = options.engine.restore(options.records);
  }

  get state(): VotingState {
    return this.#state;
  }

  /**
   * Up to the next decision or fetched blocks. A block is checked on the way, so that the vote on it joins this
   * batch's write: in round 0 nothing waits to be sent but the block's own proposal, which its builder has
   * executed.
   */
  batch(): StepBatch {
    const effects: EngineEffect<VoteMessage>[] = [];
    for (let count = 0; count < batchMax; count++) {
      const work = this.#work.next();
      if (work?.type !== "input") return { effects, fetched: work };
      const step = this.#engine.step(this.#state, work.input);
      this.#state = step.state;
      for (const effect of step.effects) {
        if (effect.type === "check-block" && effect.round === 0) this.#check(effect);
        else effects.push(effect);
      }
      if (step.effects.some(({ type }) => type === "deliver")) break;
    }
    return { effects, fetched: undefined };
  }
}
