import { equalBytes } from "@voltfog/runtime";
import { noteContradiction } from "./evidence.ts";
import { beginWait, decidingShares, isWaiting } from "./fast-path.ts";
import { showOrHold } from "./holding.ts";
import {
  type Commit,
  type CommitCertificate,
  type FastVote,
  type Prepare,
  type PrepareCertificate,
  withoutShare,
} from "./message.ts";
import type { ShownVote } from "./rules.ts";
import { limits, noVotes } from "./state.ts";
import { matching, type Turn } from "./turn.ts";

export type CertificateMessage = PrepareCertificate | CommitCertificate;

/** As the round's collector: a quorum's PREPAREs are shown to everybody, once. [C1] */
export function showPrepares(turn: Turn): boolean {
  const { height, round, self } = turn.state;
  const votes = turn.votes();
  if (self === undefined || votes.shownPrepares !== undefined) return false;
  if (turn.context.flow.prepareCollector(turn.place()) !== self) return false;
  const held = quorumOfOne(turn, votes.prepares);
  const digest = held?.[0]?.digest;
  if (held === undefined || digest === undefined) return false;
  if (beginWait(turn) || isWaiting(turn)) return false;
  const prepares = held.map(withoutShare);
  const shownPrepares: PrepareCertificate = {
    type: "prepare-certificate",
    height,
    round,
    voter: self,
    digest,
    prepares,
  };
  turn.setVotes(round, { shownPrepares });
  turn.broadcast(shownPrepares);
  return true;
}

/** As a round's collector: the COMMITs that decide are shown to everybody, once, whatever round it is now. [C1] */
export function showCommits(turn: Turn): boolean {
  const { height, self } = turn.state;
  if (self === undefined) return false;
  for (const [round, votes] of turn.state.rounds) {
    if (votes.shownCommits !== undefined || votes.commits.size < turn.quorum) continue;
    if (turn.context.flow.commitCollector(turn.place(round)) !== self) continue;
    const commits = quorumOfOne(turn, votes.commits);
    const digest = commits?.[0]?.digest;
    if (commits === undefined || digest === undefined) continue;
    show(turn, { height, round, voter: self, digest, form: "commit", seals: commits });
    return true;
  }
  return false;
}

/** As a round's collector: the shares that decide are shown to everybody, once. [C1] */
export function showShares(turn: Turn): boolean {
  const { height, self } = turn.state;
  if (self === undefined || turn.fastQuorum === undefined) return false;
  for (const [round, votes] of turn.state.rounds) {
    if (votes.shownCommits !== undefined) continue;
    if (turn.context.flow.prepareCollector(turn.place(round)) !== self) continue;
    const seals = decidingShares(turn, round);
    const digest = seals?.[0]?.digest;
    if (seals === undefined || digest === undefined) continue;
    show(turn, { height, round, voter: self, digest, form: "fast", seals });
    return true;
  }
  return false;
}

function show(turn: Turn, certificate: Omit<CommitCertificate, "type">): void {
  const seals = certificate.seals.map(({ voter, delay_ms, signature }) => ({
    voter,
    delay_ms,
    signature,
  }));
  const shownCommits: CommitCertificate = { type: "commit-certificate", ...certificate, seals };
  turn.setVotes(certificate.round, { shownCommits });
  showOrHold(turn, shownCommits);
}

/**
 * What a collector shows counts as if its votes had come one by one; it is taken whole, or not at all where
 * one vote of it is wrong. No signature is verified that was verified before. [C2]
 */
export function takeCertificate(
  turn: Turn,
  certificate: CertificateMessage,
  options: { readonly isVerified: boolean },
): void {
  const { state } = turn;
  const { round } = certificate;
  if (state.decision !== undefined) return;
  if (round < state.round - limits.roundsBehind || round > state.round + limits.roundsAhead) return;
  if (!options.isVerified && !isCertificateProved(turn, certificate)) return;
  if (certificate.type === "prepare-certificate") {
    const { prepares } = turn.votes(round);
    const { prepares: shown } = certificate;
    turn.setVotes(round, { prepares: merged({ turn, held: prepares, shown }) });
    return;
  }
  const { commits, shares } = turn.votes(round);
  if (certificate.form === "commit") {
    const shown = commitsOf(certificate);
    turn.setVotes(round, { commits: merged({ turn, held: commits, shown }) });
  } else {
    // No slot of an accusation: whoever gives two shares said two PREPAREs beside them.
    const shown = sharesOf(certificate).map((share) => [share.voter, share] as const);
    turn.setVotes(round, { shares: new Map([...shares, ...shown]) });
  }
  fetchMissingBlock(turn, certificate);
}

/** Whether a certificate of this or a coming height holds a quorum of distinct, validly signed votes. */
export function isCertificateProved(turn: Turn, certificate: CertificateMessage): boolean {
  const { context, state } = turn;
  const { signing, rules } = context;
  const { voterSet } = state;
  const own = certificate.height === state.height ? turn.votes(certificate.round) : noVotes;
  const isHeld = (vote: ShownVote): boolean => {
    const { prepares, commits, shares } = own;
    const kinds = { prepare: prepares, commit: commits, fast: shares };
    const held = kinds[vote.type].get(vote.voter);
    return held !== undefined && equalBytes(held.digest, vote.digest);
  };
  const votes = votesOf(certificate);
  return rules.isCertificateProved({ ...certificate, votes }, { voterSet, signing, isHeld });
}

/** A shown vote that contradicts the one held takes its place: a quorum's votes must not be kept out. */
function merged<V extends Prepare | Commit>(options: {
  turn: Turn;
  held: ReadonlyMap<number, V>;
  shown: readonly V[];
}): Map<number, V> {
  const { turn, held, shown } = options;
  const all = new Map(held);
  for (const vote of shown) {
    const known = held.get(vote.voter);
    if (known !== undefined && equalBytes(known.digest, vote.digest)) continue;
    if (known !== undefined) noteContradiction(turn, [known, vote]);
    all.set(vote.voter, vote);
  }
  return all;
}

/** Decided elsewhere on a block that never came: others hold it as final. */
function fetchMissingBlock(turn: Turn, { height, voter, digest }: CommitCertificate): void {
  for (const { proposal } of turn.state.rounds.values()) {
    if (proposal !== undefined && equalBytes(proposal.digest, digest)) return;
  }
  turn.emit({ type: "voter-ahead", voter, height: height + 1 });
}

function votesOf(certificate: CertificateMessage): readonly ShownVote[] {
  if (certificate.type === "prepare-certificate") return certificate.prepares;
  return certificate.form === "commit" ? commitsOf(certificate) : sharesOf(certificate);
}

function sharesOf({ height, round, digest, seals }: CommitCertificate): FastVote[] {
  return seals.map((seal) => ({ ...seal, type: "fast", height, round, digest }));
}

function commitsOf({ height, round, digest, seals }: CommitCertificate): Commit[] {
  return seals.map((seal) => ({ ...seal, type: "commit", height, round, digest }));
}

/** A quorum of the votes for one digest, sorted by voter. */
function quorumOfOne<V extends Prepare | Commit>(
  turn: Turn,
  votes: ReadonlyMap<number, V>,
): V[] | undefined {
  if (votes.size < turn.quorum) return undefined;
  for (const { digest } of votes.values()) {
    const same = matching(votes.values(), digest);
    if (same.length >= turn.quorum) return same.slice(0, turn.quorum);
  }
  return undefined;
}
