import type { ChainBlock } from "../block.ts";
import { blockName } from "./block-name.ts";
import { type Checker, ToldChains } from "./observed.ts";

/**
 * What a replica told before a crash it still has after it: the very chain, or where the longest branch
 * counts one that is as long, for between equal branches the order of arrival is forgotten.
 */
export function toldBlocksSurvive(options: { isExact: boolean }): Checker {
  const chains = new ToldChains();
  const before = new Map<number, readonly ChainBlock[]>();
  return {
    name: "told-blocks-survive",
    see: (observed) => {
      if (observed.type === "crashed") before.set(observed.seat, [...chains.of(observed.seat)]);
      if (observed.type !== "restarted") {
        chains.see(observed);
        return undefined;
      }
      const told = before.get(observed.seat) ?? [];
      const now = chains.of(observed.seat);
      const isLost =
        now.length < told.length ||
        (options.isExact && told.some((block, i) => !isSame(block, now[i])));
      return isLost ? `seat ${observed.seat}: told ${told.length}, has ${now.length}` : undefined;
    },
  };
}

function isSame(block: ChainBlock, other: ChainBlock | undefined): boolean {
  return other !== undefined && blockName(block) === blockName(other);
}
