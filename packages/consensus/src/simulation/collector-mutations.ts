import type { EngineName } from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";
import type { Commit, CommitCertificate, Prepare } from "../voting/message.ts";
import { isSigned } from "../voting/message.ts";
import type { ShownVotes, VotingRules } from "../voting/rules.ts";
import { votesOf } from "../voting/state.ts";
import { type Mutation, onMessage, type VotingEngine } from "./mutation.ts";

const staying: readonly EngineName[] = ["pbft", "linear", "sbft"];
const collecting: readonly EngineName[] = ["linear", "sbft", "hotstuff"];
const objectors = ["prepared by a quorum", "certificates", "agreement"];

/** Mistakes of engines whose leader stays, and of those in which one voter gathers the others' votes. */
export const collectorMutations: Readonly<Record<string, Mutation>> = {
  "leader-not-replaced": {
    caughtBy: ["liveness after healing"],
    engines: staying,
    engine: waitingForEver,
  },
  "certificate-unverified": {
    caughtBy: objectors,
    engines: collecting,
    rules: (rules) => ({ ...rules, isCertificateProved: () => true }),
  },
  /** What a quorum voted in one round is taken for another round as well. */
  "certificate-of-another-round": {
    caughtBy: objectors,
    engines: collecting,
    rules: (rules) => ({
      ...rules,
      isCertificateProved: (certificate, context) =>
        rules.isCertificateProved(inItsOwnRound(certificate), context),
    }),
  },
  "certificate-signer-counted-twice": {
    caughtBy: objectors,
    engines: collecting,
    rules: countingSignatures,
    engine: keepingBoth,
  },
};

/** No timer ends a round. */
function waitingForEver(engine: VotingEngine): VotingEngine {
  return {
    restore: engine.restore,
    step(state, input) {
      const isRound = input.type === "timer" && input.timer === "round";
      return isRound ? { state, effects: [] } : engine.step(state, input);
    },
  };
}

function inItsOwnRound(certificate: ShownVotes): ShownVotes {
  const [first] = certificate.votes;
  return first === undefined ? certificate : { ...certificate, round: first.round };
}

/** Counts valid signatures, not who gave them. */
function countingSignatures(rules: VotingRules): VotingRules {
  return {
    ...rules,
    isCertificateProved({ height, round, digest, votes }, { voterSet, signing }) {
      if (votes.length < rules.quorum(voterSet.voters.length)) return false;
      return votes.every(
        (vote) =>
          vote.height === height &&
          vote.round === round &&
          equalBytes(vote.digest, digest) &&
          signing.verify(voterSet, vote),
      );
    },
  };
}

/** A signature that stands twice in a certificate is kept twice. */
function keepingBoth(engine: VotingEngine): VotingEngine {
  return onMessage(engine, (state, message) => {
    if (isSigned(message) || message.height !== state.height) return state;
    const known = votesOf(state, message.round);
    const kept =
      message.type === "prepare-certificate"
        ? { prepares: withSeconds(known.prepares, message.prepares) }
        : { commits: withSeconds(known.commits, commitsOf(message)) };
    return { ...state, rounds: new Map(state.rounds).set(message.round, { ...known, ...kept }) };
  });
}

function commitsOf({ height, round, digest, seals }: CommitCertificate): Commit[] {
  return seals.map((seal) => ({ type: "commit", height, round, digest, ...seal }));
}

function withSeconds<V extends Prepare | Commit>(
  held: ReadonlyMap<number, V>,
  shown: readonly V[],
): ReadonlyMap<number, V> {
  const seen = new Set<number>();
  const all = new Map(held);
  for (const vote of shown) {
    if (seen.has(vote.voter)) all.set(1000 + all.size, vote);
    seen.add(vote.voter);
  }
  return all;
}
