import { type EngineName, faultTolerance } from "@voltfog/ledger";
import { proposerOf } from "../proposer.ts";
import type { Consortium } from "./consortium.ts";
import type { Checker, SimulationEvent } from "./events.ts";
import { FinalChain } from "./final-chain.ts";
import { decodeLightBlock, type LightBlock } from "./light-block.ts";
import { seatOf } from "./light-electorate.ts";

type Event<T extends SimulationEvent["type"]> = Extract<SimulationEvent, { type: T }>;

/** Who has the turn of round 0, told from final blocks alone. */
interface TurnPlace {
  readonly height: number;
  readonly weights: readonly number[];
  /** Where the last builder stands in the set of this height; 0 where it has left, or nobody has built. */
  readonly lastBuilder: number;
}

/**
 * All correct voters share out the turns of a height alike; of those who have turns at all no f less the
 * quarantined own more than a third; and a block of round 0 is built by the voter whose turn it was.
 */
export function leaderShare(consortium: Consortium): Checker {
  const known = new Map<number, readonly number[]>();
  const chain = new FinalChain(consortium);
  /** Seats. */
  const builders: number[] = [];

  function takeTurns({ voter, height, weights }: Event<"turns">): string | undefined {
    const others = known.get(height);
    if (others === undefined) known.set(height, weights);
    else if (`${others}` !== `${weights}`) {
      return `height ${height}: voter ${voter} weighs ${weights}, another ${others}`;
    }
    return shareProblem(weights);
  }

  function lastBuilder(height: number): number {
    const voterSet = chain.votersAt(height);
    const seat = builders[height - 1];
    const place = voterSet?.voters.findIndex((_, voter) => seatOf(voterSet, voter) === seat);
    return Math.max(0, place ?? 0);
  }

  function takeFinal(block: LightBlock, round: number): string | undefined {
    const { height, builder } = block;
    const voterSet = chain.votersAt(height);
    builders[height] = (voterSet && seatOf(voterSet, builder)) ?? 0;
    const weights = known.get(height);
    if (weights === undefined || round !== 0) return undefined;
    const place = { height, weights, lastBuilder: lastBuilder(height) };
    return turnOf[consortium.engine.name](place) === builder
      ? undefined
      : `height ${height}: built by ${builder}, whose turn it was not`;
  }

  return {
    invariant: "leader share",
    observe(event) {
      if (event.type === "turns") return takeTurns(event);
      chain.learn(event);
      if (event.type !== "final") return undefined;
      const block = decodeLightBlock(event.block);
      return block && takeFinal(block, event.decision.round);
    },
  };
}

const turnOf: Readonly<Record<EngineName, (place: TurnPlace) => number>> = {
  poa: ({ weights, height }) => proposerOf({ weights, height, round: 0 }),
  pbft: leaderWhoStays,
  linear: leaderWhoStays,
  sbft: leaderWhoStays,
  hotstuff: leaderByHeight,
};

/** Who built the last block, or who has turns next to it. */
function leaderWhoStays({ weights, lastBuilder }: TurnPlace): number {
  for (let i = lastBuilder; i < weights.length; i++) if (weights[i] !== 0) return i;
  return weights.findIndex((weight) => weight !== 0);
}

/** Each height has the next voter with turns. */
function leaderByHeight({ weights, height }: TurnPlace): number {
  const seats = [...weights.keys()].filter((seat) => weights[seat] !== 0);
  return seats[height % seats.length] ?? 0;
}

function shareProblem(weights: readonly number[]): string | undefined {
  const sorted = weights.filter((weight) => weight > 0).sort((a, b) => b - a);
  const quarantined = weights.length - sorted.length;
  const suspects = Math.max(0, faultTolerance(weights.length) - quarantined);
  const total = sorted.reduce((sum, weight) => sum + weight, 0);
  const top = sorted.slice(0, suspects).reduce((sum, weight) => sum + weight, 0);
  return 3 * top <= total ? undefined : `${suspects} voters own ${top} of ${total} turns`;
}
