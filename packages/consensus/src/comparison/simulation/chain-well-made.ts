import { toHex } from "@voltfog/runtime";
import type { ChainBlock } from "../block.ts";
import { rootId } from "../block-tree.ts";
import { blockName } from "./block-name.ts";
import { type Checker, type Observed, ToldChains } from "./observed.ts";

/** Every block of a chain names the one before it and is made as the engine asks. */
export function chainWellMade(
  isMade: (block: ChainBlock, o: { parent: ChainBlock | undefined; now_ms: number }) => boolean,
): Checker {
  const chains = new ToldChains();
  return {
    name: "chain-well-made",
    see: (observed) => {
      const problem = problemOf(observed, chains, isMade);
      chains.see(observed);
      return problem;
    },
  };
}

function problemOf(
  observed: Observed,
  chains: ToldChains,
  isMade: (block: ChainBlock, o: { parent: ChainBlock | undefined; now_ms: number }) => boolean,
): string | undefined {
  if (observed.type !== "joined" && observed.type !== "left") return undefined;
  const { seat, block, now_ms } = observed;
  const tip = chains.of(seat).at(-1);
  const name = `seat ${seat}: block ${block.height}`;
  if (observed.type === "left") return tip === block ? undefined : `${name} left below the tip`;
  const tipName = tip === undefined ? rootId : blockName(tip);
  const follows = toHex(block.parent) === tipName && block.height === (tip?.height ?? 0) + 1;
  if (!follows) return `${name} does not follow`;
  return isMade(block, { parent: tip, now_ms }) ? undefined : `${name} is badly made`;
}
