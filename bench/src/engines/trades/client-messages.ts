import type { TlsIdentity } from "@voltfog/runtime/node";

/** Whose orders are sent. */
export type ClientLoad =
  | { readonly kind: "trades"; readonly clients: number }
  | { readonly kind: "lists"; readonly clients: number; readonly payload_bytes: number };

/** When clients stop. */
export interface Until {
  /** They send no more after this long, at most 24 days. */
  readonly for_ms: number;
  /** And no more than so many in all. */
  readonly operations: number;
}

export type ClientRequest =
  | {
      readonly kind: "open";
      readonly chainId: Uint8Array;
      readonly ports: readonly number[];
      readonly tls: TlsIdentity;
      /** Equal replies that make an answer: f + 1. */
      readonly replies: number;
      readonly pairs: number;
    }
  /** Everybody's account, vehicle and meeting point. */
  | { readonly kind: "settle-in" }
  | { readonly kind: "set-towns" }
  /** Every client waits for its answer before it sends again. */
  | { readonly kind: "closed"; readonly load: ClientLoad; readonly until: Until }
  /** Orders at even intervals, whoever of the clients is free. */
  | {
      readonly kind: "at-rate";
      readonly clients: number;
      readonly rate_Hz: number;
      readonly for_ms: number;
    };

/** What clients saw of a run. */
export interface ClientRun {
  /** On the clock that all processes share: the first sending, and when they sent no more. */
  readonly start_ms: number;
  readonly stop_ms: number;
  /** Of every answered operation, in the order of the answers: the moment, and how long it took. */
  readonly answered_ms: Float64Array;
  readonly took_ms: Float64Array;
  /** Final, but a module refused them. */
  readonly refused: number;
  /** A validator took them not. */
  readonly turnedAway: number;
  /** Not answered when patience ended. */
  readonly missing: number;
  /** Mean, of what was sent. */
  readonly payload_bytes: number;
}

export type ClientReply =
  | { readonly kind: "opened" }
  | { readonly kind: "settled"; readonly operations: number }
  | { readonly kind: "ran"; readonly run: ClientRun };
