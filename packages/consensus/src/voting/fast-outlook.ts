/** What a collector expects of the fast path, from how it went lately. */
export interface FastOutlook {
  /** Times in a row that every share needed came before the block was decided. */
  readonly successes: number;
  /** How many of these it takes until the collector waits for shares. */
  readonly needed: number;
}

export const freshOutlook: FastOutlook = { successes: 1, needed: 1 };

const neededMax = 32;

/** Whether it is worth a wait to gather the shares before the slow path is begun. */
export function isFastExpected({ successes, needed }: FastOutlook): boolean {
  return successes >= needed;
}

/**
 * The outlook after one more block. Shares come beside the slow path's votes, so its blocks show for nothing
 * whether the fast path is back. A wait that was in vain doubles what it takes until the next one, up to 32
 * blocks; one that was not halves it.
 */
export function outlookAfter(outlook: FastOutlook, wasFast: boolean): FastOutlook {
  const { successes, needed } = outlook;
  const hasWaited = isFastExpected(outlook);
  if (!wasFast) {
    return { successes: 0, needed: hasWaited ? Math.min(neededMax, needed * 2) : needed };
  }
  if (!hasWaited) return { successes: successes + 1, needed };
  const fewer = Math.max(1, needed / 2);
  return { successes: Math.max(fewer, successes), needed: fewer };
}
