import type { Crypto, MalformedProblem, Outcome } from "@voltfog/runtime";
import type { Genesis, Validator } from "../genesis/genesis.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { DeviceRecord } from "./device-record.ts";

/** Numbers of the modules in transactions and results. */
export const moduleNumber = { checkpoints: 1, events: 2, devices: 3, validators: 4 } as const;

/** Who sent a transaction: a unit whose enrolment is valid now, a validator, or both. */
export interface Sender {
  readonly key: Uint8Array;
  /** Place of its last nonce in the state. */
  readonly nonceKey: Uint8Array;
  readonly unit: DeviceRecord | undefined;
  readonly validator: Validator | undefined;
}

/** What a module may read beside the state; nothing else, so that every machine gets the same. */
export interface TransactionContext {
  readonly genesis: Genesis;
  readonly crypto: Crypto;
  readonly sender: Sender;
  readonly height: number;
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
}
