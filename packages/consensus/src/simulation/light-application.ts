import { ByteWriter, decodeBytes, equalBytes } from "@voltfog/runtime";
import type { Application, NextHeight } from "../application.ts";
import type { Decision, VoterSet } from "../engine.ts";
import { simulatedCrypto } from "./keyed-hash.ts";

export interface LightBlock {
  readonly height: number;
  readonly parent: Uint8Array;
  readonly builder: number;
  readonly time_ms: number;
  /** Differs with every block a voter ever builds, so that two builds are never the same block. */
  readonly salt: number;
  readonly transactions: readonly number[];
}

export const blockInterval_ms = 100;
export const emptyBlockInterval_ms = 500;
/** How far ahead of a voter's clock a block's time may be. */
const timeAhead_ms = 200;
const transactionsMax = 20;

export function encodeLightBlock(block: LightBlock): Uint8Array {
  const writer = new ByteWriter().u64(block.height).raw(block.parent).u16(block.builder);
  writer.u64(block.time_ms).u32(block.salt).u32(block.transactions.length);
  for (const transaction of block.transactions) writer.u32(transaction);
  return writer.finish();
}

export function decodeLightBlock(bytes: Uint8Array): LightBlock | undefined {
  const block = decodeBytes(bytes, (reader) => ({
    height: reader.u64(),
    parent: reader.raw(32),
    builder: reader.u16(),
    time_ms: reader.u64(),
    salt: reader.u32(),
    transactions: reader.list({ limit: transactionsMax, read: (inner) => inner.u32() }),
  }));
  return block.ok ? block.value : undefined;
}

export function lightDigestOf(block: Uint8Array): Uint8Array | undefined {
  return decodeLightBlock(block) === undefined ? undefined : simulatedCrypto.sha256(block);
}

/** A chain of numbered transactions: enough state to tell a valid block from an invalid one. */
export class LightApplication implements Application {
  readonly #voterSet: VoterSet;
  readonly #nextSalt: () => number;
  readonly #included = new Set<number>();
  readonly #waiting = new Set<number>();
  #height = 0;
  #parent: Uint8Array = new Uint8Array(32);
  #parentTime_ms = 0;

  constructor(options: { voterSet: VoterSet; nextSalt: () => number }) {
    this.#voterSet = options.voterSet;
    this.#nextSalt = options.nextSalt;
  }

  get height(): number {
    return this.#height;
  }

  digestOf(block: Uint8Array): Uint8Array | undefined {
    return lightDigestOf(block);
  }

  submit(transaction: number): void {
    if (!this.#included.has(transaction)) this.#waiting.add(transaction);
  }

  nextHeight(wall_ms: number): NextHeight {
    const until = (interval_ms: number): number =>
      Math.min(interval_ms, Math.max(0, this.#parentTime_ms + interval_ms - wall_ms));
    return {
      height: this.#height + 1,
      voterSet: this.#voterSet,
      earliest_ms: until(blockInterval_ms),
      idle_ms: until(emptyBlockInterval_ms),
      transactionsWaiting: this.#waiting.size > 0,
    };
  }

  build(options: { round: number; builder: number; wall_ms: number }): Uint8Array {
    const isIdle = options.round === 0 && this.#waiting.size === 0;
    const interval_ms = isIdle ? emptyBlockInterval_ms : blockInterval_ms;
    return encodeLightBlock({
      height: this.#height + 1,
      parent: this.#parent,
      builder: options.builder,
      time_ms: Math.max(Math.round(options.wall_ms), this.#parentTime_ms + interval_ms),
      salt: this.#nextSalt(),
      transactions: [...this.#waiting].slice(0, transactionsMax),
    });
  }

  check(options: {
    round: number;
    block: Uint8Array;
    builder: number | undefined;
    wall_ms: number;
  }): string | undefined {
    const block = decodeLightBlock(options.block);
    if (block === undefined || block.height !== this.#height + 1) return "BLOCK_OTHER_HEIGHT";
    if (options.builder !== undefined && block.builder !== options.builder) return "BLOCK_PROPOSER";
    if (block.time_ms > options.wall_ms + timeAhead_ms) return "BLOCK_TIME";
    const isEmptyTooEarly =
      options.round === 0 &&
      block.transactions.length === 0 &&
      block.time_ms < this.#parentTime_ms + emptyBlockInterval_ms;
    if (isEmptyTooEarly || block.time_ms < this.#parentTime_ms + blockInterval_ms) {
      return "BLOCK_EARLY";
    }
    if (!equalBytes(block.parent, this.#parent)) return "BLOCK_OTHER_PARENT";
    const isUsable =
      new Set(block.transactions).size === block.transactions.length &&
      block.transactions.every((transaction) => !this.#included.has(transaction));
    return isUsable ? undefined : "BLOCK_TRANSACTION";
  }

  finalise(final: { block: Uint8Array; decision: Decision }): void {
    const block = decodeLightBlock(final.block);
    if (block === undefined) return;
    this.#height = block.height;
    this.#parent = final.decision.digest;
    this.#parentTime_ms = block.time_ms;
    for (const transaction of block.transactions) {
      this.#included.add(transaction);
      this.#waiting.delete(transaction);
    }
  }
}
