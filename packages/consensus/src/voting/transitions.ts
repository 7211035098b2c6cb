import type { Decision } from "../engine.ts";
import { showCommits, showPrepares, showShares } from "./collecting.ts";
import { decidingShares, isWaiting, noteOutcome, withShare } from "./fast-path.ts";
import { type Commit, type FastVote, withoutShare } from "./message.ts";
import { propose } from "./proposing.ts";
import { becomeDue, changeRound, moveTo, startRoundTimer } from "./rounds.ts";
import { limits, type VotingState, validBlock } from "./state.ts";
import { matching, type Turn } from "./turn.ts";

/** Each fires when its condition holds and says whether it did; the names follow the QBFT specification. */
type Transition = (turn: Turn) => boolean;

const transitions: readonly Transition[] = [
  showShares,
  showCommits,
  uponFastQuorum,
  uponCommitQuorum,
  uponFutureProposal,
  uponHigherRoundChanges,
  uponRoundReached,
  uponProposal,
  uponValidProposal,
  showPrepares,
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
      decide(turn, { round, digest, block, seals });
      return true;
    }
  }
  return false;
}

/** Shares of any kept round decide as well: all but the redundant voters accepted the block. [F2] */
function uponFastQuorum(turn: Turn): boolean {
  for (const round of turn.state.rounds.keys()) {
    const seals = decidingShares(turn, round);
    const digest = seals?.[0]?.digest;
    if (seals === undefined || digest === undefined) continue;
    const block = validBlock(turn.state, digest);
    if (block === undefined) continue;
    decide(turn, { round, digest, block, seals });
    return true;
  }
  return false;
}

function decide(
  turn: Turn,
  decided: {
    readonly round: number;
    readonly digest: Uint8Array;
    readonly block: Uint8Array;
    readonly seals: readonly (Commit | FastVote)[];
  },
): void {
  const { round, digest, block, seals } = decided;
  const decision = decisionOf({ height: turn.state.height, round, digest, seals });
  noteOutcome(turn, round);
  turn.set({ decision });
  const timers = ["round", "resend", "earliest", "idle"];
  if (turn.fastQuorum !== undefined) timers.push("fast");
  for (const timer of timers) turn.emit({ type: "cancel-timer", timer });
  turn.emit({ type: "deliver", block, decision });
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
  const reached = reachedBy(turn.state, turn.faultLimit + 1);
  if (reached === undefined || reached <= turn.state.round) return false;
  changeRound(turn, reached);
  return true;
}

/** A quorum has left every lower round: now the round's time begins. [R1] */
function uponRoundReached(turn: Turn): boolean {
  const { round, isTimed } = turn.state;
  if (isTimed || round === 0) return false;
  if ((reachedBy(turn.state, turn.claimQuorum) ?? 0) < round) return false;
  startRoundTimer(turn);
  return true;
}

/** The highest round that so many voters say they have reached, this one included. */
function reachedBy(state: VotingState, voters: number): number | undefined {
  const highest = new Map<number, number>();
  for (const [round, votes] of state.rounds) {
    for (const voter of votes.roundChanges.keys()) {
      highest.set(voter, Math.max(round, highest.get(voter) ?? 0));
    }
  }
  for (const [voter, change] of state.farChanges) highest.set(voter, change.claim.round);
  return [...highest.values()].sort((a, b) => b - a)[voters - 1];
}

/** Asks the application about the block of this round, and of any round that a quorum committed in. */
function uponProposal(turn: Turn): boolean {
  for (const [round, votes] of turn.state.rounds) {
    const { proposal } = votes;
    if (proposal === undefined || votes.verdict !== "unasked") continue;
    if (round !== turn.state.round && !isDecided(turn, round)) continue;
    becomeDue(turn);
    turn.setVotes(round, { verdict: "asked" });
    const { claims } = proposal;
    const voters = turn.state.voterSet.voters.length;
    const isFresh = turn.context.rules.safeBlock(claims, voters).kind === "any";
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

/** Whether others decided in this round, for all that this voter knows. */
function isDecided(turn: Turn, round: number): boolean {
  return turn.votes(round).commits.size >= turn.quorum || decidingShares(turn, round) !== undefined;
}

/** One PREPARE a round, for what the application found valid. [V2] */
function uponValidProposal(turn: Turn): boolean {
  const { height, round, self, voterSet } = turn.state;
  const votes = turn.votes();
  if (self === undefined || votes.proposal === undefined || votes.verdict !== "valid") return false;
  if (votes.prepares.has(self)) return false;
  const { digest, block } = votes.proposal;
  const isFast = turn.fastQuorum !== undefined;
  const fast = { delay_ms: votes.proposalDelay_ms, block };
  turn.persist({ type: "prepare", height, round, digest, ...(isFast ? { fast } : {}) });
  const vote = { height, round, voter: self, digest };
  const bare = turn.context.signing.signPrepare(voterSet.epoch, vote);
  const prepare = isFast ? withShare(turn, bare, fast) : bare;
  turn.setVotes(round, { prepares: new Map(votes.prepares).set(self, prepare) });
  turn.sendVote(prepare, turn.context.flow.prepareCollector(turn.place()));
  return true;
}

/** Holds the block prepared, remembers the proof, and commits. [V3] */
function uponPrepareQuorum(turn: Turn): boolean {
  const { height, round, self, voterSet } = turn.state;
  const votes = turn.votes();
  if (self === undefined || votes.proposal === undefined || votes.verdict !== "valid") return false;
  if (votes.commits.has(self) || votes.prepares.size < turn.quorum) return false;
  const { block, digest } = votes.proposal;
  const held = matching(votes.prepares.values(), digest).slice(0, turn.quorum);
  if (held.length < turn.quorum || isWaiting(turn)) return false;
  const prepares = held.map(withoutShare);
  const delay_ms = votes.proposalDelay_ms;
  turn.set({ prepared: { round, digest, block, prepares } });
  turn.persist({ type: "commit", height, round, digest, delay_ms, block, prepares });
  const vote = { height, round, voter: self, digest, delay_ms };
  const commit = turn.context.signing.signCommit(voterSet.epoch, vote);
  turn.setVotes(round, { commits: new Map(votes.commits).set(self, commit) });
  turn.sendVote(commit, turn.context.flow.commitCollector(turn.place()));
  return true;
}

export function decisionOf(options: {
  height: number;
  round: number;
  digest: Uint8Array;
  seals: readonly (Commit | FastVote)[];
}): Decision {
  const { height, round, digest } = options;
  const form = options.seals[0]?.type ?? "commit";
  const seals = options.seals.map(({ voter, delay_ms, signature }) => ({
    voter,
    delay_ms,
    signature,
  }));
  return { form, height, round, digest, seals };
}
