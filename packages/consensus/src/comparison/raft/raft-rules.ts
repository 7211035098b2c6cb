import { lastHeight, lastTerm, type RaftLog, termAt } from "./raft-log.ts";

/** The decisions on which raft's safety rests, apart so that a test can get each of them wrong. */
export interface RaftRules {
  /** Replicas that elect a leader and keep a block. */
  readonly quorumOf: (replicas: number) => number;
  /** Whether the vote of this term is still free for this candidate. [§5.2] */
  readonly isVoteFree: (votedFor: number | undefined, candidate: number) => boolean;
  /** Whether a candidate's log has all that this replica's has. [§5.4.1] */
  readonly isUpToDate: (
    candidate: { readonly lastHeight: number; readonly lastTerm: number },
    own: RaftLog,
  ) => boolean;
  /** Whether the block before an append is the same here. [§5.3] */
  readonly follows: (
    log: RaftLog,
    previous: { readonly height: number; readonly term: number },
  ) => boolean;
  /** Whether a leader may call the block at that height final because a quorum has it. [§5.4.2] */
  readonly mayCount: (o: { readonly log: RaftLog; height: number; term: number }) => boolean;
}

export const raftRules: RaftRules = {
  quorumOf: (replicas) => Math.floor(replicas / 2) + 1,
  isVoteFree: (votedFor, candidate) => votedFor === undefined || votedFor === candidate,
  isUpToDate: (candidate, own) => {
    const term = lastTerm(own);
    if (candidate.lastTerm !== term) return candidate.lastTerm > term;
    return candidate.lastHeight >= lastHeight(own);
  },
  // Below the base everything is final, so it is the leader's too.
  follows: (log, previous) =>
    previous.height < log.base.height || termAt(log, previous.height) === previous.term,
  mayCount: ({ log, height, term }) => termAt(log, height) === term,
};
