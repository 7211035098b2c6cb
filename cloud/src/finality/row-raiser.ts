import type { CompactRange } from "@voltfog/ledger";
import { type Crypto, equalBytes, type Problem, toHex } from "@voltfog/runtime";
import { decodeTree, encodeTree, leavesOf } from "../intake/log-tree.ts";
import type { FinalCheckpoint, FinalDelta, TelemetryStore } from "../store/telemetry-store.ts";

export interface RowRaiserOptions {
  readonly unitId: string;
  readonly store: TelemetryStore;
  readonly crypto: Crypto;
  readonly listener: {
    raised(checkpoint: FinalCheckpoint, delta: readonly FinalDelta[]): void;
    /** The chain's checkpoint and the stored entries contradict each other. */
    diverged(problem: Problem): Promise<void>;
  };
}

const entriesAtOnce = 4096;

/**
 * Raises one unit's stored rows to final. The tree is computed again from the entries as the store
 * holds them, so final means: these stored bytes hash to the root that the consortium certified.
 */
export class RowRaiser {
  readonly #options: RowRaiserOptions;
  #final: CompactRange | undefined;
  #height: number | null = null;
  #diverged = false;
  #wanted = false;
  #running: Promise<void> | undefined;

  constructor(options: RowRaiserOptions) {
    this.#options = options;
  }

  /** Entries verified as final, and the block that made the newest of them so. */
  get final(): { readonly size: number; readonly height: number | null } {
    return { size: this.#final?.size ?? 0, height: this.#height };
  }

  /** Raises as far as checkpoints and entries reach. Calls while it runs are joined into one more run. */
  raise(): Promise<void> {
    this.#wanted = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Resolves when nothing is being raised. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => {});
  }

  /** Reads how far it had got, so that it can be shown before the first run. */
  async restore(): Promise<void> {
    await this.#restore();
  }

  async #run(): Promise<void> {
    while (this.#wanted && !this.#diverged) {
      this.#wanted = false;
      const { store, unitId } = this.#options;
      const { size: storedSize } = await store.position(unitId);
      while (await this.#raiseOne(storedSize)) {
        // Each final checkpoint keeps its own height, so they are taken one by one.
      }
    }
  }

  async #raiseOne(storedSize: number): Promise<boolean> {
    const { store, unitId, crypto, listener } = this.#options;
    const from = this.#final ?? (await this.#restore());
    const checkpoint = await store.nextCheckpoint({ unitId, size: from.size });
    if (checkpoint === undefined || checkpoint.size > storedSize) return false;
    const range = from.clone();
    while (range.size < checkpoint.size) {
      const to = Math.min(checkpoint.size, range.size + entriesAtOnce);
      const entries = await store.entryBytes({ unitId, from: range.size, to });
      if (entries.length !== to - range.size) {
        await this.#diverge(`entries ${range.size} to ${to} are not all in the store`);
        return false;
      }
      range.appendAll(leavesOf(entries, crypto));
    }
    if (!equalBytes(range.root(), checkpoint.root)) {
      await this.#diverge(
        `block ${checkpoint.height} made root ${toHex(checkpoint.root)} final at ${checkpoint.size} entries, the stored entries give ${toHex(range.root())}`,
      );
      return false;
    }
    const delta = await store.commitFinality({ ...checkpoint, tree: encodeTree(range) });
    this.#final = range;
    this.#height = checkpoint.height;
    listener.raised(checkpoint, delta);
    return true;
  }

  async #restore(): Promise<CompactRange> {
    const stored = await this.#options.store.finalRange(this.#options.unitId);
    this.#height = stored.height;
    this.#final = decodeTree(stored.tree, this.#options.crypto);
    return this.#final;
  }

  /** Both sides only ever grow, so what differs once differs for good: nothing more is raised. */
  async #diverge(detail: string): Promise<void> {
    this.#diverged = true;
    await this.#options.listener.diverged({ code: "FINAL_ROOT_MISMATCH", detail });
  }
}
