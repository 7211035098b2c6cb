import type { Crypto, MalformedProblem, Outcome } from "@voltfog/runtime";
import type { Seat } from "../chain/seat.ts";
import type { Genesis } from "../genesis/genesis.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { DeviceRecord } from "./device-record.ts";
import type { KeySuccession } from "./key-succession.ts";

/** Numbers of the modules in transactions and results. */
export const moduleNumber = {
  checkpoints: 1,
  events: 2,
  devices: 3,
  validators: 4,
  consortium: 5,
  accounts: 6,
  union: 7,
  sessions: 8,
  beans: 9,
  piles: 10,
  v2v: 11,
} as const;

/** Who decides the block in which a transaction is, and how the set came to be. */
export interface Roster {
  readonly seats: readonly Seat[];
  /** Until this block. */
  readonly successions: readonly KeySuccession[];
  /** Admissions and removals that are recorded until this block. */
  readonly setChanges: number;
  /** Whose key it is or was. */
  ownerOf(key: Uint8Array): { readonly id: string } | undefined;
}

/**
 * Who sent a transaction: a unit whose enrolment is valid now, a validator, or both; neither, where the
 * module admits the key by its own rules.
 */
export interface Sender {
  readonly key: Uint8Array;
  /** Place of its last nonce in the state. */
  readonly nonceKey: Uint8Array;
  readonly unit: DeviceRecord | undefined;
  readonly validator: Seat | undefined;
}

/** What a module may read beside the state; nothing else, so that every machine gets the same. */
export interface TransactionContext {
  readonly genesis: Genesis;
  readonly crypto: Crypto;
  readonly sender: Sender;
  readonly roster: Roster;
  readonly height: number;
  /** Hash of the last final block's header. */
  readonly parentHash: Uint8Array;
  /** Place of the transaction in its block. */
  readonly txIndex: number;
  readonly time_ms: number;
  /** Index that the result will have in the log of results. */
  readonly resultIndex: number;
}

/** What an action did: the state after it and the result's data, or a code and no change. */
export type Verdict =
  | { readonly code: "OK"; readonly state: StateTree; readonly data: Uint8Array }
  | { readonly code: string; readonly state?: undefined; readonly data?: undefined };

/** A decoded payload, ready to run against any state. */
export type PreparedAction = (state: StateTree, context: TransactionContext) => Verdict;

/**
 * One kind of native transactions. Deterministic: the same state, context and payload give the same
 * verdict on every machine; no clock, no chance, no I/O, no order of insertion.
 */
export interface LedgerModule {
  readonly number: number;
  readonly name: string;
  /** undefined for an action that the module does not have; MALFORMED for a payload of no known form. */
  prepare(
    action: number,
    payload: Uint8Array,
  ): Outcome<PreparedAction, MalformedProblem> | undefined;
  /**
   * Whether a key that is neither a validator's nor a unit's may send transactions of this module. Asked
   * for every one of them, so it costs a few looks at the state at most. Without it no such key may.
   */
  admits?(state: StateTree, key: Uint8Array): boolean;
}
