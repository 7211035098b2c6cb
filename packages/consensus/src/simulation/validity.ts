import { equalBytes } from "@voltfog/runtime";
import type { Checker } from "./events.ts";
import { blockInterval_ms } from "./light-application.ts";
import { decodeLightBlock, type LightBlock, lightDigestOf } from "./light-block.ts";

interface Last {
  readonly height: number;
  readonly digest: Uint8Array;
  readonly time_ms: number;
}

/** Every final block follows its parent in hash and time and holds only what a client submitted, once. */
export function validity(): Checker {
  const submitted = new Set<number>();
  const includedAt = new Map<number, number>();
  const last = new Map<number, Last>();

  function transactionProblem(block: LightBlock): string | undefined {
    for (const transaction of block.transactions) {
      const height = includedAt.get(transaction) ?? block.height;
      includedAt.set(transaction, height);
      if (!submitted.has(transaction)) return `nobody submitted transaction ${transaction}`;
      if (height !== block.height) return `transaction ${transaction} is in two blocks`;
    }
    return undefined;
  }

  return {
    invariant: "validity",
    observe(event) {
      if (event.type === "submitted") submitted.add(event.transaction);
      if (event.type !== "final") return undefined;
      const block = decodeLightBlock(event.block);
      const digest = lightDigestOf(event.block);
      if (block === undefined || digest === undefined) return "a final block does not read";
      const parent = last.get(event.voter);
      last.set(event.voter, { height: block.height, digest, time_ms: block.time_ms });
      if (!equalBytes(digest, event.decision.digest)) return `height ${block.height}: other bytes`;
      return parentProblem(block, parent) ?? transactionProblem(block);
    },
  };
}

function parentProblem(block: LightBlock, parent: Last | undefined): string | undefined {
  if (parent === undefined || parent.height !== block.height - 1) return undefined;
  if (!equalBytes(block.parent, parent.digest)) return `height ${block.height}: other parent`;
  return block.time_ms < parent.time_ms + blockInterval_ms
    ? `height ${block.height}: less than T after its parent`
    : undefined;
}
