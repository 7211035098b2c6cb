import type { ChainBlock } from "./block.ts";
import type { ComparisonMessage } from "./message.ts";

/** `now_ms` is the replica's wall clock: unlike the product's engines these may trust it. */
export type MachineInput =
  /** Once, before anything else; what came back from disk is told as effects. */
  | { readonly type: "started"; readonly now_ms: number }
  | {
      readonly type: "message";
      readonly now_ms: number;
      readonly from: number;
      readonly message: ComparisonMessage;
    }
  | { readonly type: "timer"; readonly now_ms: number; readonly timer: string }
  | { readonly type: "records-waiting"; readonly now_ms: number }
  /** Answers a gather effect of the same number, at once and before any other input. */
  | {
      readonly type: "gathered";
      readonly now_ms: number;
      readonly ask: number;
      readonly records: readonly Uint8Array[];
    }
  /** The block of the last mine effect with a nonce that makes its hash small enough. */
  | { readonly type: "mined"; readonly now_ms: number; readonly block: ChainBlock };

/** Performed in order; a persist must be durable before any later send is performed. */
export type MachineEffect =
  | { readonly type: "persist"; readonly record: Uint8Array }
  | {
      readonly type: "send";
      readonly to: readonly number[];
      readonly message: ComparisonMessage;
    }
  | { readonly type: "set-timer"; readonly timer: string; readonly delay_ms: number }
  | { readonly type: "cancel-timer"; readonly timer: string }
  /** Asks for records that are valid and not yet in the chain. */
  | { readonly type: "gather"; readonly ask: number }
  /** Search a nonce for this block; an earlier search ends. */
  | { readonly type: "mine"; readonly block: ChainBlock }
  /** The replica's own chain: blocks that left it, newest first, and blocks that joined it, oldest first. */
  | {
      readonly type: "chain-changed";
      readonly removed: readonly ChainBlock[];
      readonly added: readonly ChainBlock[];
    }
  /** The engine promises that this block stays; heights rise by one unless it broke that promise. */
  | { readonly type: "final"; readonly block: ChainBlock };

export interface MachineStep<State> {
  readonly state: State;
  readonly effects: readonly MachineEffect[];
}

/**
 * A consensus protocol as a pure machine, as the product's engines are, with a chain that may change its
 * mind. It reads no clock, no disk and no network, so one seed replays one run.
 */
export interface Machine<State> {
  /** From the records that survived on disk, in the order they were written. */
  restore(records: readonly Uint8Array[]): State;
  /** Changes nothing but what it returns. */
  step(state: State, input: MachineInput): MachineStep<State>;
}

/** One replica's machine with its state inside. */
export type RunningMachine = (input: MachineInput) => readonly MachineEffect[];

/** Keeps the state between the steps. */
export function runMachine<State>(
  machine: Machine<State>,
  records: readonly Uint8Array[],
): RunningMachine {
  let state = machine.restore(records);
  return (input) => {
    const step = machine.step(state, input);
    state = step.state;
    return step.effects;
  };
}
