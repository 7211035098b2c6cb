import { type Consortium, sealProblem } from "./consortium.ts";
import type { Checker } from "./events.ts";

/** Every final block comes with seals that the ledger's own verification accepts as a certificate. */
export function certificates(consortium: Consortium): Checker {
  return {
    invariant: "certificates",
    observe(event) {
      if (event.type !== "final") return undefined;
      const problem = sealProblem(consortium, event.decision);
      return problem && `height ${event.decision.height}: ${problem}`;
    },
  };
}
