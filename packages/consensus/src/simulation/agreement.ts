import { toHex } from "@voltfog/runtime";
import type { Checker } from "./events.ts";

/** No two correct voters ever hold different final blocks of one height, and each holds every height. */
export function agreement(): Checker {
  const blocks = new Map<number, string>();
  const heights = new Map<number, number>();
  return {
    invariant: "agreement",
    observe(event) {
      if (event.type === "restarted") {
        const before = heights.get(event.voter) ?? 0;
        if (event.height < before) return `voter ${event.voter} forgot final height ${before}`;
        heights.set(event.voter, event.height);
      }
      if (event.type !== "final") return undefined;
      const { height } = event.decision;
      const before = heights.get(event.voter) ?? 0;
      heights.set(event.voter, height);
      if (height !== before + 1) return `voter ${event.voter} went from ${before} to ${height}`;
      const digest = toHex(event.decision.digest);
      const other = blocks.get(height);
      blocks.set(height, digest);
      if (other === undefined || other === digest) return undefined;
      return `height ${height} is ${other.slice(0, 8)} and, at voter ${event.voter}, ${digest.slice(0, 8)}`;
    },
  };
}
