import { moduleNumber, type Result } from "@voltfog/ledger";
import type { ExecutedBlock } from "../site/site-record.ts";

/** Final blocks, and the checkpoints and events that executing them again made final. */
export function countChain(blocks: readonly ExecutedBlock[]): {
  readonly blocksFinal: number;
  readonly checkpointsFinal: number;
  readonly eventsFinal: number;
} {
  const results = blocks.flatMap((block) => block.results);
  return {
    blocksFinal: blocks.length,
    checkpointsFinal: countOk(results, moduleNumber.checkpoints),
    eventsFinal: countOk(results, moduleNumber.events),
  };
}

function countOk(results: readonly Result[], module: number): number {
  return results.filter((result) => result.module === module && result.code === "OK").length;
}
