import type { ChainBlock } from "../block.ts";
import { blockName } from "./block-name.ts";
import { type Checker, ToldChains } from "./observed.ts";

/** Once messages arrive again all chains are one, but for the last blocks down to a depth. */
export function oneChainInTheEnd(options: { depth: number }): Checker {
  const chains = new ToldChains();
  return {
    name: "one-chain-in-the-end",
    see: (observed) => {
      chains.see(observed);
      if (observed.type !== "end") return undefined;
      const [first = [], ...rest] = chains.seats.map((seat) => chains.of(seat));
      for (const other of rest) {
        const shared = Math.min(first.length, other.length) - options.depth;
        const split = first.findIndex((block, i) => i < shared && !isSame(block, other[i]));
        if (split >= 0)
          return `chains part at height ${split + 1}, ${shared - split} below the depth`;
      }
      return undefined;
    },
  };
}

function isSame(block: ChainBlock, other: ChainBlock | undefined): boolean {
  return other !== undefined && blockName(block) === blockName(other);
}
