import { type Consortium, sealProblem } from "./consortium.ts";
import type { Checker } from "./events.ts";
import { FinalChain } from "./final-chain.ts";

/**
 * Every final block comes with seals that the ledger's own verification accepts as a certificate of the
 * voters and the epoch of its height.
 */
export function certificates(consortium: Consortium): Checker {
  const chain = new FinalChain(consortium);
  return {
    invariant: "certificates",
    observe(event) {
      if (event.type !== "final") return undefined;
      chain.learn(event);
      const { decision } = event;
      const voterSet = chain.votersAt(decision.height);
      const problem =
        voterSet === undefined
          ? "nobody votes yet"
          : sealProblem({ consortium, voterSet, decision });
      return problem && `height ${decision.height}: ${problem}`;
    },
  };
}
