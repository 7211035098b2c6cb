import type { Machine, MachineInput, MachineStep } from "../machine.ts";
import { canvass, restoreRaft, takeVote, takeVoteRequest } from "./electing.ts";
import type { RaftOptions } from "./raft-options.ts";
import { type RaftRules, raftRules } from "./raft-rules.ts";
import type { RaftState } from "./raft-state.ts";
import { Turn } from "./raft-turn.ts";
import {
  makeBlock,
  replicate,
  takeAppend,
  takeAppended,
  tellLog,
  wantBlock,
} from "./replicating.ts";

/**
 * Raft: leader election and log replication among replicas that may crash but never lie, as the 2019
 * pilot's framework offered. An answer goes out after the disk has what it answers for. No snapshots, no
 * change of replicas, no pre-vote. Source: Ongaro and Ousterhout, In Search of an Understandable Consensus
 * Algorithm, USENIX ATC 2014; the leader writes while it sends by Ongaro's thesis (2014) §10.2.1.
 */
export function createRaft(options: RaftOptions, rules: RaftRules = raftRules): Machine<RaftState> {
  return {
    restore: (records) => restoreRaft(records),
    step: (state, input) => {
      const turn = new Turn({ state, options, rules, now_ms: input.now_ms });
      perform(turn, input);
      return turn.finish() satisfies MachineStep<RaftState>;
    },
  };
}

function perform(turn: Turn, input: MachineInput): void {
  switch (input.type) {
    case "started":
      tellLog(turn);
      turn.awaitElection();
      return;
    case "records-waiting":
      wantBlock(turn);
      return;
    case "gathered":
      makeBlock(turn, input);
      return;
    case "timer":
      takeTimer(turn, input.timer);
      return;
    case "message":
      takeMessage(turn, input);
      return;
    case "mined":
      return; // Of another engine.
  }
}

function takeTimer(turn: Turn, timer: string): void {
  if (timer === "election" && turn.state.role !== "leader") canvass(turn);
  if (timer === "heartbeat" && turn.state.role === "leader") replicate(turn);
  if (timer === "block") wantBlock(turn);
}

function takeMessage(
  turn: Turn,
  { from, message }: Extract<MachineInput, { type: "message" }>,
): void {
  if (!("term" in message) || from === turn.options.self) return;
  turn.learnTerm(message.term);
  switch (message.type) {
    case "vote-request":
      takeVoteRequest(turn, from, message);
      return;
    case "vote":
      takeVote(turn, from, message);
      return;
    case "append":
      takeAppend(turn, from, message);
      return;
    case "appended":
      takeAppended(turn, from, message);
  }
}
