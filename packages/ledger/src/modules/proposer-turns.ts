import { assert } from "@voltfog/runtime";

/** Sum of the weights at most, so that a cycle of turns stays small: 256 seats of the highest weight. */
const turnsMax = 4096;

/**
 * One cycle of turns to propose, by smooth weighted round-robin: at every turn each seat's priority grows
 * by its weight, the highest takes the turn and pays the sum of all weights; the lower rank wins a tie,
 * which is the place in the list where none is given. After Σw turns all priorities are back at zero, so
 * the cycle repeats for ever. Weights are whole, at least one above 0. O(Σw·n) with Σw ≤ 4,096.
 */
export function turnCycle(
  weights: readonly number[],
  ranks: readonly number[] = [...weights.keys()],
): Uint16Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  assert(total > 0 && total <= turnsMax, "weights sum to 1 to 4,096");
  const priorities = weights.map(() => 0);
  const cycle = new Uint16Array(total);
  for (let turn = 0; turn < total; turn++) {
    let proposer = -1;
    for (const [i, weight] of weights.entries()) {
      priorities[i] = (priorities[i] ?? 0) + weight;
      if (weight > 0 && (proposer < 0 || isBefore({ priorities, ranks, i, proposer })))
        proposer = i;
    }
    priorities[proposer] = (priorities[proposer] ?? 0) - total;
    cycle[turn] = proposer;
  }
  return cycle;
}

function isBefore(options: {
  priorities: readonly number[];
  ranks: readonly number[];
  i: number;
  proposer: number;
}): boolean {
  const { priorities, ranks, i, proposer } = options;
  const lead = (priorities[i] ?? 0) - (priorities[proposer] ?? 0);
  return lead > 0 || (lead === 0 && (ranks[i] ?? 0) < (ranks[proposer] ?? 0));
}

/** Height h opens with turn h − 1; every further round passes the turn on. [consensus.md P1] */
export function proposerIn(cycle: Uint16Array, at: { height: number; round: number }): number {
  return cycle[(at.height - 1 + at.round) % cycle.length] ?? 0;
}
