import { quorumOf } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import type { Consortium } from "./consortium.ts";
import type { Checker, SimulationEvent } from "./events.ts";
import { FinalChain } from "./final-chain.ts";
import { seatOf } from "./light-electorate.ts";

/**
 * A correct voter commits to nothing but what a quorum prepared in that very round: all of it voted so, but
 * for the liars among the voters, whose votes nobody counts here. Who heard of whom, and by which
 * collector, makes no difference. The proof that it writes down with a vote reads.
 */
export function preparedByQuorum(options: {
  consortium: Consortium;
  isLiar: (seat: number) => boolean;
}): Checker {
  const { consortium, isLiar } = options;
  const chain = new FinalChain(consortium);
  /** Correct voters by height, round and block. */
  const prepared = new Map<string, Set<number>>();

  function commitProblem(height: number, slot: string): string | undefined {
    const voterSet = chain.votersAt(height);
    if (voterSet === undefined) return "commits before anybody votes";
    const { voters } = voterSet;
    const seats = voters.map((_, voter) => seatOf(voterSet, voter));
    const liars = seats.filter((seat) => seat !== undefined && isLiar(seat)).length;
    const known = prepared.get(slot)?.size ?? 0;
    const missing = quorumOf(consortium.engine, voters.length) - known - liars;
    return missing > 0 ? `commits with ${missing} PREPAREs too few` : undefined;
  }

  function observe(event: SimulationEvent): string | undefined {
    chain.learn(event);
    if (event.type !== "voted") return undefined;
    const { voter, record } = event;
    if (record === undefined) return `voter ${voter} writes a vote that does not read`;
    if (record.type !== "prepare" && record.type !== "commit") return undefined;
    const { height, round, digest } = record;
    const slot = `${height}/${round} ${toHex(digest.subarray(0, 8))}`;
    if (record.type === "prepare") {
      prepared.set(slot, (prepared.get(slot) ?? new Set()).add(voter));
      return undefined;
    }
    const problem = commitProblem(height, slot);
    return problem && `voter ${voter} at ${slot} ${problem}`;
  }

  return { invariant: "prepared by a quorum", observe };
}
