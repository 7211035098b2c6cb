import { toHex } from "@voltfog/runtime";
import { blocksSent, type ChainBlock, noParent } from "./block.ts";

/** A block with its name; the name of what the chain begins with is zeros. */
export interface TreeBlock {
  readonly id: string;
  readonly parentId: string;
  readonly block: ChainBlock;
}

/** All branches that a replica knows, down to a depth, and the one it builds on. */
export interface BlockTree {
  readonly blocks: ReadonlyMap<string, TreeBlock>;
  /** Undefined while the chain is empty. */
  readonly tip: TreeBlock | undefined;
  /** Blocks that wait for the one before them, oldest entry first. */
  readonly orphans: readonly TreeBlock[];
}

/** What one block did to the chain. */
export interface Growth {
  readonly tree: BlockTree;
  /** Blocks that the tree took, orphans that it freed included; a disk needs them in this order. */
  readonly taken: readonly ChainBlock[];
  readonly removed: readonly ChainBlock[];
  readonly added: readonly ChainBlock[];
}

export const emptyTree: BlockTree = { blocks: new Map(), tip: undefined, orphans: [] };
/** Branches that fork off deeper than this below the tip are forgotten, and no peer gets blocks of them. */
const keptDepth = 4096;
const orphansMax = 1024;
export const rootId: string = toHex(noParent);

export function tipHeight(tree: BlockTree): number {
  return tree.tip?.block.height ?? 0;
}

/** Whether the tree needs no more to hear of this id. */
export function knows(tree: BlockTree, id: string): boolean {
  return id === rootId || tree.blocks.has(id) || tree.orphans.some((each) => each.id === id);
}

/** What a branch is and which of them is the chain. */
export interface BranchRules {
  /** Whether the block may stand behind its parent; undefined is the beginning. */
  readonly follows: (block: ChainBlock, parent: ChainBlock | undefined) => boolean;
  /** Whether the branch that ends with this block is better than the own chain. */
  readonly isBetter: (block: ChainBlock, tip: ChainBlock | undefined) => boolean;
}

/** The longest chain wins; between equally long ones the first stays. */
export function isLonger(block: ChainBlock, tip: ChainBlock | undefined): boolean {
  return block.height > (tip?.height ?? 0);
}

/** Puts a block where it belongs; one whose parent is missing waits. */
export function grow(tree: BlockTree, block: TreeBlock, rules: BranchRules): Growth {
  const nothing: Growth = { tree, taken: [], removed: [], added: [] };
  if (knows(tree, block.id)) return nothing;
  if (!isConnected(tree, block)) {
    const orphans = [...tree.orphans, block].slice(-orphansMax);
    return { ...nothing, tree: { ...tree, orphans } };
  }
  const taken: TreeBlock[] = [];
  const blocks = new Map(tree.blocks);
  let orphans = tree.orphans;
  const due = [block];
  for (let next = due.shift(); next !== undefined; next = due.shift()) {
    const { id, parentId } = next;
    if (!stands(next, blocks.get(parentId)?.block, rules)) continue;
    blocks.set(id, next);
    taken.push(next);
    due.push(...orphans.filter((each) => each.parentId === id));
    orphans = orphans.filter((each) => each.parentId !== id);
  }
  let tip = tree.tip;
  for (const each of taken) if (rules.isBetter(each.block, tip?.block)) tip = each;
  const grown = { blocks, tip, orphans };
  const { removed, added } = switchOf(grown, tree.tip);
  prune(blocks, tipHeight(grown));
  return { tree: grown, taken: taken.map((each) => each.block), removed, added };
}

/** What the branch of this orphan waits for: the block to ask for. Undefined where it waits for nothing. */
export function missingParent(tree: BlockTree, id: string): string | undefined {
  const byId = new Map(tree.orphans.map((orphan) => [orphan.id, orphan]));
  let missing: string | undefined;
  for (let at = byId.get(id); at !== undefined; at = byId.get(at.parentId)) missing = at.parentId;
  return missing;
}

/** A piece of the chain that ends with this block, oldest first; no more than one message carries. */
export function chainTo(tree: BlockTree, id: string): readonly ChainBlock[] {
  const piece: ChainBlock[] = [];
  for (let at = tree.blocks.get(id); at !== undefined; at = tree.blocks.get(at.parentId)) {
    piece.push(at.block);
    if (!blocksSent.hasRoom(piece)) break;
  }
  return piece.reverse();
}

/** The block of the own chain that stands this much below the tip; 0 is the tip. */
export function blockAtDepth(tree: BlockTree, depth: number): TreeBlock | undefined {
  let at = tree.tip;
  for (let down = 0; down < depth && at !== undefined; down++) at = tree.blocks.get(at.parentId);
  return at;
}

function isConnected(tree: BlockTree, { parentId }: TreeBlock): boolean {
  return parentId === rootId || tree.blocks.has(parentId);
}

function stands(
  { block, parentId }: TreeBlock,
  parent: ChainBlock | undefined,
  { follows }: BranchRules,
): boolean {
  if (parent === undefined && parentId !== rootId) return false;
  return block.height === (parent?.height ?? 0) + 1 && follows(block, parent);
}

/** From the old tip down to where both chains meet, and from there up to the new one. */
function switchOf(
  { blocks, tip }: { blocks: ReadonlyMap<string, TreeBlock>; tip: TreeBlock | undefined },
  oldTip: TreeBlock | undefined,
): { removed: readonly ChainBlock[]; added: readonly ChainBlock[] } {
  const removed: ChainBlock[] = [];
  const added: ChainBlock[] = [];
  let old = oldTip;
  let fresh = tip;
  while (fresh !== undefined && fresh.block.height > (old?.block.height ?? 0)) {
    added.push(fresh.block);
    fresh = blocks.get(fresh.parentId);
  }
  while (old !== undefined && old.block.height > (fresh?.block.height ?? 0)) {
    removed.push(old.block);
    old = blocks.get(old.parentId);
  }
  while (old !== undefined && fresh !== undefined && old.id !== fresh.id) {
    removed.push(old.block);
    added.push(fresh.block);
    old = blocks.get(old.parentId);
    fresh = blocks.get(fresh.parentId);
  }
  return { removed, added: added.reverse() };
}

/** A map keeps the order of entry, and a child comes after its parent. */
function prune(blocks: Map<string, TreeBlock>, height: number): void {
  for (const [id, { block }] of blocks) {
    if (block.height >= height - keptDepth) return;
    blocks.delete(id);
  }
}
