import type { CertificateForm, Equivocation } from "@voltfog/ledger";

/** One voter of an epoch. Votes weigh one each; the weight only shares out the turns to propose. */
export interface Voter {
  readonly key: Uint8Array;
  /** Whole, 0 for one that has no turn; at least one of a set is above 0. */
  readonly weight: number;
  /** Who goes first among equals: the lower one; its place in the set where none is given. */
  readonly rank?: number;
}

/** The voters of an epoch; a voter's index in the list is its name in messages and certificates. */
export interface VoterSet {
  readonly epoch: number;
  readonly voters: readonly Voter[];
}

/** One voter's share of a decision: its signature covers the block, the round and the delay. */
export interface CommitSeal {
  readonly voter: number;
  /** Time from the round falling due at this voter until the proposal reached it, whole ms, u32. */
  readonly delay_ms: number;
  readonly signature: Uint8Array;
}

/**
 * What makes a block final: the seals of a quorum for one round, sorted by voter; on a fast path of all but
 * the redundant voters.
 */
export interface Decision {
  readonly form: CertificateForm;
  readonly height: number;
  readonly round: number;
  readonly digest: Uint8Array;
  readonly seals: readonly CommitSeal[];
}

/** The block of a height is final and durable; voting on the next one begins. */
export interface HeightStarted {
  readonly type: "height-started";
  readonly now_ms: number;
  readonly height: number;
  readonly voterSet: VoterSet;
  /** Wait before this height's block may be proposed at all: parent's time + T. */
  readonly earliest_ms: number;
  /** Wait before it is due even when there is nothing to put in it. */
  readonly idle_ms: number;
  readonly transactionsWaiting: boolean;
  /** Who built the last final block, where it still votes: the leader of engines whose leader stays. */
  readonly leader?: number;
}

/** `now_ms` is the voter's monotonic clock. Answers to an effect name the effect they answer. */
export type EngineInput<Message> =
  | HeightStarted
  | { readonly type: "transactions-waiting"; readonly now_ms: number }
  | { readonly type: "message"; readonly now_ms: number; readonly message: Message }
  | { readonly type: "timer"; readonly now_ms: number; readonly timer: string }
  | {
      readonly type: "proposal-built";
      readonly now_ms: number;
      readonly height: number;
      readonly round: number;
      readonly block: Uint8Array;
    }
  | {
      readonly type: "block-checked";
      readonly now_ms: number;
      readonly height: number;
      readonly round: number;
      readonly digest: Uint8Array;
      readonly valid: boolean;
    }
  | { readonly type: "peer-connected"; readonly now_ms: number; readonly voter: number };

/** Performed in order; a persist must be durable before any later send is performed. */
export type EngineEffect<Message> =
  | { readonly type: "persist"; readonly height: number; readonly record: Uint8Array }
  | { readonly type: "send"; readonly to: readonly number[]; readonly message: Message }
  | { readonly type: "set-timer"; readonly timer: string; readonly delay_ms: number }
  | { readonly type: "cancel-timer"; readonly timer: string }
  | {
      readonly type: "build-proposal";
      readonly height: number;
      readonly round: number;
      /** What is known of the parent's decision, late seals included. */
      readonly parent: Decision | undefined;
    }
  | {
      readonly type: "check-block";
      readonly height: number;
      readonly round: number;
      readonly digest: Uint8Array;
      readonly block: Uint8Array;
      /** Who must have built it; undefined where a block of an earlier round is proposed again. */
      readonly builder: number | undefined;
    }
  | { readonly type: "deliver"; readonly block: Uint8Array; readonly decision: Decision }
  /** A voter is at an older height: it needs blocks, not votes. */
  | { readonly type: "voter-behind"; readonly voter: number; readonly height: number }
  /** A voter has reached a later height: everything below it is final somewhere. */
  | { readonly type: "voter-ahead"; readonly voter: number; readonly height: number }
  /** One voter signed two different things for the same height, round and phase. */
  | {
      readonly type: "evidence";
      readonly voter: number;
      readonly height: number;
      readonly messages: readonly [Message, Message];
      /** The same two statements as the ledger verifies them. */
      readonly equivocation: Equivocation;
    };

export interface Step<State, Message> {
  readonly state: State;
  readonly effects: readonly EngineEffect<Message>[];
}

/**
 * A consensus protocol as a pure machine. It reads no clock, no disk and no network: everything
 * comes in as an input and goes out as an effect, so one seed replays one run.
 */
export interface Engine<State, Message> {
  /** The state before the first height, from the votes that survived on disk. */
  restore(records: readonly Uint8Array[]): State;
  /** Changes nothing but what it returns. */
  step(state: State, input: EngineInput<Message>): Step<State, Message>;
}
