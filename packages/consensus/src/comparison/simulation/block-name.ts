import { toHex } from "@voltfog/runtime";
import { simulatedCrypto as crypto } from "../../simulation/keyed-hash.ts";
import { blockId, type ChainBlock } from "../block.ts";

const names = new WeakMap<ChainBlock, string>();

/** A block's id in hex, reckoned once for each block. */
export function blockName(block: ChainBlock): string {
  const known = names.get(block);
  if (known !== undefined) return known;
  const name = toHex(blockId(block, crypto));
  names.set(block, name);
  return name;
}
