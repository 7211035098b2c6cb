import { faultTolerance } from "@voltfog/ledger";
import type { EngineEffect } from "../engine.ts";
import { proposerOf } from "../proposer.ts";
import type { PoaMessage } from "./message.ts";
import type { PoaRules } from "./rules.ts";
import type { Signing } from "./signing.ts";
import { type PoaState, type RoundVotes, votesOf } from "./state.ts";
import { encodeVoteRecord, type VoteRecord } from "./vote-record.ts";

export interface PoaTiming {
  /** How long round 0 has once it is due; round r has 2^r times as long. */
  readonly roundTimeout_ms: number;
  /** Where the doubling ends; must exceed what one decision takes on a slow network. */
  readonly roundTimeoutMax_ms: number;
  /** How often a voter says its newest votes again while a height drags on. */
  readonly resend_ms: number;
}

/** What stays the same over the life of one engine. */
export interface PoaContext {
  readonly signing: Signing;
  readonly rules: PoaRules;
  readonly timing: PoaTiming;
  /** The digest that binds every byte of a block; undefined where the bytes are not a block. */
  readonly digestOf: (block: Uint8Array) => Uint8Array | undefined;
}

/** One step in the making: the state so far and the effects so far. */
export class Turn {
  readonly context: PoaContext;
  readonly now_ms: number;
  readonly effects: EngineEffect<PoaMessage>[] = [];
  state: PoaState;

  constructor(options: { context: PoaContext; state: PoaState; now_ms: number }) {
    this.context = options.context;
    this.state = options.state;
    this.now_ms = options.now_ms;
  }

  set(change: Partial<PoaState>): void {
    this.state = { ...this.state, ...change };
  }

  votes(round: number = this.state.round): RoundVotes {
    return votesOf(this.state, round);
  }

  setVotes(round: number, change: Partial<RoundVotes>): void {
    const rounds = new Map(this.state.rounds);
    rounds.set(round, { ...this.votes(round), ...change });
    this.set({ rounds });
  }

  emit(effect: EngineEffect<PoaMessage>): void {
    this.effects.push(effect);
  }

  persist(record: VoteRecord): void {
    this.emit({ type: "persist", height: record.height, record: encodeVoteRecord(record) });
  }

  /** To every other voter. */
  broadcast(message: PoaMessage): void {
    this.emit({ type: "send", to: this.others(), message });
  }

  others(): number[] {
    return [...this.state.voterSet.voters.keys()].filter((voter) => voter !== this.state.self);
  }

  get quorum(): number {
    return this.context.rules.quorum(this.state.voterSet.voters.length);
  }

  get faultLimit(): number {
    return faultTolerance(this.state.voterSet.voters.length);
  }

  proposer(round: number = this.state.round): number {
    const weights = this.state.voterSet.voters.map(({ weight }) => weight);
    return proposerOf({ weights, height: this.state.height, round });
  }
}
