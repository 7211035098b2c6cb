import { fastQuorumOf, faultyMaxOf } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import type { Proposal, RoundChangeClaim } from "../voting/message.ts";
import type { Consortium } from "./consortium.ts";
import type { Checker } from "./events.ts";
import { FinalChain } from "./final-chain.ts";

interface Evidence {
  readonly round: number;
  readonly digests: readonly string[];
}

/**
 * Above round 0 a correct voter proposes what its claims leave: a block prepared in the highest round, unless
 * shares of a later round could have decided another one; told from the claims alone, apart from the engine.
 */
export function evidenceFollowed(consortium: Consortium): Checker {
  const chain = new FinalChain(consortium);

  function problem(proposal: Proposal): string | undefined {
    const voters = chain.votersAt(proposal.height)?.voters.length;
    if (voters === undefined) return undefined;
    const slow = slowEvidence(proposal.claims);
    const needed = sharesOfEvidence(consortium, voters);
    const fast = needed === undefined ? undefined : fastEvidence(proposal.claims, needed);
    const binding = fast !== undefined && fast.round > (slow?.round ?? -1) ? fast : slow;
    if (binding === undefined || binding.digests.includes(toHex(proposal.digest))) return undefined;
    return `proposes another block than the one of round ${binding.round}`;
  }

  return {
    invariant: "evidence followed",
    observe(event) {
      chain.learn(event);
      if (event.type !== "sent" || event.message.type !== "proposal") return undefined;
      const { height, round } = event.message;
      const found = round === 0 ? undefined : problem(event.message);
      return found && `voter ${event.voter} at ${height}/${round} ${found}`;
    },
  };
}

function slowEvidence(claims: readonly RoundChangeClaim[]): Evidence | undefined {
  const held = claims.flatMap(({ prepared }) => (prepared === undefined ? [] : [prepared]));
  if (held.length === 0) return undefined;
  const round = Math.max(...held.map((each) => each.round));
  const top = held.filter((each) => each.round === round);
  return { round, digests: top.map(({ digest }) => toHex(digest)) };
}

/** More than the redundant and the faulty voters together. */
function sharesOfEvidence({ engine }: Consortium, voters: number): number | undefined {
  const fastQuorum = fastQuorumOf(engine, voters);
  if (fastQuorum === undefined) return undefined;
  return faultyMaxOf(engine, voters) + voters - fastQuorum + 1;
}

function fastEvidence(claims: readonly RoundChangeClaim[], needed: number): Evidence | undefined {
  const rounds = new Map<string, number[]>();
  for (const { fast } of claims) {
    if (fast === undefined) continue;
    const digest = toHex(fast.digest);
    rounds.set(digest, [...(rounds.get(digest) ?? []), fast.round]);
  }
  const [only, ...others] = [...rounds].filter(([, given]) => given.length >= needed);
  if (only === undefined || others.length > 0) return undefined;
  const [digest, given] = only;
  const round = given.sort((a, b) => b - a)[needed - 1];
  return round === undefined ? undefined : { round, digests: [digest] };
}
