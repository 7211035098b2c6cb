import { type Crypto, fromHex, toHex } from "@voltfog/runtime";
import { blockId, type ChainBlock, decodeBlock, encodeBlock, noParent } from "./block.ts";
import {
  type BlockTree,
  type BranchRules,
  blockAtDepth,
  chainTo,
  emptyTree,
  grow,
  knows,
  missingParent,
  tipHeight,
} from "./block-tree.ts";
import type { MachineEffect } from "./machine.ts";
import type { ComparisonMessage } from "./message.ts";

/** What pow and poa-published share: a tree of blocks whose longest branch is the chain. */
export interface ChainState {
  readonly tree: BlockTree;
  /** The highest block that was called final. */
  readonly finalHeight: number;
}

export interface ChainRules extends BranchRules {
  readonly crypto: Crypto;
  /** Blocks that must stand on a block before it is called final; 0 calls it final at once. */
  readonly finalDepth: number;
  /** What can be told of a block alone: its work, its signature. */
  readonly isMade: (block: ChainBlock, id: Uint8Array) => boolean;
}

export interface ChainStep {
  readonly chain: ChainState;
  readonly effects: readonly MachineEffect[];
}

export const emptyChain: ChainState = { tree: emptyTree, finalHeight: 0 };

/** The chain as it stood on disk: a torn or foreign record is an own mistake and is left out. */
export function restoreChain(records: readonly Uint8Array[], rules: ChainRules): ChainState {
  let chain = emptyChain;
  for (const record of records) {
    const block = decodeBlock(record);
    if (block.ok) chain = takeBlocks(chain, [block.value], rules).chain;
  }
  return chain;
}

/** Takes blocks from anywhere: verified, made durable, and then told what they changed. */
export function takeBlocks(
  chain: ChainState,
  blocks: readonly ChainBlock[],
  rules: ChainRules,
): ChainStep {
  const effects: MachineEffect[] = [];
  let now = chain;
  for (const block of blocks) {
    const id = blockId(block, rules.crypto);
    const entry = { id: toHex(id), parentId: toHex(block.parent), block };
    if (knows(now.tree, entry.id) || !rules.isMade(block, id)) continue;
    const growth = grow(now.tree, entry, rules);
    for (const taken of growth.taken) effects.push({ type: "persist", record: encodeBlock(taken) });
    const { removed, added } = growth;
    now = { ...now, tree: growth.tree };
    if (added.length === 0) continue;
    effects.push({ type: "chain-changed", removed, added });
    const settled = settle({ ...now, finalHeight: afterRemoval(now, removed) }, rules.finalDepth);
    now = settled.chain;
    effects.push(...settled.effects);
  }
  return { chain: now, effects };
}

/** All of the chain, as a replica that starts again tells its owner. */
export function tellChain({ tree, finalHeight }: ChainState): readonly MachineEffect[] {
  const blocks: ChainBlock[] = [];
  for (let depth = 0; ; depth++) {
    const at = blockAtDepth(tree, depth);
    if (at === undefined) break;
    blocks.push(at.block);
  }
  if (blocks.length === 0) return [];
  const added = blocks.reverse();
  return [
    { type: "chain-changed", removed: [], added },
    ...added
      .filter(({ height }) => height <= finalHeight)
      .map((block): MachineEffect => ({ type: "final", block })),
  ];
}

/** Questions and answers by which replicas that missed blocks get them. */
export function exchange(
  chain: ChainState,
  { from, message }: { from: number; message: ComparisonMessage },
  rules: ChainRules,
): ChainStep {
  switch (message.type) {
    case "block":
    case "blocks": {
      const blocks = message.type === "block" ? [message.block] : message.blocks;
      const step = takeBlocks(chain, blocks, rules);
      const [first] = blocks;
      const missing = first && missingParent(step.chain.tree, nameOf(first, rules));
      if (missing === undefined) return step;
      return { chain: step.chain, effects: [...step.effects, ...ask(from, missing)] };
    }
    case "block-request": {
      const blocks = chainTo(chain.tree, toHex(message.id));
      if (blocks.length === 0) return { chain, effects: [] };
      return {
        chain,
        effects: [{ type: "send", to: [from], message: { type: "blocks", blocks } }],
      };
    }
    case "tip": {
      const id = toHex(message.id);
      const isNews = message.height >= tipHeight(chain.tree) && !knows(chain.tree, id);
      return { chain, effects: isNews ? ask(from, id) : [] };
    }
    default:
      return { chain, effects: [] };
  }
}

function nameOf(block: ChainBlock, { crypto }: ChainRules): string {
  return toHex(blockId(block, crypto));
}

/** The message that tells others where this replica stands. */
export function tipMessage({ tree }: ChainState): ComparisonMessage {
  const id = tree.tip === undefined ? noParent : idBytes(tree.tip.id);
  return { type: "tip", id, height: tipHeight(tree) };
}

/** The id of the block to build on. */
export function tipId({ tree }: ChainState): Uint8Array {
  return tree.tip === undefined ? noParent : idBytes(tree.tip.id);
}

function ask(from: number, id: string): readonly MachineEffect[] {
  return [{ type: "send", to: [from], message: { type: "block-request", id: idBytes(id) } }];
}

function idBytes(id: string): Uint8Array {
  return fromHex(id) ?? noParent;
}

function afterRemoval(chain: ChainState, removed: readonly ChainBlock[]): number {
  const lowest = removed.at(-1)?.height ?? Number.POSITIVE_INFINITY;
  return Math.min(chain.finalHeight, lowest - 1);
}

function settle(chain: ChainState, finalDepth: number): ChainStep {
  const effects: MachineEffect[] = [];
  const blocks: ChainBlock[] = [];
  const { tree } = chain;
  const due = tipHeight(tree) - finalDepth - chain.finalHeight;
  let at = due > 0 ? blockAtDepth(tree, finalDepth) : undefined;
  for (let left = due; left > 0 && at !== undefined; left--) {
    blocks.push(at.block);
    at = tree.blocks.get(at.parentId);
  }
  for (const block of blocks.reverse()) effects.push({ type: "final", block });
  return {
    chain: { ...chain, finalHeight: chain.finalHeight + Math.max(0, blocks.length) },
    effects,
  };
}
