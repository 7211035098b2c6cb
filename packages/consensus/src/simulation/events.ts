import type { Decision } from "../engine.ts";
import type { PoaMessage } from "../poa/message.ts";

/** What the checkers see of a run. `voter` is an index in the voter set. */
export type SimulationEvent =
  | { readonly type: "submitted"; readonly transaction: number }
  | { readonly type: "sent"; readonly voter: number; readonly message: PoaMessage }
  /** Final and durable at this voter. */
  | {
      readonly type: "final";
      readonly voter: number;
      readonly block: Uint8Array;
      readonly decision: Decision;
    }
  | { readonly type: "crashed"; readonly voter: number }
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
