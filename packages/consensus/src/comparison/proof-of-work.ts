import type { Crypto } from "@voltfog/runtime";
import type { ChainBlock } from "./block.ts";
import { isLonger, tipHeight } from "./block-tree.ts";
import {
  type ChainRules,
  type ChainState,
  type ChainStep,
  exchange,
  restoreChain,
  takeBlocks,
  tellChain,
  tipId,
  tipMessage,
} from "./longest-chain.ts";
import type { Machine, MachineEffect, MachineInput, MachineStep } from "./machine.ts";

export interface ProofOfWorkOptions {
  readonly crypto: Crypto;
  readonly replicas: number;
  /** This replica's number. */
  readonly self: number;
  /** Hashes that a block takes on average; the same for all blocks, so the longest chain has most work. */
  readonly hashesPerBlock: number;
  /** Blocks on top of a block that is called final; ⌊n/2⌋+1 where nothing is given. */
  readonly finalDepth?: number;
  /** How often a miner takes in records that came meanwhile. */
  readonly refresh_ms: number;
  /** How often it says where its chain ends, so that lost blocks are found. */
  readonly announce_ms: number;
}

export interface ProofOfWorkState {
  readonly chain: ChainState;
  /** Number of the last gather effect. */
  readonly ask: number;
}

const hashSpace = 2 ** 48;

/** Whether the block's hash is as small as the work asks. */
export function isMined(id: Uint8Array, hashesPerBlock: number): boolean {
  const view = new DataView(id.buffer, id.byteOffset, 6);
  return (view.getUint16(0) * 2 ** 32 + view.getUint32(2)) * hashesPerBlock < hashSpace;
}

/** How deep the published comparison has a block before most of the nodes stand behind it. */
export function majorityDepth(replicas: number): number {
  return Math.floor(replicas / 2) + 1;
}

/**
 * Proof of work: SHA-256 over header and nonce, the longest chain, a fixed difficulty. It tolerates
 * forks and never ends them for good: a block that was called final may still be replaced.
 */
export function createProofOfWork(
  options: ProofOfWorkOptions,
  changes: Partial<ChainRules> = {},
): Machine<ProofOfWorkState> {
  const { crypto, hashesPerBlock, replicas, self } = options;
  const others = Array.from({ length: replicas }, (_, i) => i).filter((i) => i !== self);
  const rules: ChainRules = {
    crypto,
    finalDepth: options.finalDepth ?? majorityDepth(replicas),
    isMade: ({ author }, id) => author < replicas && isMined(id, hashesPerBlock),
    follows: () => true,
    isBetter: isLonger,
    ...changes,
  };
  const announce = (state: ProofOfWorkState): readonly MachineEffect[] => [
    { type: "send", to: others, message: tipMessage(state.chain) },
    { type: "set-timer", timer: "announce", delay_ms: options.announce_ms },
  ];
  /** Searches on behind the tip with what waits now. */
  const renew = (state: ProofOfWorkState, before: readonly MachineEffect[]): Next => {
    const ask = state.ask + 1;
    return {
      state: { ...state, ask },
      effects: [
        ...before,
        { type: "gather", ask },
        { type: "set-timer", timer: "refresh", delay_ms: options.refresh_ms },
      ],
    };
  };
  const after = (state: ProofOfWorkState, step: ChainStep): Next => {
    const next = { ...state, chain: step.chain };
    const isNew = step.effects.some(({ type }) => type === "chain-changed");
    return isNew ? renew(next, step.effects) : { state: next, effects: step.effects };
  };
  const steps: Steps = {
    started: (state) => renew(state, [...tellChain(state.chain), ...announce(state)]),
    timer: (state, { timer }) =>
      timer === "refresh" ? renew(state, []) : { state, effects: announce(state) },
    "records-waiting": (state) => ({ state, effects: [] }),
    gathered: (state, { ask, records, now_ms }) => {
      if (ask !== state.ask) return { state, effects: [] };
      const block = { ...newBlock(state.chain, records), author: self, made_ms: now_ms };
      return { state, effects: [{ type: "mine", block }] };
    },
    mined: (state, { block }) => {
      const step = takeBlocks(state.chain, [block], rules);
      if (step.effects.length === 0) return { state, effects: [] };
      const effects: readonly MachineEffect[] = [
        ...step.effects,
        { type: "send", to: others, message: { type: "block", block } },
      ];
      return after(state, { chain: step.chain, effects });
    },
    message: (state, { from, message }) =>
      after(state, exchange(state.chain, { from, message }, rules)),
  };
  return {
    restore: (records) => ({ chain: restoreChain(records, rules), ask: 0 }),
    step: (state, input) => dispatch(steps, state, input),
  };
}

type Next = MachineStep<ProofOfWorkState>;
type Steps = {
  readonly [Type in MachineInput["type"]]: (
    state: ProofOfWorkState,
    input: Extract<MachineInput, { readonly type: Type }>,
  ) => Next;
};

function dispatch(steps: Steps, state: ProofOfWorkState, input: MachineInput): Next {
  switch (input.type) {
    case "started":
      return steps.started(state, input);
    case "message":
      return steps.message(state, input);
    case "timer":
      return steps.timer(state, input);
    case "records-waiting":
      return steps["records-waiting"](state, input);
    case "gathered":
      return steps.gathered(state, input);
    case "mined":
      return steps.mined(state, input);
  }
}

function newBlock(
  chain: ChainState,
  records: readonly Uint8Array[],
): Omit<ChainBlock, "author" | "made_ms"> {
  return {
    height: tipHeight(chain.tree) + 1,
    parent: tipId(chain),
    round: 0,
    nonce: 0,
    records,
    signature: new Uint8Array(),
  };
}
