import type { MessageKind, PeerAddress } from "@voltfog/consensus/node";
import type { TlsIdentity } from "@voltfog/runtime/node";
import type { Link } from "./delayed-transport.ts";
import type { CountedMessages } from "./message-count.ts";

/** One validator of the consortium under test. */
export interface ValidatorSpec {
  /** Its place in the genesis list. */
  readonly index: number;
  readonly folder: string;
  readonly port: number;
  readonly tls: TlsIdentity;
  readonly peers: readonly PeerAddress[];
  /** Where clients of other processes bring transactions and hear what became of them; none where absent. */
  readonly doorPort?: number;
}

/** Transactions that one validator's client sends, at even intervals from a moment on. */
export interface LoadPlan {
  readonly index: number;
  /** On the clock that all processes share. */
  readonly start_ms: number;
  readonly interval_ms: number;
  readonly count: number;
  /** What is sent, in this order; events of the validator's own unit where nothing is given. */
  readonly transactions?: readonly Uint8Array[];
}

export type ValidatorRequest =
  | {
      readonly kind: "start";
      readonly genesis: Uint8Array;
      readonly validators: readonly ValidatorSpec[];
      readonly link: Link;
      /** The one whose client looks for final transactions, if any; it may be in another process. */
      readonly observer: number | undefined;
      readonly isDurable: boolean;
    }
  | { readonly kind: "prepare"; readonly plans: readonly LoadPlan[] }
  | { readonly kind: "collect" }
  /** Answers once the voter with this index is to propose the next block. */
  | { readonly kind: "await-turn"; readonly index: number }
  /** From now on these kinds of messages are not sent. */
  | { readonly kind: "mute"; readonly kinds: readonly MessageKind[] }
  /** From now on writes wait for the disk, or do not. */
  | { readonly kind: "sync"; readonly isDurable: boolean };

/** What a validator holds. */
export interface ValidatorStand {
  readonly index: number;
  readonly height: number;
  /** The place of who built the last block. */
  readonly builder: number;
  /** Transactions executed since the genesis block. */
  readonly resultsSize: number;
  readonly stateRoot: string;
}

/** A block that a client has seen final: fetched, its certificate verified. */
export interface SeenBlock {
  readonly height: number;
  readonly at_ms: number;
  readonly transactions: readonly string[];
  /** Those that a module refused: they are final and did nothing. */
  readonly refused: number;
}

export interface SentTransaction {
  readonly hash: string;
  /** When it was meant to be sent, whenever it was. */
  readonly intended_ms: number;
}

export type ValidatorReply =
  | { readonly kind: "started" }
  | { readonly kind: "prepared" }
  | { readonly kind: "turn" }
  | { readonly kind: "done" }
  | {
      readonly kind: "collected";
      /** Since the last time. */
      readonly sent: readonly SentTransaction[];
      readonly seen: readonly SeenBlock[];
      readonly refused: number;
      /** Since the start. */
      readonly cpu_ms: number;
      readonly sent_bytes: number;
      readonly messages: number;
      readonly counted: readonly CountedMessages[];
      readonly stands: readonly ValidatorStand[];
      /** Of the process, now. */
      readonly memory: { readonly resident_bytes: number; readonly heap_bytes: number };
      /** Connections of the validator that has fewest. */
      readonly connected: number;
      readonly height: number;
    };
