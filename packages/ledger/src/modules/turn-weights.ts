/** The highest weight: a seat of the worst service still has a twelfth of the best one's turns. */
export const weightMax = 12;

/**
 * Weights by score: the best has {@link weightMax}, the others in proportion, none below 1. Scores are
 * whole and not negative, below 2^48.
 */
export function weightsByScore(scores: readonly number[]): number[] {
  const best = Math.max(1, ...scores);
  return scores.map((score) => Math.max(1, Math.floor((weightMax * score + best / 2) / best)));
}

/**
 * What weights become in turns. Quarantined seats have none. Of the others no f − q own more than a third
 * of the turns, where q are quarantined and so known to be among the f that may be faulty: the highest
 * weights are cut down until that holds, which equal ones always do. A common divisor is taken out, so
 * that equal weights are 1. Where all are quarantined somebody must propose: all weigh 1.
 */
export function clampedWeights(options: {
  weights: readonly number[];
  quarantined: readonly boolean[];
  /** f of these seats. */
  faulty: number;
}): number[] {
  const { quarantined } = options;
  const free = options.weights.map((weight, i) => (quarantined[i] === true ? 0 : weight));
  if (free.every((weight) => weight === 0)) return free.map(() => 1);
  const known = quarantined.filter((one) => one).length;
  const suspects = Math.max(0, options.faulty - known);
  let cap = Math.max(...free);
  while (cap > 1 && ownOverAThird(suspects, capped(free, cap))) cap--;
  const weights = capped(free, cap);
  const divisor = weights.reduce(commonDivisor, 0);
  return weights.map((weight) => weight / divisor);
}

function capped(weights: readonly number[], cap: number): number[] {
  return weights.map((weight) => Math.min(weight, cap));
}

/** Whether so many seats may own more than a third of the turns. */
function ownOverAThird(seats: number, weights: readonly number[]): boolean {
  const sum = (some: readonly number[]): number => some.reduce((total, one) => total + one, 0);
  const highest = [...weights].sort((a, b) => b - a).slice(0, seats);
  return 3 * sum(highest) > sum(weights);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
