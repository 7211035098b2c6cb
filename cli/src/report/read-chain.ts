import { moduleNumber, type Result } from "@voltfog/ledger";
import type { ExecutedBlock } from "../site/site-record.ts";

/** Final blocks and what they did, counted while the chain is executed again. */
export class ChainCount {
  blocksFinal = 0;
  checkpointsFinal = 0;
  eventsFinal = 0;

  take(block: ExecutedBlock): void {
    this.blocksFinal += 1;
    for (const result of block.results) {
      if (isOk(result, moduleNumber.checkpoints)) this.checkpointsFinal += 1;
      if (isOk(result, moduleNumber.events)) this.eventsFinal += 1;
    }
  }
}

function isOk(result: Result, module: number): boolean {
  return result.module === module && result.code === "OK";
}
