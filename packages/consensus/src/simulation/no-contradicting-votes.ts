import { toHex } from "@voltfog/runtime";
import {
  isSigned,
  type RoundChangeClaim,
  type SignedMessage,
  slotOf,
  type VoteMessage,
} from "../voting/message.ts";
import type { Checker } from "./events.ts";

/**
 * A correct voter never says two things for one slot, never votes in a round below one it asked for,
 * and never hides at a round change what it committed to; crashes and restarts included.
 */
export function noContradictingVotes(): Checker {
  const said = new Map<string, string>();
  const left = new Map<string, number>();
  const committed = new Map<string, number>();
  const shared = new Map<string, number>();

  function claimProblem(voter: string, claim: RoundChangeClaim): string | undefined {
    const { round, prepared, fast } = claim;
    const held = committed.get(voter) ?? -1;
    if (held < round && (prepared?.round ?? -1) < held) return `hides what it committed in ${held}`;
    const given = shared.get(voter) ?? -1;
    return given < round && (fast?.round ?? -1) < given
      ? `hides what it gave a share for in ${given}`
      : undefined;
  }

  function orderProblem(voter: string, message: SignedMessage): string | undefined {
    const { round } = slotOf(message);
    if (message.type === "round-change") {
      left.set(voter, Math.max(round, left.get(voter) ?? 0));
      return claimProblem(voter, message.claim);
    }
    if (message.type === "commit") {
      committed.set(voter, Math.max(round, committed.get(voter) ?? -1));
    }
    if (message.type === "prepare" && message.fast !== undefined) {
      shared.set(voter, Math.max(round, shared.get(voter) ?? -1));
    }
    return round < (left.get(voter) ?? 0) ? "votes in a round it left" : undefined;
  }

  return {
    invariant: "no contradicting votes",
    observe(event) {
      if (event.type !== "sent") return undefined;
      const { message } = event;
      const { height, round } = slotOf(message);
      const slot = `${message.type} of voter ${event.voter} at ${height}/${round}`;
      const content = contentOf(message);
      const before = said.get(slot) ?? content;
      said.set(slot, content);
      if (before !== content) return `${slot}: ${before}, then ${content}`;
      // A certificate shows others' votes, and may do so when the round is over.
      if (!isSigned(message)) return undefined;
      const problem = orderProblem(`${event.voter}/${height}`, message);
      return problem && `${slot} ${problem}`;
    },
  };
}

function contentOf(message: VoteMessage): string {
  if (message.type !== "round-change") return toHex(message.digest.subarray(0, 8));
  const { prepared, fast } = message.claim;
  return `${heldText(prepared)} prepared, ${heldText(fast)} shared`;
}

function heldText(held: RoundChangeClaim["prepared"]): string {
  if (held === undefined) return "nothing";
  return `${held.round} with ${toHex(held.digest.subarray(0, 8))}`;
}
