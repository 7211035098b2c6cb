/** How a state of the market's records is said, and whether it is good news. */
export interface StateWords {
  readonly words: string;
  readonly tone: "good" | "warn" | "bad" | "plain";
}

const known: Readonly<Record<string, StateWords>> = {
  open: { words: "open", tone: "plain" },
  matched: { words: "matched", tone: "good" },
  cancelled: { words: "cancelled", tone: "plain" },
  removed: { words: "removed by the authority", tone: "warn" },
  expired: { words: "expired", tone: "plain" },
  authorised: { words: "authorised", tone: "plain" },
  charging: { words: "charging", tone: "plain" },
  settled: { words: "settled", tone: "good" },
  disputed: { words: "disputed", tone: "warn" },
  resolved: { words: "dispute resolved", tone: "good" },
  paid: { words: "paid", tone: "good" },
  proposed: { words: "waits for signatures", tone: "plain" },
  signed: { words: "signed", tone: "plain" },
  metered: { words: "waits for confirmations", tone: "plain" },
  complete: { words: "complete", tone: "good" },
  void: { words: "void", tone: "warn" },
};

/** Words of a state; one that is not known here is said as it is. */
export function stateWords(state: string): StateWords {
  return known[state] ?? { words: state.replaceAll("-", " "), tone: "plain" };
}
