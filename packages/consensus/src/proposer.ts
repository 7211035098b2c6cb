import { proposerIn, turnCycle } from "@voltfog/ledger";
import type { VoterSet } from "./engine.ts";

/** Height h opens with turn h − 1 of the cycle of these weights; every further round passes the turn on. [P1] */
export function proposerOf(options: {
  weights: readonly number[];
  height: number;
  round: number;
}): number {
  return proposerIn(turnCycle(options.weights), options);
}

const cycles = new WeakMap<VoterSet, Uint16Array>();

/** Whose turn it is among these voters. The cycle is drawn once for each set: O(Σw·n), then O(1). */
export function proposerAmong(
  voterSet: VoterSet,
  at: { readonly height: number; readonly round: number },
): number {
  const cycle = cycles.get(voterSet) ?? cycleOf(voterSet);
  cycles.set(voterSet, cycle);
  return proposerIn(cycle, at);
}

function cycleOf({ voters }: VoterSet): Uint16Array {
  return turnCycle(
    voters.map(({ weight }) => weight),
    voters.map(({ rank }, place) => rank ?? place),
  );
}
