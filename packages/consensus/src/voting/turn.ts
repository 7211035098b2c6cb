import { type EngineChoice, faultyMaxOf } from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";
import type { EngineEffect } from "../engine.ts";
import type { Flow, Place } from "./flow.ts";
import type { Commit, Prepare, VoteMessage } from "./message.ts";
import type { ShownVote, VotingRules } from "./rules.ts";
import type { Signing } from "./signing.ts";
import { type RoundVotes, type VotingState, votesOf } from "./state.ts";
import { encodeVoteRecord, type VoteRecord } from "./vote-record.ts";

export interface VotingTiming {
  /** How long round 0 has once it is due; round r has 2^r times as long. */
  readonly roundTimeout_ms: number;
  /** Where the doubling ends; must exceed what one decision takes on a slow network. */
  readonly roundTimeoutMax_ms: number;
  /** How often a voter says its newest votes again while a height drags on. */
  readonly resend_ms: number /** How long a collector waits for the last shares of a fast path; a tenth of roundTimeout_ms if not given. */;
  readonly fastWait_ms?: number;
  /** How long what decided waits for the next proposal, to go with it; 5 ms where not given. */
  readonly hold_ms?: number;
}

/** What stays the same over the life of one engine. */
export interface VotingContext {
  readonly engine: EngineChoice;
  readonly flow: Flow;
  readonly signing: Signing;
  readonly rules: VotingRules;
  readonly timing: VotingTiming;
  /** The digest that binds every byte of a block; undefined where the bytes are not a block. */
  readonly digestOf: (block: Uint8Array) => Uint8Array | undefined;
}

/** One step in the making: the state so far and the effects so far. */
export class Turn {
  readonly context: VotingContext;
  readonly now_ms: number;
  readonly effects: EngineEffect<VoteMessage>[] = [];
  state: VotingState;

  constructor(options: { context: VotingContext; state: VotingState; now_ms: number }) {
    this.context = options.context;
    this.state = options.state;
    this.now_ms = options.now_ms;
  }

  set(change: Partial<VotingState>): void {
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

  emit(effect: EngineEffect<VoteMessage>): void {
    this.effects.push(effect);
  }

  persist(record: VoteRecord): void {
    this.emit({ type: "persist", height: record.height, record: encodeVoteRecord(record) });
  }

  /** To every other voter. */
  broadcast(message: VoteMessage): void {
    this.emit({ type: "send", to: this.others(), message });
  }

  /** To whoever gathers such votes, who has its own already; to everybody where nobody does. */
  sendVote(vote: Prepare | Commit, collector: number | undefined): void {
    if (collector === undefined) this.broadcast(vote);
    else if (collector !== this.state.self) {
      this.emit({ type: "send", to: [collector], message: vote });
    }
  }

  others(): number[] {
    return [...this.state.voterSet.voters.keys()].filter((voter) => voter !== this.state.self);
  }

  get quorum(): number {
    return this.context.rules.quorum(this.state.voterSet.voters.length);
  }

  get fastQuorum(): number | undefined {
    return this.context.rules.fastQuorum(this.state.voterSet.voters.length);
  }

  get claimQuorum(): number {
    return this.context.rules.claimQuorum(this.state.voterSet.voters.length);
  }

  get faultLimit(): number {
    return faultyMaxOf(this.context.engine, this.state.voterSet.voters.length);
  }

  proposer(round: number = this.state.round): number {
    return this.context.flow.proposer(this.place(round));
  }

  place(round: number = this.state.round): Place {
    const { voterSet, height, leader } = this.state;
    return { voterSet, height, round, leader };
  }
}

/** The votes for one digest, sorted by voter. */
export function matching<V extends ShownVote>(votes: Iterable<V>, digest: Uint8Array): V[] {
  return [...votes]
    .filter((vote) => equalBytes(vote.digest, digest))
    .sort((a, b) => a.voter - b.voter);
}
