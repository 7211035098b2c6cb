import type { ChainBlock } from "../block.ts";

/** What a run's checkers see of its replicas; a twin has a seat of its own. */
export type Observed =
  | {
      readonly type: "joined";
      readonly seat: number;
      readonly now_ms: number;
      readonly block: ChainBlock;
    }
  | {
      readonly type: "left";
      readonly seat: number;
      readonly now_ms: number;
      readonly block: ChainBlock;
    }
  | {
      readonly type: "final";
      readonly seat: number;
      readonly now_ms: number;
      readonly block: ChainBlock;
    }
  /** What it had told stays told; it tells its chain anew when it starts again. */
  | { readonly type: "crashed"; readonly seat: number; readonly now_ms: number }
  | { readonly type: "restarted"; readonly seat: number; readonly now_ms: number }
  /** It has begun to lead in this term. */
  | {
      readonly type: "leads";
      readonly seat: number;
      readonly now_ms: number;
      readonly term: number;
    }
  /** It leads no longer. */
  | { readonly type: "follows"; readonly seat: number; readonly now_ms: number }
  /** The storm is over. */
  | { readonly type: "calm"; readonly now_ms: number }
  /** The run is over. */
  | { readonly type: "end"; readonly now_ms: number };

/** One invariant over a whole run. */
export interface Checker {
  readonly name: string;
  /** What is wrong with what it sees, the first time; undefined where nothing is. */
  see(observed: Observed): string | undefined;
}

/** The chains as their replicas told them, which every checker needs. */
export class ToldChains {
  readonly #chains = new Map<number, ChainBlock[]>();

  of(seat: number): readonly ChainBlock[] {
    return this.#chains.get(seat) ?? [];
  }

  get seats(): readonly number[] {
    return [...this.#chains.keys()].sort((a, b) => a - b);
  }

  see(observed: Observed): void {
    if (observed.type === "joined") {
      const chain = this.#chains.get(observed.seat) ?? [];
      this.#chains.set(observed.seat, chain);
      chain.push(observed.block);
    }
    if (observed.type === "left") this.#chains.get(observed.seat)?.pop();
    if (observed.type === "crashed") this.#chains.set(observed.seat, []);
  }
}
