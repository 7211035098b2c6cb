import { equalBytes } from "@voltfog/runtime";
import type { Application, NextHeight } from "../application.ts";
import type { Decision, VoterSet } from "../engine.ts";
import {
  decodeLightBlock,
  encodeLightBlock,
  lightDigestOf,
  transactionsMax,
} from "./light-block.ts";
import { type ElectorateMistakes, LightElectorate } from "./light-electorate.ts";

export const blockInterval_ms = 100;
export const emptyBlockInterval_ms = 500;
/** How far ahead of a voter's clock a block's time may be. */
const timeAhead_ms = 200;
/** A chain of numbered transactions: enough state to tell a valid block from an invalid one. */
export class LightApplication implements Application {
  readonly #electorate: LightElectorate;
  readonly #nextSalt: () => number;
  readonly #takesReplays: boolean;
  readonly #included = new Set<number>();
  readonly #waiting = new Set<number>();
  #height = 0;
  #parent: Uint8Array = new Uint8Array(32);
  #parentTime_ms = 0;
  #parentSeals = 0;

  constructor(options: {
    /** How many voters the chain starts with. */
    voters: number;
    nextSalt: () => number;
    /** A fault for the checkers to find: a transaction is taken as often as it is sent. */
    takesReplays: boolean;
    mistakes?: ElectorateMistakes;
  }) {
    this.#electorate = new LightElectorate(options);
    this.#nextSalt = options.nextSalt;
    this.#takesReplays = options.takesReplays;
  }

  get height(): number {
    return this.#height;
  }

  /** Of the next height. */
  get voterSet(): VoterSet {
    return this.#electorate.voterSet;
  }

  digestOf(block: Uint8Array): Uint8Array | undefined {
    return lightDigestOf(block);
  }

  submit(transaction: number): void {
    if (this.#isNew(transaction)) this.#waiting.add(transaction);
  }

  nextHeight(wall_ms: number): NextHeight {
    const until = (interval_ms: number): number =>
      Math.min(interval_ms, Math.max(0, this.#parentTime_ms + interval_ms - wall_ms));
    return {
      height: this.#height + 1,
      voterSet: this.voterSet,
      earliest_ms: until(blockInterval_ms),
      idle_ms: until(emptyBlockInterval_ms),
      transactionsWaiting: this.#waiting.size > 0,
      leader: this.#electorate.leader,
    };
  }

  build(options: {
    round: number;
    builder: number;
    parent: Decision | undefined;
    wall_ms: number;
  }): Uint8Array {
    const isIdle = options.round === 0 && this.#waiting.size === 0;
    const interval_ms = isIdle ? emptyBlockInterval_ms : blockInterval_ms;
    return encodeLightBlock({
      height: this.#height + 1,
      parent: this.#parent,
      builder: options.builder,
      time_ms: Math.max(Math.round(options.wall_ms), this.#parentTime_ms + interval_ms),
      salt: this.#nextSalt(),
      sealedBy: (this.#parentSeals | sealBits(options.parent)) >>> 0,
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
    if (block.sealedBy >= 2 ** this.#electorate.parentVoters) return "BLOCK_CERTIFICATE";
    const isUsable =
      new Set(block.transactions).size === block.transactions.length &&
      block.transactions.every((transaction) => this.#isNew(transaction));
    return isUsable ? undefined : "BLOCK_TRANSACTION";
  }

  #isNew(transaction: number): boolean {
    return this.#takesReplays || !this.#included.has(transaction);
  }

  finalise(final: { block: Uint8Array; decision: Decision }): void {
    const block = decodeLightBlock(final.block);
    if (block === undefined) return;
    this.#height = block.height;
    this.#parent = final.decision.digest;
    this.#parentTime_ms = block.time_ms;
    this.#parentSeals = sealBits(final.decision);
    this.#electorate.finalise(block, final.decision);
    for (const transaction of block.transactions) {
      this.#included.add(transaction);
      this.#waiting.delete(transaction);
    }
  }
}

function sealBits(decision: Decision | undefined): number {
  let bits = 0;
  for (const { voter } of decision?.seals ?? []) bits |= 1 << voter;
  return bits >>> 0;
}
