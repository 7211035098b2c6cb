import type { ChainChange, SentRecord } from "./record-fates.ts";
import type { SendPlan } from "./replica-messages.ts";

/** One replica with its disk, its links and the client beside it, whatever its engine is. */
export interface BatteryReplica {
  /** The client signs so many new records, in place of any before them. */
  sign(count: number): void;
  /** It sends them, each in its moment. */
  send(plan: SendPlan): void;
  /** Since the last time. */
  takeSent(): readonly SentRecord[];
  takeRefused(): number;
  takeChanges(): readonly ChainChange[];
  readonly connected: number;
  readonly height: number;
  readonly sent_bytes: number;
  readonly messages: number;
  readonly hashes: number;
  readonly kinds: Readonly<Record<string, number>>;
}
