import type { CheckedBlock } from "@voltfog/ledger";
import type { ChainStore } from "@voltfog/ledger/node";
import type { Logger } from "@voltfog/runtime";
import type { LedgerApplication } from "../ledger-application.ts";
import type { BlockExchange } from "./block-exchange.ts";
import type { FetchedWork } from "./work-queue.ts";

interface FetchedParts {
  readonly application: LedgerApplication;
  readonly store: ChainStore;
  readonly exchange: BlockExchange;
  readonly logger: Logger;
  /** The chain went on, by these blocks or by a leap over them. */
  readonly becameFinal: (blocks: readonly CheckedBlock[]) => Promise<void>;
}

/** Takes in what peers sent of what is final elsewhere: blocks that follow, or a whole snapshot. */
export async function takeFetched(work: FetchedWork, parts: FetchedParts): Promise<void> {
  if (work.type === "blocks") await takeBlocks(work, parts);
  else await takeSnapshot(work, parts);
}

async function takeBlocks(
  work: FetchedWork & { type: "blocks" },
  { application, store, exchange, logger, becameFinal }: FetchedParts,
): Promise<void> {
  const writes: Promise<void>[] = [];
  const followed: CheckedBlock[] = [];
  for (const final of work.blocks) {
    const block = application.follow(final);
    if (block.ok) {
      followed.push(block.value.checked);
      writes.push(store.record(block.value.checked, block.value.certificate));
    } else if (block.problem.code !== "BLOCK_OTHER_HEIGHT") {
      logger.warn("fetched block refused", { from: work.from, ...block.problem });
    }
  }
  await Promise.all(writes);
  if (followed.length > 0) await becameFinal(followed);
  exchange.answered({ peer: work.from, helped: followed.length > 0 });
}

async function takeSnapshot(
  { incoming }: FetchedWork & { type: "snapshot" },
  { store, exchange, logger, becameFinal }: FetchedParts,
): Promise<void> {
  const from = store.chain.height;
  const isInstalled = await store.install(incoming);
  if (isInstalled) {
    logger.info("went on after a fetched snapshot", { from, height: store.chain.height });
    await becameFinal([]);
  }
  await exchange.snapshots.done(incoming, { isInstalled });
}
