/** Whether to wait for what others are about to send, from how it went lately: shares of a fast path, transactions. */
export interface WaitOutlook {
  /** Times in a row that what was needed came in time. */
  readonly successes: number;
  /** How many of these it takes until there is a wait. */
  readonly needed: number;
}

export const freshOutlook: WaitOutlook = { successes: 1, needed: 1 };

const neededMax = 32;

/** Whether it is worth a wait now. */
export function isWaitWorth({ successes, needed }: WaitOutlook): boolean {
  return successes >= needed;
}

/**
 * The outlook after one more block. Shares come beside the slow path's votes, so its blocks show for nothing
 * whether the fast path is back. A wait that was in vain doubles what it takes until the next one, up to 32
 * blocks; one that was not halves it.
 */
export function outlookAfter(outlook: WaitOutlook, cameInTime: boolean): WaitOutlook {
  const { successes, needed } = outlook;
  const hasWaited = isWaitWorth(outlook);
  if (!cameInTime) {
    return { successes: 0, needed: hasWaited ? Math.min(neededMax, needed * 2) : needed };
  }
  if (!hasWaited) return { successes: successes + 1, needed };
  const fewer = Math.max(1, needed / 2);
  return { successes: Math.max(fewer, successes), needed: fewer };
}
