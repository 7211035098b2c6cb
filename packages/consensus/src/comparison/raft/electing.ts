import type { ComparisonMessage } from "../message.ts";
import { emptyLog, lastHeight, lastTerm, type RaftLog, take } from "./raft-log.ts";
import { decodeRaftRecord } from "./raft-record.ts";
import type { RaftState } from "./raft-state.ts";
import type { Turn } from "./raft-turn.ts";
import { lead } from "./replicating.ts";

/** The replica as it was when the last of its records became durable. */
export function restoreRaft(records: readonly Uint8Array[]): RaftState {
  let term = 0;
  let votedFor: number | undefined;
  let log: RaftLog = emptyLog;
  for (const bytes of records) {
    const record = decodeRaftRecord(bytes);
    if (!record.ok) continue;
    if (record.value.type === "blocks") log = take(log, record.value.blocks).log;
    else ({ term, votedFor } = record.value);
  }
  return {
    role: "follower",
    term,
    votedFor,
    log,
    finalHeight: 0,
    votes: [],
    next: [],
    match: [],
    draws: 0,
    ask: 0,
    due_ms: 0,
  };
}

/** Stands for election in the next term. */
export function canvass(turn: Turn): void {
  const { self } = turn.options;
  turn.setTerm(turn.state.term + 1, self);
  turn.change({ role: "candidate", votes: [self] });
  turn.awaitElection();
  const { term, log } = turn.state;
  turn.send(turn.others, {
    type: "vote-request",
    term,
    lastHeight: lastHeight(log),
    lastTerm: lastTerm(log),
  });
  if (turn.quorum <= 1) lead(turn);
}

export function takeVoteRequest(
  turn: Turn,
  from: number,
  message: Extract<ComparisonMessage, { type: "vote-request" }>,
): void {
  const { term, votedFor, log, role } = turn.state;
  const isGranted =
    message.term === term &&
    role === "follower" &&
    turn.rules.isVoteFree(votedFor, from) &&
    turn.rules.isUpToDate(message, log);
  if (isGranted) {
    if (votedFor !== from) turn.setTerm(term, from);
    turn.awaitElection();
  }
  turn.send([from], { type: "vote", term, isGranted });
}

export function takeVote(
  turn: Turn,
  from: number,
  message: Extract<ComparisonMessage, { type: "vote" }>,
): void {
  const { role, term, votes } = turn.state;
  if (role !== "candidate" || message.term !== term || !message.isGranted) return;
  if (votes.includes(from)) return;
  turn.change({ votes: [...votes, from] });
  if (turn.state.votes.length >= turn.quorum) lead(turn);
}
