import { BoundedQueue } from "@voltfog/runtime";
import type { EngineInput } from "../engine.ts";
import type { PoaMessage } from "../poa/message.ts";
import type { FinalBytes } from "../wire/peer-message.ts";

export type Work =
  | { readonly type: "input"; readonly input: EngineInput<PoaMessage> }
  | { readonly type: "blocks"; readonly from: number; readonly blocks: readonly FinalBytes[] };

/** What may wait from outside at once; beyond it messages are lost, as on a bad network. */
const outsideMax = 8192;

/** What the engine has to do: its own answers and timers first, then what comes from outside. */
export class WorkQueue {
  readonly #outside = new BoundedQueue<Work>({ limit: outsideMax });
  /** Each answers one effect, so there are never many. */
  readonly #own: EngineInput<PoaMessage>[] = [];
  #dropped = 0;

  /** Messages that were lost because too much waited. */
  get dropped(): number {
    return this.#dropped;
  }

  get isEmpty(): boolean {
    return this.#own.length === 0 && this.#outside.size === 0;
  }

  offer(work: Work): void {
    if (!this.#outside.offer(work)) this.#dropped++;
  }

  answer(input: EngineInput<PoaMessage>): void {
    this.#own.push(input);
  }

  /** Before anything that waits: the engine is still at a height that is over. */
  startHeight(input: EngineInput<PoaMessage>): void {
    this.#own.unshift(input);
  }

  next(): Work | undefined {
    const own = this.#own.shift();
    return own === undefined ? this.#outside.poll() : { type: "input", input: own };
  }
}
