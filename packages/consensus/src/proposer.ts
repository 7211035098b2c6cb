/**
 * Whose turn it is, by smooth weighted round-robin: at every turn each voter's priority grows by its
 * weight, the highest takes the turn and pays the sum of all weights; the lower index wins a tie.
 * After Σw turns all priorities are back at zero, so a turn needs no history: O(Σw·n) at most.
 */
export function proposerAt(options: { weights: readonly number[]; turn: number }): number {
  const { weights } = options;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const priorities = weights.map(() => 0);
  let proposer = 0;
  for (let turn = 0; turn <= options.turn % total; turn++) {
    proposer = 0;
    for (let i = 0; i < weights.length; i++) {
      priorities[i] = (priorities[i] ?? 0) + (weights[i] ?? 0);
      if ((priorities[i] ?? 0) > (priorities[proposer] ?? 0)) proposer = i;
    }
    priorities[proposer] = (priorities[proposer] ?? 0) - total;
  }
  return proposer;
}

/** Height h opens with turn h − 1; every further round passes the turn on. [P1] */
export function proposerOf(options: {
  weights: readonly number[];
  height: number;
  round: number;
}): number {
  return proposerAt({ weights: options.weights, turn: options.height - 1 + options.round });
}
