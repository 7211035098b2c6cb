import { CodedError, type Crypto } from "@voltfog/runtime";
import type { NodeHasher } from "../../log/compact-range.ts";
import { consistencyRanges, inclusionRanges } from "../../log/proof-ranges.ts";
import { tileHeight, tilePath, tileWidth } from "../../log/tiles.ts";
import { foldNodes, type LeafRange, nodesOf, type TreeNode } from "../../log/tree-hash.ts";
import type { TileEdge } from "./tile-edge.ts";
import type { TileFiles } from "./tile-files.ts";

/** Proof paths and roots out of full tiles on disk and the edge in memory; reads about one tile a level. */
export class TreePaths {
  readonly #o: { edge: TileEdge; files: TileFiles; hasher: NodeHasher; crypto: Crypto };

  constructor(o: { edge: TileEdge; files: TileFiles; hasher: NodeHasher; crypto: Crypto }) {
    this.#o = o;
  }

  inclusion(o: { index: number; size: number }): Promise<readonly Uint8Array[]> {
    return Promise.all(inclusionRanges(o).map((range) => this.rangeHash(range)));
  }

  consistency(o: { from: number; to: number }): Promise<readonly Uint8Array[]> {
    return Promise.all(consistencyRanges(o).map((range) => this.rangeHash(range)));
  }

  async rangeHash(range: LeafRange): Promise<Uint8Array> {
    const nodes = nodesOf(range);
    const hashes = await Promise.all(nodes.map((node) => this.node(node)));
    return foldNodes(hashes, this.#o.crypto);
  }

  /** The hash of a full subtree of the log. */
  async node(node: TreeNode): Promise<Uint8Array> {
    const level = Math.floor(node.level / tileHeight);
    const count = 2 ** (node.level % tileHeight);
    let hashes = await this.#hashes({ level, from: node.index * count, count });
    while (hashes.length > 32) hashes = this.#o.hasher.hashPairs(hashes);
    return hashes;
  }

  async #hashes(o: { level: number; from: number; count: number }): Promise<Uint8Array> {
    const inMemory = this.#o.edge.hashes(o);
    if (inMemory !== undefined) return inMemory;
    const index = Math.floor(o.from / tileWidth);
    const tile = await this.#o.files.full(o.level, index);
    if (tile === undefined) {
      const path = tilePath({ level: o.level, index, width: tileWidth });
      throw new CodedError({ code: "LOG_CORRUPT", message: `${path} is missing or not whole` });
    }
    const at = (o.from % tileWidth) * 32;
    return tile.slice(at, at + o.count * 32);
  }
}
