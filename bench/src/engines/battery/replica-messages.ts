import type { PeerAddress } from "@voltfog/consensus/node";
import type { TlsIdentity } from "@voltfog/runtime/node";
import type { Link } from "../../consensus/delayed-transport.ts";
import type { BatteryEngine } from "./battery-engine.ts";
import type { ChainChange, SentRecord } from "./record-fates.ts";

/** One replica under test. */
export interface ReplicaSpec {
  readonly index: number;
  readonly folder: string;
  readonly port: number;
  readonly tls: TlsIdentity;
  readonly peers: readonly PeerAddress[];
}

/** What all replicas of one run share. */
export interface ReplicaSetting {
  readonly engine: BatteryEngine;
  readonly n: number;
  readonly link: Link;
  readonly blockInterval_ms: number;
  /** Wall time before the first replica starts. */
  readonly start_ms: number;
}

/** When one replica's client sends the records that it signed, at even intervals. */
export interface SendPlan {
  /** On the clock that all processes share. */
  readonly start_ms: number;
  readonly interval_ms: number;
}

/** What a replica did since its start. */
export interface ReplicaTotals {
  readonly cpu_ms: number;
  readonly sent_bytes: number;
  readonly messages: number;
  readonly signaturesVerified: number;
  /** Searched nonces; 0 for all but proof of work. */
  readonly hashes: number;
  /** Messages by what they are for; "again" are votes that were said before. */
  readonly kinds: Readonly<Record<string, number>>;
}

export type ReplicaRequest =
  | {
      readonly kind: "start";
      readonly setting: ReplicaSetting;
      readonly spec: ReplicaSpec;
      /** Whether its client follows the chain. */
      readonly isObserved: boolean;
    }
  /** What a client's machine costs comes before the load, and is not the replica's. */
  | { readonly kind: "sign"; readonly count: number }
  | { readonly kind: "send"; readonly plan: SendPlan }
  | { readonly kind: "collect" };

export type ReplicaReply =
  | { readonly kind: "started" }
  | { readonly kind: "signed" }
  | { readonly kind: "sending" }
  | ({
      readonly kind: "collected";
      /** Since the last time. */
      readonly sent: readonly SentRecord[];
      readonly refused: number;
      readonly changes: readonly ChainChange[];
      readonly connected: number;
      readonly height: number;
    } & ReplicaTotals);
