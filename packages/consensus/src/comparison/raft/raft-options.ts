import type { Crypto } from "@voltfog/runtime";

export interface RaftOptions {
  readonly crypto: Crypto;
  readonly replicas: number;
  /** This replica's number. */
  readonly self: number;
  /** Least time without a leader before a replica stands for election; it draws up to twice as much. */
  readonly electionTimeout_ms: number;
  readonly heartbeat_ms: number;
  /** Least time between two blocks of a leader; 0 makes one as soon as the last is final. */
  readonly blockInterval_ms: number;
  /** Makes the replicas' timeouts differ, and one run like another. */
  readonly seed: number;
}
