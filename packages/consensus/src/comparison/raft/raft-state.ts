import type { RaftLog } from "./raft-log.ts";

export type RaftRole = "follower" | "candidate" | "leader";

/** One replica; by replica where a list. Only the term, the vote and the log survive a crash. */
export interface RaftState {
  readonly role: RaftRole;
  readonly term: number;
  readonly votedFor: number | undefined;
  readonly log: RaftLog;
  readonly finalHeight: number;
  /** Who elected this candidate, itself included. */
  readonly votes: readonly number[];
  /** Leader: the height that it sends each replica next. */
  readonly next: readonly number[];
  /** Leader: the height up to which each replica's durable log is its own. */
  readonly match: readonly number[];
  /** Elections that this replica has waited for: each draws another timeout. */
  readonly draws: number;
  /** Leader: number of the last gather effect, and the time before which it makes no other block. */
  readonly ask: number;
  readonly due_ms: number;
}
