import type { Move } from "./attachment.ts";

export interface DatedMove extends Move {
  readonly at_ms: number;
}

/** Moves that are remembered, over restarts too; older ones are forgotten. */
const movesMax = 1000;

/** The latest moves, and how many there were since the start. */
export class MoveHistory {
  #moves: DatedMove[];
  #count = 0;

  constructor(start: readonly DatedMove[]) {
    this.#moves = start.slice(-movesMax);
  }

  add(move: DatedMove): void {
    this.#moves.push(move);
    this.#count += 1;
    if (this.#moves.length > movesMax) this.#moves = this.#moves.slice(-movesMax);
  }

  /** The newest first. */
  latest(limit: number): readonly DatedMove[] {
    return this.#moves.slice(-limit).reverse();
  }

  get all(): readonly DatedMove[] {
    return this.#moves;
  }

  /** Moves since this process started. */
  get count(): number {
    return this.#count;
  }
}
