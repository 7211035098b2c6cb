import type { Checker } from "./events.ts";

/** How many heights past the healing every correct voter must reach before the run's end. */
export const heightsAfterHealing = 3;

/** Once messages arrive and nobody crashes, every correct voter catches up and new blocks become final. */
export function livenessAfterHealing(): Checker {
  let target = 0;
  return {
    invariant: "liveness after healing",
    observe(event) {
      if (event.type === "healed") target = Math.max(...event.heights) + heightsAfterHealing;
      if (event.type !== "ended") return undefined;
      const lowest = Math.min(...event.heights);
      return lowest >= target ? undefined : `a voter ended at ${lowest}, not at ${target}`;
    },
  };
}
