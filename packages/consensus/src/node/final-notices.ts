import type { CheckedBlock } from "@voltfog/ledger";

/** A block that became final and durable here, and when. */
export interface FinalNotice {
  readonly height: number;
  readonly checked: CheckedBlock;
  readonly final_ms: number;
}

/** Who is told of every block that becomes final. */
export class FinalNotices {
  readonly #listeners = new Set<(notice: FinalNotice) => void>();

  #last_ms = 0;

  /** When it was told of the last one; 0 before the first. */
  get last_ms(): number {
    return this.#last_ms;
  }

  /** The returned function ends it. */
  listen(listener: (notice: FinalNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(blocks: readonly CheckedBlock[], final_ms: number): void {
    this.#last_ms = final_ms;
    for (const checked of blocks) {
      const notice = { height: checked.block.header.height, checked, final_ms };
      for (const listener of this.#listeners) listener(notice);
    }
  }
}
