import type { Decision } from "../engine.ts";
import type { VoteMessage } from "../voting/message.ts";
import type { VoteRecord } from "../voting/vote-record.ts";

/** What the checkers see of a run. `voter` is a seat: it stays the same when the voter set changes. */
export type SimulationEvent =
  | { readonly type: "submitted"; readonly transaction: number }
  | { readonly type: "sent"; readonly voter: number; readonly message: VoteMessage }
  /** On its way to this voter's disk; undefined where nobody could read it again. */
  | { readonly type: "voted"; readonly voter: number; readonly record: VoteRecord | undefined }
  /** Final and durable at this voter. */
  | {
      readonly type: "final";
      readonly voter: number;
      readonly block: Uint8Array;
      readonly decision: Decision;
    }
  /** A vote reached this voter's engine, which is at this height and round. */
  | {
      readonly type: "heard";
      readonly voter: number;
      readonly height: number;
      readonly round: number;
      readonly message: VoteMessage;
    }
  /** `by` shows two messages of this voter. */
  | {
      readonly type: "accused";
      readonly voter: number;
      readonly by: number;
      readonly messages: readonly [VoteMessage, VoteMessage];
    }
  /** How this voter shares out the turns of a height. */
  | {
      readonly type: "turns";
      readonly voter: number;
      readonly height: number;
      readonly weights: readonly number[];
    }
  /** `lostWrite`: a vote was on its way to the disk and did not get there. */
  | { readonly type: "crashed"; readonly voter: number; readonly lostWrite: boolean }
  /** How many messages of coming heights this voter holds of the one that said most. */
  | { readonly type: "held"; readonly voter: number; readonly messages: number }
  /** A voter came back with this many durable blocks. */
  | { readonly type: "restarted"; readonly voter: number; readonly height: number }
  /** From now on nobody crashes and every message arrives. */
  | { readonly type: "healed"; readonly heights: readonly number[] }
  | { readonly type: "ended"; readonly heights: readonly number[] };

/**
 * Watches one invariant. Sees only correct voters' events; what the faulty ones do is their own business.
 * Gives what was wrong, or undefined.
 */
export interface Checker {
  readonly invariant: string;
  observe(event: SimulationEvent): string | undefined;
}
