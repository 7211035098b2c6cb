import { type Crypto, concatBytes, type Signer, utf8 } from "@voltfog/runtime";
import { blockId, type ChainBlock } from "./block.ts";
import { isLonger, tipHeight } from "./block-tree.ts";
import { committeeOf, type LatencyRow, noAnswer_us } from "./committee.ts";
import {
  type ChainRules,
  type ChainState,
  type ChainStep,
  exchange,
  restoreChain,
  takeBlocks,
  tellChain,
  tipId,
  tipMessage,
} from "./longest-chain.ts";
import type { Machine, MachineEffect, MachineInput, MachineStep } from "./machine.ts";
import type { ComparisonMessage } from "./message.ts";

export interface PublishedAuthorityOptions {
  readonly crypto: Crypto;
  /** Keys of all authorities, by replica. */
  readonly keys: readonly Uint8Array[];
  readonly signer: Signer;
  /** This replica's number. */
  readonly self: number;
  /** How many of them verify at a time. */
  readonly committee: number;
  /** Wall time at which slot 0 began, the same for all replicas. */
  readonly start_ms: number;
  readonly blockInterval_ms: number;
  /** Slots between two elections of the committee. */
  readonly epochSlots: number;
  /** Blocks on top of a block that is called final; the published design commits at once, so 0. */
  readonly finalDepth: number;
  readonly announce_ms: number;
}

export interface PublishedAuthorityState {
  readonly chain: ChainState;
  /** Number of the last gather effect, and the slot that it was for. */
  readonly ask: number;
  readonly slot: number;
  readonly committee: readonly number[];
  /** Last reports, by replica. */
  readonly rows: readonly (LatencyRow | undefined)[];
  /** When the pings of the epoch left, and what came back so far. */
  readonly pinged: { readonly epoch: number; readonly at_ms: number };
  readonly measured_us: readonly number[];
}

const domain = utf8("voltfog/comparison-authority/1\n");

type Next = MachineStep<PublishedAuthorityState>;

/** Whether one of the authorities signed the block. */
export function isAuthored(
  block: ChainBlock,
  { keys, crypto }: { keys: readonly Uint8Array[]; crypto: Crypto },
): boolean {
  const publicKey = keys[block.author];
  const message = concatBytes(domain, blockId(block, crypto));
  return (
    publicKey !== undefined && crypto.verify({ publicKey, message, signature: block.signature })
  );
}

/**
 * Proof of authority as the EU deliverable describes it: the committee's next member broadcasts a block,
 * everybody commits it in that one round, and where two blocks meet the longest chain wins. Clocks and
 * latencies are trusted, nobody votes, nothing proves that a block is final. Source: D5.3 (2024) §5.1.3.
 */
export function createPublishedAuthority(
  options: PublishedAuthorityOptions,
  changes: Partial<ChainRules> = {},
): Machine<PublishedAuthorityState> {
  const authority = new Authority(options, changes);
  return {
    restore: (records) => authority.restore(records),
    step: (state, input) => authority.step(state, input),
  };
}

/** The rules of one replica; it keeps nothing between two steps. */
class Authority {
  readonly #options: PublishedAuthorityOptions;
  readonly #changes: Partial<ChainRules>;
  readonly #others: readonly number[];

  constructor(options: PublishedAuthorityOptions, changes: Partial<ChainRules>) {
    this.#options = options;
    this.#changes = changes;
    this.#others = options.keys.map((_, i) => i).filter((i) => i !== options.self);
  }

  restore(records: readonly Uint8Array[]): PublishedAuthorityState {
    const { keys, committee } = this.#options;
    const all = keys.map((_, i) => i);
    return {
      chain: restoreChain(records, this.#rules(Number.MAX_SAFE_INTEGER)),
      ask: 0,
      slot: -1,
      committee: all.slice(0, committee),
      rows: all.map(() => undefined),
      pinged: { epoch: -1, at_ms: 0 },
      measured_us: all.map(() => noAnswer_us),
    };
  }

  step(state: PublishedAuthorityState, input: MachineInput): Next {
    switch (input.type) {
      case "started": {
        const slotted = this.#enterSlot(state, input.now_ms);
        const effects = [...tellChain(state.chain), ...this.#announce(state), ...slotted.effects];
        return { state: slotted.state, effects };
      }
      case "timer":
        return input.timer === "slot"
          ? this.#enterSlot(state, input.now_ms)
          : { state, effects: this.#announce(state) };
      case "gathered":
        return input.ask === state.ask ? this.#author(state, input) : { state, effects: [] };
      case "message":
        return this.#hear(state, input);
      default:
        return { state, effects: [] };
    }
  }

  #rules(now_ms: number): ChainRules {
    const { crypto, keys, finalDepth } = this.#options;
    const lastSlot = this.#slotAt(now_ms) + 1;
    return {
      crypto,
      finalDepth,
      // One from the next slot is let in: clocks differ a little.
      isMade: (block) => block.round <= lastSlot && isAuthored(block, { keys, crypto }),
      follows: ({ round }, parent) => parent === undefined || round > parent.round,
      isBetter: isLonger,
      ...this.#changes,
    };
  }

  #slotAt(now_ms: number): number {
    const { start_ms, blockInterval_ms } = this.#options;
    return Math.max(0, Math.floor((now_ms - start_ms) / blockInterval_ms));
  }

  #announce(state: PublishedAuthorityState): readonly MachineEffect[] {
    return [
      { type: "send", to: this.#others, message: tipMessage(state.chain) },
      { type: "set-timer", timer: "announce", delay_ms: this.#options.announce_ms },
    ];
  }

  /** The next block's turn, and at an epoch's first slot a new committee. */
  #enterSlot(state: PublishedAuthorityState, now_ms: number): Next {
    const { start_ms, blockInterval_ms, epochSlots, self } = this.#options;
    const slot = this.#slotAt(now_ms);
    const wait_ms = start_ms + (slot + 1) * blockInterval_ms - now_ms;
    const effects: MachineEffect[] = [{ type: "set-timer", timer: "slot", delay_ms: wait_ms }];
    // A clock that went back must not give the same turn twice.
    if (slot <= state.slot) return { state, effects };
    let next: PublishedAuthorityState = { ...state, slot };
    const epoch = Math.floor(slot / epochSlots);
    if (epoch !== next.pinged.epoch) {
      next = this.#enterEpoch(next, epoch, now_ms);
      effects.push({ type: "send", to: this.#others, message: { type: "ping", number: epoch } });
    } else if (slot % epochSlots === epochSlots - 1) {
      const report = this.#report(next, epoch);
      next = report.state;
      effects.push(report.effect);
    }
    if (next.committee[slot % next.committee.length] !== self || this.#hasAuthored(next, slot)) {
      return { state: next, effects };
    }
    const ask = next.ask + 1;
    return { state: { ...next, ask }, effects: [...effects, { type: "gather", ask }] };
  }

  #enterEpoch(
    state: PublishedAuthorityState,
    epoch: number,
    now_ms: number,
  ): PublishedAuthorityState {
    const { keys, self, committee } = this.#options;
    const before = { rows: state.rows, epoch: epoch - 1, size: committee };
    const isFirst = state.pinged.epoch < 0;
    return {
      ...state,
      committee: isFirst ? state.committee : committeeOf(before),
      pinged: { epoch, at_ms: now_ms },
      measured_us: keys.map((_, i) => (i === self ? 0 : noAnswer_us)),
    };
  }

  #report(
    state: PublishedAuthorityState,
    epoch: number,
  ): { state: PublishedAuthorityState; effect: MachineEffect } {
    const rows = state.rows.with(this.#options.self, { epoch, row_us: state.measured_us });
    const message: ComparisonMessage = { type: "latencies", round: epoch, row: state.measured_us };
    return { state: { ...state, rows }, effect: { type: "send", to: this.#others, message } };
  }

  /** After a restart within a slot the disk says that its block was made already. */
  #hasAuthored({ chain }: PublishedAuthorityState, slot: number): boolean {
    const tip = chain.tree.tip?.block;
    return tip !== undefined && tip.round >= slot;
  }

  #author(
    state: PublishedAuthorityState,
    { records, now_ms }: { records: readonly Uint8Array[]; now_ms: number },
  ): Next {
    const { crypto, signer, self } = this.#options;
    const unsigned: ChainBlock = {
      height: tipHeight(state.chain.tree) + 1,
      parent: tipId(state.chain),
      author: self,
      round: state.slot,
      made_ms: now_ms,
      nonce: 0,
      records,
      signature: new Uint8Array(),
    };
    const signature = signer.sign(concatBytes(domain, blockId(unsigned, crypto)));
    const block = { ...unsigned, signature };
    const step = takeBlocks(state.chain, [block], this.#rules(now_ms));
    const message: ComparisonMessage = { type: "block", block };
    const effects: readonly MachineEffect[] = [
      ...step.effects,
      { type: "send", to: this.#others, message },
    ];
    return { state: { ...state, chain: step.chain }, effects };
  }

  #hear(
    state: PublishedAuthorityState,
    { from, message, now_ms }: { from: number; message: ComparisonMessage; now_ms: number },
  ): Next {
    switch (message.type) {
      case "ping": {
        const pong: ComparisonMessage = { type: "pong", number: message.number };
        return { state, effects: [{ type: "send", to: [from], message: pong }] };
      }
      case "pong": {
        if (message.number !== state.pinged.epoch) return { state, effects: [] };
        const oneWay_us = Math.max(0, Math.round(500 * (now_ms - state.pinged.at_ms)));
        const measured_us = state.measured_us.with(from, Math.min(oneWay_us, noAnswer_us - 1));
        return { state: { ...state, measured_us }, effects: [] };
      }
      case "latencies": {
        if (message.row.length !== this.#options.keys.length) return { state, effects: [] };
        const row = { epoch: message.round, row_us: message.row };
        return { state: { ...state, rows: state.rows.with(from, row) }, effects: [] };
      }
      default: {
        const step: ChainStep = exchange(state.chain, { from, message }, this.#rules(now_ms));
        return { state: { ...state, chain: step.chain }, effects: step.effects };
      }
    }
  }
}
