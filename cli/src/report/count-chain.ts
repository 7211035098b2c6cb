import { Chain, type Genesis, moduleNumber, type Result } from "@voltfog/ledger";
import { openBlockReader } from "@voltfog/ledger/node";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { SitePaths } from "../site/site-folder.ts";
import { blockFolder } from "../site/site-record.ts";
import { type DecidingSet, decidingSet, validatorsIn } from "../validators/site-validators.ts";

/** Its validators are those who decide the next block by the blocks that are counted. */
export interface ChainCount extends Omit<DecidingSet, "height"> {
  readonly blocksFinal: number;
  /** Checkpoints and events that executing the blocks again made final. */
  readonly checkpointsFinal: number;
  readonly eventsFinal: number;
}

/**
 * The most that any one validator's blocks give when they are executed again from the genesis file,
 * every certificate verified. Blocks from the first one on that does not verify are not counted.
 */
export async function countChain(paths: SitePaths, genesis: Genesis): Promise<ChainCount> {
  let most = countOf(Chain.fromGenesis({ genesis, crypto: nodeCrypto }), []);
  for (const id of validatorsIn(paths, genesis)) {
    const source = await openBlockReader({ folder: blockFolder(paths, id), crypto: nodeCrypto });
    if (source.height <= most.blocksFinal) continue;
    const count = await execute(source, genesis);
    if (count.blocksFinal > most.blocksFinal) most = count;
  }
  return most;
}

async function execute(
  source: Awaited<ReturnType<typeof openBlockReader>>,
  genesis: Genesis,
): Promise<ChainCount> {
  const chain = Chain.fromGenesis({ genesis, crypto: nodeCrypto });
  const results: Result[] = [];
  for (let height = 1; height <= source.height; height++) {
    const stored = await source.read(height).catch(() => undefined);
    const followed = stored && chain.follow(stored);
    if (!followed?.ok) break;
    results.push(...followed.value.results);
  }
  return countOf(chain, results);
}

function countOf(chain: Chain, results: readonly Result[]): ChainCount {
  const { validators, epoch, height: blocksFinal } = decidingSet(chain);
  return {
    ...{ validators, epoch, blocksFinal },
    checkpointsFinal: countOk(results, moduleNumber.checkpoints),
    eventsFinal: countOk(results, moduleNumber.events),
  };
}

function countOk(results: readonly Result[], module: number): number {
  return results.filter((result) => result.module === module && result.code === "OK").length;
}
