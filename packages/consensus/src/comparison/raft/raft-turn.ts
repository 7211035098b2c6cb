import type { MachineEffect, MachineStep } from "../machine.ts";
import type { ComparisonMessage } from "../message.ts";
import type { RaftOptions } from "./raft-options.ts";
import { encodeRaftRecord } from "./raft-record.ts";
import type { RaftRules } from "./raft-rules.ts";
import type { RaftState } from "./raft-state.ts";

/** One step in the making: the state as it becomes and the effects so far. */
export class Turn {
  readonly options: RaftOptions;
  readonly rules: RaftRules;
  readonly now_ms: number;
  #state: RaftState;
  readonly #effects: MachineEffect[] = [];

  constructor(start: { state: RaftState; options: RaftOptions; rules: RaftRules; now_ms: number }) {
    this.options = start.options;
    this.rules = start.rules;
    this.now_ms = start.now_ms;
    this.#state = start.state;
  }

  get state(): RaftState {
    return this.#state;
  }

  change(change: Partial<RaftState>): void {
    this.#state = { ...this.#state, ...change };
  }

  effect(effect: MachineEffect): void {
    this.#effects.push(effect);
  }

  send(to: readonly number[], message: ComparisonMessage): void {
    this.effect({ type: "send", to, message });
  }

  get others(): readonly number[] {
    const { replicas, self } = this.options;
    return Array.from({ length: replicas }, (_, i) => i).filter((i) => i !== self);
  }

  get quorum(): number {
    return this.rules.quorumOf(this.options.replicas);
  }

  /** Whoever hears of a later term is a follower in it, with its vote free. [Raft §5.1] */
  learnTerm(term: number): void {
    if (term <= this.#state.term) return;
    this.setTerm(term, undefined);
    this.follow();
  }

  /** On disk before anything is sent that rests on it. */
  setTerm(term: number, votedFor: number | undefined): void {
    this.change({ term, votedFor });
    this.effect({ type: "persist", record: encodeRaftRecord({ type: "term", term, votedFor }) });
  }

  follow(): void {
    const wasLeader = this.#state.role === "leader";
    this.change({ role: "follower", votes: [] });
    if (!wasLeader) return;
    this.effect({ type: "cancel-timer", timer: "heartbeat" });
    this.effect({ type: "cancel-timer", timer: "block" });
    this.awaitElection();
  }

  /** Waits for a leader anew, another time than the others do. [Raft §5.2] */
  awaitElection(): void {
    const { electionTimeout_ms, seed, self } = this.options;
    const draws = this.#state.draws + 1;
    this.change({ draws });
    const delay_ms = electionTimeout_ms * (1 + fraction([seed, self, draws]));
    this.effect({ type: "set-timer", timer: "election", delay_ms: Math.round(delay_ms) });
  }

  finish(): MachineStep<RaftState> {
    return { state: this.#state, effects: this.#effects };
  }
}

/** In [0, 1), the same for the same numbers. Mixing of MurmurHash3 (public domain). */
function fraction(numbers: readonly number[]): number {
  let mixed = 0x9e3779b9;
  for (const number of numbers) {
    mixed = Math.imul(mixed ^ number, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return (mixed >>> 0) / 4294967296;
}
