import { limits } from "../voting/state.ts";
import type { Checker } from "./events.ts";

/** What a voter keeps of coming heights is bounded for each of the others, however much that one says. */
export function boundedMemory(): Checker {
  const most = limits.futureMessagesPerVoter;
  return {
    invariant: "bounded memory",
    observe(event) {
      if (event.type !== "held" || event.messages <= most) return undefined;
      return `voter ${event.voter} holds ${event.messages} messages of one other about coming heights, ${most} are allowed`;
    },
  };
}
