import { type EngineChoice, faultyMaxOf, quorumOf } from "@voltfog/ledger";
import { equalBytes } from "@voltfog/runtime";
import type { EngineInput, Step } from "../engine.ts";
import type { Commit, Proposal, RoundChange, VoteMessage } from "../voting/message.ts";
import { isSigned, slotOf } from "../voting/message.ts";
import {
  isProposalJustified,
  isQuorumOf,
  isRoundChangeProved,
  type VotingRules,
} from "../voting/rules.ts";
import { highestPrepared } from "../voting/safe-block.ts";
import { limits, type VotingState, votesOf } from "../voting/state.ts";
import { collectorMutations } from "./collector-mutations.ts";
import { fastPathMutations } from "./fast-path-mutations.ts";
import { type Mutation, onMessage, type VotingEngine } from "./mutation.ts";

const votes = "no contradicting votes";

/** The mistakes of design §4; the names are the command line's. */
export const mutations: Readonly<Record<string, Mutation>> = {
  "quorum-one-short": {
    caughtBy: ["certificates", "agreement"],
    rules: withQuorum((engine, voters) => quorumOf(engine, voters) - 1),
  },
  /** Right for n = 3f + 1 only: with six voters two quorums of three need not meet. */
  "quorum-two-f-plus-one": {
    caughtBy: ["certificates", "agreement"],
    rules: withQuorum((engine, voters) => 2 * faultyMaxOf(engine, voters) + 1),
  },
  "votes-forgotten-at-restart": { caughtBy: [votes, "agreement"], forgetsVotes: true },
  "vote-sent-before-written": { caughtBy: [votes, "agreement"], sendsUnwritten: true },
  "proposal-without-justification": {
    caughtBy: ["agreement"],
    rules: (rules) => ({ ...rules, isProposalJustified: () => true }),
  },
  "prepared-certificate-unverified": {
    caughtBy: ["agreement"],
    rules: (rules) => ({
      ...rules,
      isRoundChangeProved: ({ claim }) => claim.round >= 1,
      isProposalJustified: (proposal, { voterSet }) =>
        isAsClaimed(proposal, { quorum: rules.quorum(voterSet.voters.length) }),
    }),
  },
  /** A certificate for one block proves another: two prepared certificates for one slot. */
  "prepared-certificate-of-another-block": {
    caughtBy: ["agreement"],
    rules: (rules) => ({
      ...rules,
      isRoundChangeProved: (change, context) =>
        rules.isRoundChangeProved(claimingWhatIsProved(change), context),
      isProposalJustified: (proposal, context) =>
        isAsClaimed(proposal, { quorum: rules.quorum(context.voterSet.voters.length) }) &&
        rules.isProposalJustified(ofWhatIsProved(proposal), context),
    }),
  },
  "prepared-block-dropped-at-round-change": {
    caughtBy: [votes, "agreement"],
    rules: (rules) => ({ ...rules, claimedAtRoundChange: () => undefined }),
  },
  "second-proposal-of-a-slot-taken": { caughtBy: [votes, "agreement"], engine: takingSeconds },
  /** Two groups each hold a block of their own and wait for each other for ever, as in IBFT 1. */
  "lock-never-released": { caughtBy: ["liveness after healing"], engine: lockedForEver },
  "duplicate-signer-counted": { caughtBy: ["certificates"], engine: countingMessages },
  "future-messages-unbounded": { caughtBy: ["bounded memory"], engine: keepingEverything },
  "transaction-replayed": { caughtBy: ["validity"], takesReplays: true },
  "epoch-not-signed": { caughtBy: ["certificates"], mistakes: { hasNoEpochs: true } },
  "set-change-one-height-early": {
    caughtBy: ["certificates", "agreement"],
    mistakes: { isEarly: true },
  },
  "set-change-early-at-some": {
    caughtBy: ["certificates", "agreement", "leader share", "liveness after healing"],
    mistakes: { isEarly: true },
    isOfSome: true,
  },
  "weights-unclamped": {
    caughtBy: ["leader share"],
    engines: ["poa"],
    mistakes: { isUnclamped: true },
  },
  "weights-from-own-view": {
    caughtBy: ["leader share"],
    engines: ["poa"],
    mistakes: { trustsOwnView: true },
  },
  "evidence-kept-quiet": { caughtBy: ["accusations"], engine: keepingQuiet },
  "evidence-unverified": { caughtBy: ["accusations"], engine: accusingUnseen },
  ...collectorMutations,
  ...fastPathMutations,
};

/** The mistakes that a chain of this engine can make. */
export function mutationsOf(engine: EngineChoice): Readonly<Record<string, Mutation>> {
  const all = Object.entries(mutations);
  return Object.fromEntries(
    all.filter(([, { engines }]) => engines?.includes(engine.name) ?? true),
  );
}

/** The claim that the PREPAREs sent with a round change would prove. */
function claimingWhatIsProved(change: RoundChange): RoundChange {
  const [first] = change.prepares;
  const { prepared } = change.claim;
  if (first === undefined || prepared === undefined) return change;
  // The claim's own signature was checked before its proof is.
  return { ...change, claim: { ...change.claim, prepared: { ...prepared, digest: first.digest } } };
}

/** The proposal that its PREPAREs would justify. */
function ofWhatIsProved(proposal: Proposal): Proposal {
  const [first] = proposal.prepares;
  return first === undefined ? proposal : { ...proposal, digest: first.digest };
}

/** Believes what the highest claim says, and asks for no PREPARE behind it. */
function isAsClaimed(
  { round, claims, digest }: Proposal,
  { quorum: least }: { quorum: number },
): boolean {
  if (round === 0) return claims.length === 0;
  if (claims.length < least) return false;
  const highest = highestPrepared(claims);
  return claims.some(
    ({ prepared }) =>
      prepared?.round === highest &&
      (prepared === undefined || equalBytes(prepared.digest, digest)),
  );
}

function withQuorum(
  wrong: (engine: EngineChoice, voters: number) => number,
): NonNullable<Mutation["rules"]> {
  return (rules, engine) => withOtherQuorum(rules, (voters) => wrong(engine, voters));
}

function withOtherQuorum(rules: VotingRules, wrongQuorum: (voters: number) => number): VotingRules {
  const claimQuorum = (voters: number): number =>
    rules.claimQuorum(voters) - rules.quorum(voters) + wrongQuorum(voters);
  return {
    ...rules,
    quorum: wrongQuorum,
    claimQuorum,
    isRoundChangeProved: (change, context) =>
      isRoundChangeProved({ change, context, quorum: wrongQuorum(context.voterSet.voters.length) }),
    isProposalJustified(proposal, context) {
      const voters = context.voterSet.voters.length;
      return isProposalJustified({
        ...{ proposal, context, quorum: wrongQuorum(voters), claimQuorum: claimQuorum(voters) },
        safeBlock: (claims) => rules.safeBlock(claims, voters),
      });
    },
    isCertificateProved(certificate, context) {
      const { votes } = certificate;
      if (votes[0]?.type === "fast") return rules.isCertificateProved(certificate, context);
      const needed = wrongQuorum(context.voterSet.voters.length);
      return isQuorumOf({ ...{ votes, at: certificate, context }, quorum: needed });
    },
  };
}

/** One slot holds two proposals: the later one is voted on as if there had been none. */
function takingSeconds(engine: VotingEngine): VotingEngine {
  return onMessage(engine, (state, message) => {
    if (message.type !== "proposal" || message.height !== state.height) return state;
    const known = votesOf(state, message.round);
    if (known.proposal === undefined || equalBytes(known.proposal.digest, message.digest)) {
      return state;
    }
    const { self } = state;
    const prepares = new Map([...known.prepares].filter(([voter]) => voter !== self));
    const fresh = { ...known, proposal: undefined, verdict: "unasked", prepares } as const;
    return { ...state, rounds: new Map(state.rounds).set(message.round, fresh) };
  });
}

/**
 * What it holds prepared it holds for ever, whatever a later round's proposal proves: it votes for no other
 * block and proposes none.
 */
function lockedForEver(engine: VotingEngine): VotingEngine {
  return {
    restore: engine.restore,
    step(state, input): Step<VotingState, VoteMessage> {
      const isRefused =
        input.type === "message" &&
        input.message.type === "proposal" &&
        isAgainstLock(state, input.message);
      return isRefused ? { state, effects: [] } : engine.step(proposingNothingElse(state), input);
    },
  };
}

function proposingNothingElse(state: VotingState): VotingState {
  const { prepared, round } = state;
  if (prepared === undefined) return state;
  const proposed = new Map(state.proposed);
  for (let later = prepared.round + 1; later <= round + limits.roundsAhead; later++) {
    if (!proposed.has(later)) proposed.set(later, prepared.digest);
  }
  return { ...state, proposed };
}

function isAgainstLock({ height, prepared }: VotingState, proposal: Proposal): boolean {
  return (
    prepared !== undefined &&
    proposal.height === height &&
    !equalBytes(proposal.digest, prepared.digest)
  );
}

/** Counts COMMITs, not who sent them: one that comes twice counts twice. */
function countingMessages(engine: VotingEngine): VotingEngine {
  return onMessage(engine, (state, message) => {
    if (message.type !== "commit" || message.height !== state.height) return state;
    const known = votesOf(state, message.round);
    if (!known.commits.has(message.voter)) return state;
    const commits = new Map<number, Commit>(known.commits).set(1000 + known.commits.size, message);
    return { ...state, rounds: new Map(state.rounds).set(message.round, { ...known, commits }) };
  });
}

/** Keeps whatever is said of heights to come. */
function keepingEverything(engine: VotingEngine): VotingEngine {
  return {
    restore: engine.restore,
    step(state, input: EngineInput<VoteMessage>): Step<VotingState, VoteMessage> {
      if (input.type !== "message" || !isSigned(input.message)) {
        return engine.step(state, input);
      }
      const { height, voter } = slotOf(input.message);
      if (height <= state.height + 2) return engine.step(state, input);
      const kept = [...(state.future.get(voter) ?? []), input.message];
      return { state: { ...state, future: new Map(state.future).set(voter, kept) }, effects: [] };
    },
  };
}

/** Sees two votes for one slot and says nothing. */
function keepingQuiet(engine: VotingEngine): VotingEngine {
  return {
    restore: engine.restore,
    step(state, input): Step<VotingState, VoteMessage> {
      const step = engine.step(state, input);
      return { ...step, effects: step.effects.filter(({ type }) => type !== "evidence") };
    },
  };
}

/** Takes two PREPAREs for one slot as evidence, whoever signed the second. */
function accusingUnseen(engine: VotingEngine): VotingEngine {
  return {
    restore: engine.restore,
    step(state, input): Step<VotingState, VoteMessage> {
      const step = engine.step(state, input);
      if (input.type !== "message" || input.message.type !== "prepare") return step;
      const { message } = input;
      const known = votesOf(state, message.round).prepares.get(message.voter);
      const isOther = known !== undefined && !equalBytes(known.digest, message.digest);
      if (!isOther || message.height !== state.height) return step;
      const evidence = {
        type: "evidence",
        voter: message.voter,
        height: message.height,
        messages: [known, message],
        // Unsigned here: the mutation does not look at signatures.
        equivocation: {
          voteKey: state.voterSet.voters[message.voter]?.key ?? new Uint8Array(32),
          first: { signed: known.digest, signature: known.signature },
          second: { signed: message.digest, signature: message.signature },
        },
      } as const;
      return { ...step, effects: [...step.effects, evidence] };
    },
  };
}
