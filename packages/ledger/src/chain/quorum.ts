/** How many of n validators may lie without harm: ⌊(n − 1) / 3⌋. */
export function faultTolerance(validators: number): number {
  return Math.floor((validators - 1) / 3);
}

/**
 * Votes that make a block final: ⌈(n + f + 1) / 2⌉, so that any two quorums share an honest vote.
 * 2f + 1 would do so only for n = 3f + 1.
 */
export function quorum(validators: number): number {
  return Math.ceil((validators + faultTolerance(validators) + 1) / 2);
}
