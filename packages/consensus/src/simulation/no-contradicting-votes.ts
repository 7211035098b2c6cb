import { toHex } from "@voltfog/runtime";
import { type PoaMessage, slotOf } from "../poa/message.ts";
import type { Checker } from "./events.ts";

/**
 * A correct voter never says two things for one slot, never votes in a round below one it asked for,
 * and never hides at a round change what it committed to; crashes and restarts included.
 */
export function noContradictingVotes(): Checker {
  const said = new Map<string, string>();
  const left = new Map<string, number>();
  const committed = new Map<string, number>();

  function orderProblem(voter: string, message: PoaMessage): string | undefined {
    const { round } = slotOf(message);
    const held = committed.get(voter) ?? -1;
    if (message.type === "round-change") {
      left.set(voter, Math.max(round, left.get(voter) ?? 0));
      const claimed = message.claim.prepared?.round ?? -1;
      return held < round && claimed < held ? `hides what it committed in ${held}` : undefined;
    }
    if (message.type === "commit") committed.set(voter, Math.max(round, held));
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
      const problem = orderProblem(`${event.voter}/${height}`, message);
      return problem && `${slot} ${problem}`;
    },
  };
}

function contentOf(message: PoaMessage): string {
  if (message.type !== "round-change") return toHex(message.digest.subarray(0, 8));
  const { prepared } = message.claim;
  if (prepared === undefined) return "nothing prepared";
  return `${prepared.round} with ${toHex(prepared.digest.subarray(0, 8))}`;
}
