import type { MachineEffect, MachineInput } from "../machine.ts";
import type { Checker } from "./observed.ts";

/** A machine with its state inside, and what a checker may ask of it. */
export interface Booted {
  step(input: MachineInput): readonly MachineEffect[];
  /** The term in which it leads, where the engine knows leaders. */
  leads(): number | undefined;
}

export interface SeatOptions {
  /** The replica that it is; two seats of a twin are the same replica. */
  readonly replica: number;
  readonly replicas: number;
  readonly seed: number;
}

/** An engine as the simulation runs it. */
export interface Contestant {
  readonly name: string;
  readonly latencyMax_ms: number;
  readonly clockOffsetMax_ms: number;
  /** Partitions, crashes and slow replicas of a storm, most. */
  readonly faultsMax: number;
  readonly faultMax_ms: number;
  readonly storm_ms: number;
  readonly calm_ms: number;
  /** From the records that survived on disk. */
  boot(seat: SeatOptions, records: readonly Uint8Array[]): Booted;
  /** Mean time until this replica finds a nonce; undefined where nothing is mined. */
  readonly miningMean_ms: ((seat: SeatOptions) => number) | undefined;
  /** Whether the replica breaks the rules: no checker looks at it. */
  isLiar(seat: SeatOptions): boolean;
  checkers(options: { replicas: number; honest: readonly number[] }): readonly Checker[];
}

/** Keeps the state of a machine between the steps. */
export function booted<State>(options: {
  readonly machine: {
    restore(records: readonly Uint8Array[]): State;
    step(state: State, input: MachineInput): { state: State; effects: readonly MachineEffect[] };
  };
  readonly records: readonly Uint8Array[];
  readonly leads?: (state: State) => number | undefined;
}): Booted {
  let state = options.machine.restore(options.records);
  return {
    step: (input) => {
      const step = options.machine.step(state, input);
      state = step.state;
      return step.effects;
    },
    leads: () => options.leads?.(state),
  };
}
