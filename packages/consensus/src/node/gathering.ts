import type { Clock } from "@voltfog/runtime";
import { freshOutlook, isWaitWorth, outlookAfter } from "../voting/wait-outlook.ts";

/**
 * How long after a final block the next proposer waits for those whom it answered: time enough for an answer,
 * the next transaction and one hop between validators. Where blocks are further apart nobody ever waits.
 */
const gather_ms = 8;

/**
 * Of those whom a block answered, so many must come back in time for a wait to have been worth it. A steady
 * stream brings no more than four fifths of a block in 8 ms, the least interval being 10: there is nothing to
 * gain from waiting for it, and all but every 32nd block goes without.
 */
const worthwhileShare = 7 / 8;

/**
 * What comes between the wish for a block and its building. A block answers its clients all at once, and their
 * next transactions come all at once, a little after the next height has begun: built at once, blocks hold half
 * of the clients each, in turn, and every client waits for two of them. So the builder waits until as many
 * transactions have come as the last block held, but no longer than 8 ms from that block on, and only while
 * such waits are worth it: one that was in vain doubles how many blocks go without one, up to 32.
 */
export class Gathering {
  readonly #clock: Clock;
  /** How many transactions wait for a block. */
  readonly #waiting: () => number;
  readonly #tell: () => void;
  #isTold = false;
  #outlook = freshOutlook;
  #left = 0;
  #answered = 0;
  #until_ms = Number.NEGATIVE_INFINITY;
  #pending: { readonly build: () => void; readonly cancel: () => void } | undefined;

  /** `tell` is called for the first transaction of a height that begins without any. */
  constructor(options: { clock: Clock; waiting: () => number; tell: () => void }) {
    this.#clock = options.clock;
    this.#waiting = options.waiting;
    this.#tell = options.tell;
  }

  /**
   * A block with so many transactions is final, and the next height begins; `left` waited beside them when this
   * validator looked at the block. Who waits now may have been answered by others already.
   */
  heightStarted({ answered, left }: { answered: number; left: number }): void {
    this.stop();
    this.#isTold = this.#waiting() > 0;
    this.#answered = answered;
    this.#left = left;
    this.#until_ms = this.#clock.monotonic_ms() + gather_ms;
  }

  /** Builds now, or later in this height; only the last one that was asked for is built. */
  before(build: () => void): void {
    this.stop();
    const left_ms = this.#until_ms - this.#clock.monotonic_ms();
    if (left_ms <= 0 || this.#isComplete) build();
    else if (isWaitWorth(this.#outlook)) {
      const cancel = this.#clock.after(left_ms, () => this.#end());
      this.#pending = { build, cancel };
    } else {
      this.#outlook = outlookAfter(this.#outlook, true);
      build();
    }
  }

  /** One transaction more waits. */
  grown(): void {
    if (!this.#isTold) {
      this.#isTold = true;
      this.#tell();
    }
    if (this.#pending !== undefined && this.#isComplete) this.#end();
  }

  /** Forgets what was to be built. */
  stop(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
  }

  get #arrived(): number {
    return this.#waiting() - this.#left;
  }

  get #isComplete(): boolean {
    return this.#arrived >= this.#answered;
  }

  #end(): void {
    const build = this.#pending?.build;
    this.stop();
    const wasWorth = this.#arrived >= worthwhileShare * this.#answered;
    this.#outlook = outlookAfter(this.#outlook, wasWorth);
    build?.();
  }
}
