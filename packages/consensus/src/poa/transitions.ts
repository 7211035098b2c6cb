import { equalBytes } from "@voltfog/runtime";
import type { Decision } from "../engine.ts";
import type { Commit, Prepare } from "./message.ts";
import { propose } from "./proposing.ts";
import { becomeDue, changeRound, moveTo } from "./rounds.ts";
import { limits, type PoaState } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Each fires when its condition holds and says whether it did; the names follow the QBFT specification. */
type Transition = (turn: Turn) => boolean;

const transitions: readonly Transition[] = [
  uponCommitQuorum,
  uponFutureProposal,
  uponHigherRoundChanges,
  uponProposal,
  uponValidProposal,
  uponPrepareQuorum,
  propose,
];

/** Lets everything happen that the messages and answers so far allow. */
export function advance(turn: Turn): void {
  while (turn.state.decision === undefined && transitions.some((fires) => fires(turn)));
}

/** Commits of any kept round decide: those who sent them may have moved on since. [V4] */
function uponCommitQuorum(turn: Turn): boolean {
  for (const [round, { commits }] of turn.state.rounds) {
    if (commits.size < turn.quorum) continue;
    for (const { digest } of commits.values()) {
      const seals = matching(commits.values(), digest);
      const block = seals.length < turn.quorum ? undefined : validBlock(turn.state, digest);
      if (block === undefined) continue;
      const decision = decisionOf({ height: turn.state.height, round, digest, commits: seals });
      turn.set({ decision });
      for (const timer of ["round", "resend", "earliest", "idle"]) {
        turn.emit({ type: "cancel-timer", timer });
      }
      turn.emit({ type: "deliver", block, decision });
      return true;
    }
  }
  return false;
}

/** A justified proposal of a higher round shows that a quorum is there. [R4] */
function uponFutureProposal(turn: Turn): boolean {
  for (let ahead = limits.roundsAhead; ahead > 0; ahead--) {
    const round = turn.state.round + ahead;
    if (turn.votes(round).proposal === undefined) continue;
    moveTo(turn, round);
    return true;
  }
  return false;
}

/** f + 1 voters in higher rounds: at least one of them is correct, so the lowest of these is reached. [R3] */
function uponHigherRoundChanges(turn: Turn): boolean {
  const { state } = turn;
  const highest = new Map<number, number>();
  for (const [round, votes] of state.rounds) {
    if (round <= state.round) continue;
    for (const voter of votes.roundChanges.keys()) {
      highest.set(voter, Math.max(round, highest.get(voter) ?? 0));
    }
  }
  for (const [voter, change] of state.farChanges) highest.set(voter, change.claim.round);
  const reached = [...highest.values()].sort((a, b) => b - a)[turn.faultLimit];
  if (reached === undefined) return false;
  changeRound(turn, reached);
  return true;
}

/** Asks the application about the block of this round, and of any round that a quorum committed in. */
function uponProposal(turn: Turn): boolean {
  for (const [round, votes] of turn.state.rounds) {
    const { proposal } = votes;
    if (proposal === undefined || votes.verdict !== "unasked") continue;
    if (round !== turn.state.round && votes.commits.size < turn.quorum) continue;
    becomeDue(turn);
    turn.setVotes(round, { verdict: "asked" });
    const isFresh = proposal.claims.every(({ prepared }) => prepared === undefined);
    turn.emit({
      type: "check-block",
      height: proposal.height,
      round,
      digest: proposal.digest,
      block: proposal.block,
      builder: isFresh ? proposal.voter : undefined,
    });
    return true;
  }
  return false;
}

/** One PREPARE a round, for what the application found valid. [V2] */
function uponValidProposal(turn: Turn): boolean {
  const { height, round, self, voterSet } = turn.state;
  const votes = turn.votes();
  if (self === undefined || votes.proposal === undefined || votes.verdict !== "valid") return false;
  if (votes.prepares.has(self)) return false;
  const { digest } = votes.proposal;
  turn.persist({ type: "prepare", height, round, digest });
  const vote = { height, round, voter: self, digest };
  const prepare = turn.context.signing.signPrepare(voterSet.epoch, vote);
  turn.setVotes(round, { prepares: new Map(votes.prepares).set(self, prepare) });
  turn.broadcast(prepare);
  return true;
}

/** Holds the block prepared, remembers the proof, and commits. [V3] */
function uponPrepareQuorum(turn: Turn): boolean {
  const { height, round, self, voterSet } = turn.state;
  const votes = turn.votes();
  if (self === undefined || votes.proposal === undefined || votes.verdict !== "valid") return false;
  if (votes.commits.has(self) || votes.prepares.size < turn.quorum) return false;
  const { block, digest } = votes.proposal;
  const prepares = matching(votes.prepares.values(), digest).slice(0, turn.quorum);
  if (prepares.length < turn.quorum) return false;
  const delay_ms = votes.proposalDelay_ms;
  turn.set({ prepared: { round, digest, block, prepares } });
  turn.persist({ type: "commit", height, round, digest, delay_ms, block, prepares });
  const vote = { height, round, voter: self, digest, delay_ms };
  const commit = turn.context.signing.signCommit(voterSet.epoch, vote);
  turn.setVotes(round, { commits: new Map(votes.commits).set(self, commit) });
  turn.broadcast(commit);
  return true;
}

/** The votes for one digest, sorted by voter. */
export function matching<V extends Prepare | Commit>(votes: Iterable<V>, digest: Uint8Array): V[] {
  return [...votes]
    .filter((vote) => equalBytes(vote.digest, digest))
    .sort((a, b) => a.voter - b.voter);
}

export function decisionOf(options: {
  height: number;
  round: number;
  digest: Uint8Array;
  commits: readonly Commit[];
}): Decision {
  const { height, round, digest } = options;
  const seals = options.commits.map(({ voter, delay_ms, signature }) => ({
    voter,
    delay_ms,
    signature,
  }));
  return { height, round, digest, seals };
}

function validBlock(state: PoaState, digest: Uint8Array): Uint8Array | undefined {
  for (const { proposal, verdict } of state.rounds.values()) {
    if (verdict === "valid" && proposal !== undefined && equalBytes(proposal.digest, digest)) {
      return proposal.block;
    }
  }
  return undefined;
}
