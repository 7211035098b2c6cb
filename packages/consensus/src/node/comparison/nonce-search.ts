import type { Clock } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { type ChainBlock, headerBytes } from "../../comparison/block.ts";
import { isMined } from "../../comparison/proof-of-work.ts";

/** How long a slice of hashing keeps the process from anything else. */
const slice_ms = 2;
const hashesPerLook = 64;

export interface NonceSearchOptions {
  readonly hashesPerBlock: number;
  /** Most hashes a second; without it the search takes all the time that is left. */
  readonly hashesPerSecond?: number | undefined;
  readonly clock: Clock;
  readonly found: (block: ChainBlock) => void;
}

/** Real hashing in slices, so that messages and the disk have their turn between them. */
export class NonceSearch {
  readonly #options: NonceSearchOptions;
  #block: ChainBlock | undefined;
  #prefix: Uint8Array = new Uint8Array();
  #nonce = 0;
  #hashes = 0;
  #isScheduled = false;
  #last_ms = 0;

  constructor(options: NonceSearchOptions) {
    this.#options = options;
  }

  /** Since the start. */
  get hashes(): number {
    return this.#hashes;
  }

  /** The search for an earlier block ends. */
  search(block: ChainBlock): void {
    this.#block = block;
    this.#prefix = headerBytes(block, nodeCrypto);
    this.#nonce = 0;
    this.#schedule();
  }

  stop(): void {
    this.#block = undefined;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const run = (): void => {
      this.#isScheduled = false;
      this.#slice();
    };
    if (this.#options.hashesPerSecond === undefined) setImmediate(run);
    else this.#options.clock.after(slice_ms, run);
  }

  #slice(): void {
    const block = this.#block;
    if (block === undefined) return;
    const { clock, hashesPerSecond } = this.#options;
    const start_ms = clock.monotonic_ms();
    const most = hashesPerSecond === undefined ? Number.POSITIVE_INFINITY : this.#due(start_ms);
    for (let done = 0; done < most; done += hashesPerLook) {
      const nonce = this.#tryNonces(Math.min(hashesPerLook, most - done));
      if (nonce !== undefined) {
        this.#block = undefined;
        this.#options.found({ ...block, nonce });
        return;
      }
      if (clock.monotonic_ms() - start_ms >= slice_ms) break;
    }
    this.#schedule();
  }

  /** What the rate allows since the last slice; what was left undone is not made up for. */
  #due(now_ms: number): number {
    const elapsed_ms = Math.min(now_ms - this.#last_ms, 10 * slice_ms);
    this.#last_ms = now_ms;
    return Math.round(((this.#options.hashesPerSecond ?? 0) * elapsed_ms) / 1000);
  }

  #tryNonces(count: number): number | undefined {
    const whole = Buffer.alloc(this.#prefix.length + 8);
    whole.set(this.#prefix);
    for (let i = 0; i < count; i++) {
      const nonce = this.#nonce;
      this.#nonce++;
      whole.writeUInt32BE(Math.floor(nonce / 2 ** 32), this.#prefix.length);
      whole.writeUInt32BE(nonce >>> 0, this.#prefix.length + 4);
      this.#hashes++;
      const id = nodeCrypto.sha256(whole);
      if (isMined(id, this.#options.hashesPerBlock)) return nonce;
    }
    return undefined;
  }
}
