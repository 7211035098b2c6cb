import { quorum } from "@voltfog/ledger";
import {
  isProposalJustified,
  isRoundChangeProved,
  type PoaRules,
  qbftRules,
} from "../poa/rules.ts";
import type { SimulationOptions } from "./simulate.ts";

/** Known mistakes of the field, each built into every correct voter; the checkers must object to each. */
export const mutations: Readonly<Record<string, NonNullable<SimulationOptions["mutation"]>>> = {
  "quorum-one-short": { rules: withQuorum((voters) => quorum(voters) - 1) },
  /** Right for n = 3f + 1 only: with six voters two quorums of three need not meet. */
  "quorum-two-f-plus-one": { rules: withQuorum((voters) => 2 * Math.floor((voters - 1) / 3) + 1) },
  "votes-forgotten-at-restart": { forgetsVotes: true },
  "proposal-without-justification": {
    rules: { ...qbftRules, isProposalJustified: () => true },
  },
  "prepared-block-dropped-at-round-change": {
    rules: { ...qbftRules, claimedAtRoundChange: () => undefined },
  },
};

function withQuorum(quorumOf: (voters: number) => number): PoaRules {
  return {
    ...qbftRules,
    quorum: quorumOf,
    isRoundChangeProved: (change, context) =>
      isRoundChangeProved({ change, context, quorum: quorumOf(context.voterSet.voters.length) }),
    isProposalJustified: (proposal, context) =>
      isProposalJustified({ proposal, context, quorum: quorumOf(context.voterSet.voters.length) }),
  };
}
