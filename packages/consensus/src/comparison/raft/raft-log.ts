import { type ChainBlock, noParent } from "../block.ts";

/** A replica's log: heights from `base` + 1 on; what lies below is final and forgotten. */
export interface RaftLog {
  readonly base: { readonly height: number; readonly term: number };
  readonly blocks: readonly ChainBlock[];
}

/** What one append did to the log. */
export interface LogChange {
  readonly log: RaftLog;
  /** Newest first. */
  readonly removed: readonly ChainBlock[];
  /** Oldest first. */
  readonly added: readonly ChainBlock[];
}

export const emptyLog: RaftLog = { base: { height: 0, term: 0 }, blocks: [] };
/** Final blocks that a log keeps for followers that missed them; there is no snapshot for one further behind. */
const keptMax = 4096;

export function lastHeight({ base, blocks }: RaftLog): number {
  return base.height + blocks.length;
}

export function lastTerm({ base, blocks }: RaftLog): number {
  return blocks.at(-1)?.round ?? base.term;
}

export function blockAt({ base, blocks }: RaftLog, height: number): ChainBlock | undefined {
  return height > base.height ? blocks[height - base.height - 1] : undefined;
}

/** Undefined where the log has nothing there any more, or not yet. */
export function termAt(log: RaftLog, height: number): number | undefined {
  return height === log.base.height ? log.base.term : blockAt(log, height)?.round;
}

export function blocksFrom({ base, blocks }: RaftLog, height: number): readonly ChainBlock[] {
  return blocks.slice(Math.max(0, height - base.height - 1));
}

/**
 * The leader's blocks in place of what contradicts them: from the first height with another term on,
 * the own ones go. What is there already stays, so that an old message cannot shorten a log. [Raft §5.3]
 */
export function take(log: RaftLog, blocks: readonly ChainBlock[]): LogChange {
  const first = blocks.findIndex(
    ({ height, round }) => height > log.base.height && termAt(log, height) !== round,
  );
  const start = blocks[first];
  if (start === undefined) return { log, removed: [], added: [] };
  const kept = log.blocks.slice(0, start.height - log.base.height - 1);
  const removed = log.blocks.slice(kept.length).reverse();
  const added = blocks.slice(first);
  return { log: { ...log, blocks: [...kept, ...added] }, removed, added };
}

/** Forgets the oldest final blocks once there are twice as many as are kept. */
export function forget(log: RaftLog, finalHeight: number): RaftLog {
  const finals = finalHeight - log.base.height;
  if (finals < 2 * keptMax) return log;
  const dropped = finals - keptMax;
  const last = log.blocks[dropped - 1];
  if (last === undefined) return log;
  return {
    base: { height: last.height, term: last.round },
    blocks: log.blocks.slice(dropped),
  };
}

/** The id that the next block names; blocks are hashed only to chain them, for raft itself needs no hash. */
export function parentOf(log: RaftLog, idOf: (block: ChainBlock) => Uint8Array): Uint8Array {
  const last = log.blocks.at(-1);
  return last === undefined ? noParent : idOf(last);
}
