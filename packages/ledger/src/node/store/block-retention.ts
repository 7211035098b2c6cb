/** What a validator keeps of its final blocks. */
export interface BlockRetention {
  /** The newest blocks that stay, whatever else; undefined keeps all. */
  readonly blocksKept: number | undefined;
  /** The lowest height that a reader has yet to fetch; blocks from there on stay. Infinity where no one waits. */
  readonly readersFrom: () => number;
}

export const keepAllBlocks: BlockRetention = {
  blocksKept: undefined,
  readersFrom: () => Number.POSITIVE_INFINITY,
};

/**
 * The lowest height whose block stays: every block above the oldest snapshot is needed to start again
 * where the newest one cannot be read. 1 where nothing goes.
 */
export function lowestKept(options: {
  retention: BlockRetention;
  height: number;
  /** Heights of the snapshots at hand. */
  snapshots: readonly number[];
}): number {
  const { retention, height, snapshots } = options;
  const { blocksKept, readersFrom } = retention;
  if (blocksKept === undefined || snapshots.length === 0) return 1;
  const oldest = Math.min(...snapshots);
  return Math.max(1, Math.min(height - blocksKept + 1, oldest + 1, readersFrom()));
}
