import type { FinalBlock } from "./simulated-machine.ts";

/** Old votes are dropped in batches; only votes above the last durable block can still matter. */
const votesMax = 200;

/** What survives a crash: blocks, and votes but for the one that was being written. */
export class SimulatedDisk {
  readonly blocks: FinalBlock[] = [];
  readonly #votes: Uint8Array[] = [];
  #writing: Uint8Array | undefined;

  get votes(): readonly Uint8Array[] {
    return this.#votes;
  }

  begin(vote: Uint8Array): void {
    this.#writing = vote;
  }

  end(vote: Uint8Array): void {
    this.#votes.push(vote);
    if (this.#writing === vote) this.#writing = undefined;
  }

  append(final: FinalBlock): void {
    this.blocks.push(final);
    if (this.#votes.length > votesMax) this.#votes.splice(0, votesMax / 2);
  }

  /** What was being written reached the disk or not, by the toss; true where a vote is lost. */
  crash(isWritten: () => boolean): boolean {
    const vote = this.#writing;
    this.#writing = undefined;
    if (vote === undefined) return false;
    const isThere = isWritten();
    if (isThere) this.#votes.push(vote);
    return !isThere;
  }
}
