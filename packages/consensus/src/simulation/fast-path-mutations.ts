import type { EngineName } from "@voltfog/ledger";
import type { RoundChangeClaim } from "../voting/message.ts";
import { isProposalJustified, isQuorumOf, type VotingRules } from "../voting/rules.ts";
import { highestPrepared, type SafeBlock } from "../voting/safe-block.ts";
import type { Mutation, VotingEngine } from "./mutation.ts";

const engines: readonly EngineName[] = ["sbft"];
const votes = "no contradicting votes";

/** Mistakes of an engine with a fast path. */
export const fastPathMutations: Readonly<Record<string, Mutation>> = {
  "slow-path-never-entered": {
    caughtBy: ["liveness after healing"],
    engines,
    engine: waitingForShares,
  },
  "fast-quorum-one-short": {
    caughtBy: ["certificates", "agreement"],
    engines,
    rules: withOneShareLess,
  },
  "fast-evidence-ignored": {
    caughtBy: ["evidence followed", "agreement"],
    engines,
    rules: (rules) => withSafeBlock(rules, preparedAlone),
  },
  "share-denied-at-round-change": {
    caughtBy: [votes, "agreement"],
    engines,
    engine: denyingShares,
  },
};

/** Everybody waits for the last share for ever. */
function waitingForShares(engine: VotingEngine): VotingEngine {
  return {
    restore: engine.restore,
    step(state, input) {
      const rounds = [...state.rounds].map(
        ([round, kept]) => [round, { ...kept, fastWait: "running" }] as const,
      );
      return engine.step({ ...state, rounds: new Map(rounds) }, input);
    },
  };
}

function denyingShares(engine: VotingEngine): VotingEngine {
  return {
    restore: engine.restore,
    step: (state, input) => engine.step({ ...state, shared: undefined }, input),
  };
}

function withOneShareLess(rules: VotingRules): VotingRules {
  const fastQuorum: VotingRules["fastQuorum"] = (voters) => {
    const enough = rules.fastQuorum(voters);
    return enough === undefined ? undefined : enough - 1;
  };
  return {
    ...rules,
    fastQuorum,
    isCertificateProved(certificate, context) {
      const { votes } = certificate;
      const needed = fastQuorum(context.voterSet.voters.length);
      if (votes[0]?.type !== "fast" || needed === undefined) {
        return rules.isCertificateProved(certificate, context);
      }
      return isQuorumOf({ ...{ votes, at: certificate, context }, quorum: needed });
    },
  };
}

function preparedAlone(claims: readonly RoundChangeClaim[]): SafeBlock {
  const round = highestPrepared(claims);
  return round === undefined ? { kind: "any" } : { kind: "prepared", round };
}

function withSafeBlock(rules: VotingRules, safeBlock: VotingRules["safeBlock"]): VotingRules {
  return {
    ...rules,
    safeBlock,
    isProposalJustified(proposal, context) {
      const voters = context.voterSet.voters.length;
      return isProposalJustified({
        ...{ proposal, context },
        quorum: rules.quorum(voters),
        claimQuorum: rules.claimQuorum(voters),
        safeBlock: (claims) => safeBlock(claims, voters),
      });
    },
  };
}
