import { toHex } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { simulatedCrypto as crypto } from "../simulation/keyed-hash.ts";
import { blockId, type ChainBlock, noParent } from "./block.ts";
import {
  type BlockTree,
  chainTo,
  emptyTree,
  type Growth,
  grow,
  isLonger,
  missingParent,
  type TreeBlock,
} from "./block-tree.ts";

const rules = { follows: () => true, isBetter: isLonger };

function blockOn(parent: TreeBlock | undefined, author: number): TreeBlock {
  const parentId = parent === undefined ? noParent : blockId(parent.block, crypto);
  const block: ChainBlock = {
    height: (parent?.block.height ?? 0) + 1,
    parent: parentId,
    author,
    round: 0,
    made_ms: 0,
    nonce: 0,
    records: [],
    signature: new Uint8Array(),
  };
  return { id: toHex(blockId(block, crypto)), parentId: toHex(parentId), block };
}

const a1 = blockOn(undefined, 1);
const a2 = blockOn(a1, 1);
const b2 = blockOn(a1, 2);
const b3 = blockOn(b2, 2);

function growAll(blocks: readonly TreeBlock[]): readonly Growth[] {
  let tree: BlockTree = emptyTree;
  return blocks.map((block) => {
    const growth = grow(tree, block, rules);
    tree = growth.tree;
    return growth;
  });
}

test("of two equally long branches the first stays; a longer one takes its place", () => {
  const [, , tie, longer] = growAll([a1, a2, b2, b3]);
  expect(tie?.added).toEqual([]);
  expect(tie?.taken).toEqual([b2.block]);
  expect(longer?.removed).toEqual([a2.block]);
  expect(longer?.added).toEqual([b2.block, b3.block]);
});

test("a block that came before its parent waits for it, and the tree says what it waits for", () => {
  const [early, , freed] = growAll([b3, a1, b2]);
  expect(early?.taken).toEqual([]);
  expect(missingParent(early?.tree ?? emptyTree, b3.id)).toBe(b2.id);
  expect(freed?.added).toEqual([b2.block, b3.block]);
  expect(chainTo(freed?.tree ?? emptyTree, b3.id)).toEqual([a1.block, b2.block, b3.block]);
});

test("a block with a wrong height, or one that the rules refuse, is no part of the tree", () => {
  const high = { ...a2, id: "f".repeat(64), block: { ...a2.block, height: 3 } };
  const [, wrong] = growAll([a1, high]);
  expect(wrong?.taken).toEqual([]);
  const refused = grow(emptyTree, a1, { ...rules, follows: () => false });
  expect(refused.taken).toEqual([]);
});
