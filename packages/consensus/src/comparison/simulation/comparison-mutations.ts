import { toHex } from "@voltfog/runtime";
import type { MachineEffect } from "../machine.ts";
import { blockName } from "./block-name.ts";
import type { Contestant } from "./contestant.ts";
import { proofOfWork, publishedAuthority, raft } from "./contestants.ts";

/** One known mistake, built into every replica of a run. */
export interface ComparisonMutation {
  readonly contestant: Contestant;
  /** Where another number than the seed's shows it sooner. */
  readonly replicas?: number;
  readonly spoil?: (effects: readonly MachineEffect[]) => readonly MachineEffect[];
  /** Checkers that may object to it. */
  readonly caughtBy: readonly string[];
}

/** The disk is written after all else: a crash between loses what was already said. */
function diskLast(effects: readonly MachineEffect[]): readonly MachineEffect[] {
  const isDisk = ({ type }: MachineEffect): boolean => type === "persist";
  return [...effects.filter((effect) => !isDisk(effect)), ...effects.filter(isDisk)];
}

/** What was missed is never asked for. */
function asksNothing(effects: readonly MachineEffect[]): readonly MachineEffect[] {
  return effects.filter(
    (effect) => effect.type !== "send" || effect.message.type !== "block-request",
  );
}

/** Term and vote are not written. */
function forgetsVotes(effects: readonly MachineEffect[]): readonly MachineEffect[] {
  return effects.filter((effect) => effect.type !== "persist" || effect.record[0] !== 1);
}

const chainsPart = ["one-chain-in-the-end", "growth-after-calm"];

export const comparisonMutations: Readonly<Record<string, ComparisonMutation>> = {
  "pow: work is not verified": {
    contestant: proofOfWork({ isLazy: true, rules: { isMade: () => true } }),
    caughtBy: ["chain-well-made"],
  },
  "pow: the first branch stays whatever its length": {
    contestant: proofOfWork({
      rules: {
        isBetter: (block, tip) => tip === undefined || toHex(block.parent) === blockName(tip),
      },
    }),
    caughtBy: chainsPart,
  },
  "pow: missed blocks are not asked for": {
    contestant: proofOfWork({}),
    spoil: asksNothing,
    caughtBy: chainsPart,
  },
  "pow: a block is said before it is on disk": {
    contestant: proofOfWork({}),
    spoil: diskLast,
    caughtBy: ["told-blocks-survive"],
  },
  "poa-published: signatures are not verified": {
    contestant: publishedAuthority({
      lie: "forger",
      rules: { isMade: () => true },
    }),
    caughtBy: ["chain-well-made"],
  },
  "poa-published: slots to come are taken": {
    contestant: publishedAuthority({ lie: "hasty", rules: { isMade: () => true } }),
    caughtBy: ["chain-well-made"],
  },
  "poa-published: missed blocks are not asked for": {
    contestant: publishedAuthority({}),
    spoil: asksNothing,
    caughtBy: chainsPart,
  },
  "poa-published: a block is said before it is on disk": {
    contestant: publishedAuthority({}),
    spoil: diskLast,
    caughtBy: ["told-blocks-survive"],
  },
  "raft: half of the replicas are a quorum": {
    contestant: raft({ rules: { quorumOf: (replicas) => Math.floor(replicas / 2) } }),
    caughtBy: ["election-safety", "state-machine-safety", "leader-completeness", "log-matching"],
  },
  "raft: one replica elects two leaders of a term": {
    contestant: raft({ rules: { isVoteFree: () => true } }),
    caughtBy: ["election-safety", "log-matching"],
  },
  "raft: votes are forgotten in a crash": {
    contestant: raft({}),
    spoil: forgetsVotes,
    replicas: 3,
    caughtBy: ["election-safety", "log-matching", "leader-completeness", "state-machine-safety"],
  },
  "raft: a log that lacks final blocks may lead": {
    contestant: raft({ rules: { isUpToDate: () => true } }),
    caughtBy: ["leader-completeness", "state-machine-safety"],
  },
  "raft: blocks are appended behind a gap": {
    contestant: raft({ rules: { follows: () => true } }),
    caughtBy: ["log-matching", "chain-well-made", "state-machine-safety"],
  },
  "raft: a block is acknowledged before it is on disk": {
    contestant: raft({}),
    spoil: diskLast,
    caughtBy: ["told-blocks-survive", "leader-completeness", "state-machine-safety"],
  },
};
