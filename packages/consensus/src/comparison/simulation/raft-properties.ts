import { blockName } from "./block-name.ts";
import { type Checker, ToldChains } from "./observed.ts";

/** The five properties that raft promises at all times. Source: Raft (2014), figure 3. */
export function raftProperties(): readonly Checker[] {
  return [
    electionSafety(),
    leaderAppendOnly(),
    logMatching(),
    leaderCompleteness(),
    machineSafety(),
  ];
}

/** At most one leader in a term. */
function electionSafety(): Checker {
  const leaders = new Map<number, number>();
  return {
    name: "election-safety",
    see: (observed) => {
      if (observed.type !== "leads") return undefined;
      const { seat, term } = observed;
      const other = leaders.get(term);
      leaders.set(term, seat);
      const isSecond = other !== undefined && other !== seat;
      return isSecond ? `term ${term}: seats ${other} and ${seat} lead` : undefined;
    },
  };
}

/** A leader takes nothing out of its log as long as it leads. */
function leaderAppendOnly(): Checker {
  const leading = new Set<number>();
  return {
    name: "leader-append-only",
    see: (observed) => {
      if (observed.type === "leads") leading.add(observed.seat);
      if (observed.type === "follows" || observed.type === "crashed") leading.delete(observed.seat);
      const isDropped = observed.type === "left" && leading.has(observed.seat);
      return isDropped ? `seat ${observed.seat} leads and dropped a block` : undefined;
    },
  };
}

/** Two logs with the same height and term hold the same block there, and so all before it. */
function logMatching(): Checker {
  const known = new Map<string, string>();
  return {
    name: "log-matching",
    see: (observed) => {
      if (observed.type !== "joined") return undefined;
      const { height, round } = observed.block;
      const id = blockName(observed.block);
      const other = known.get(`${height}/${round}`);
      known.set(`${height}/${round}`, id);
      const isOther = other !== undefined && other !== id;
      return isOther ? `height ${height}, term ${round}: two blocks` : undefined;
    },
  };
}

/** What was final stands in the log of every later leader. */
function leaderCompleteness(): Checker {
  const chains = new ToldChains();
  const finals = new Map<number, { name: string; term: number }>();
  return {
    name: "leader-completeness",
    see: (observed) => {
      chains.see(observed);
      if (observed.type === "final" && !finals.has(observed.block.height)) {
        const { height } = observed.block;
        finals.set(height, {
          name: blockName(observed.block),
          term: termOf(chains, observed.seat),
        });
      }
      if (observed.type !== "leads") return undefined;
      for (const [height, { name, term }] of finals) {
        const block = chains.of(observed.seat)[height - 1];
        const isMissing = block === undefined || blockName(block) !== name;
        if (term < observed.term && isMissing) {
          return `seat ${observed.seat} leads term ${observed.term} without final height ${height}`;
        }
      }
      return undefined;
    },
  };
}

/** No two replicas ever have another block final at the same height. */
function machineSafety(): Checker {
  const finals = new Map<number, string>();
  return {
    name: "state-machine-safety",
    see: (observed) => {
      if (observed.type !== "final") return undefined;
      const { height } = observed.block;
      const id = blockName(observed.block);
      const other = finals.get(height);
      finals.set(height, other ?? id);
      return other !== undefined && other !== id ? `height ${height}: two final blocks` : undefined;
    },
  };
}

function termOf(chains: ToldChains, seat: number): number {
  return chains.of(seat).at(-1)?.round ?? 0;
}
