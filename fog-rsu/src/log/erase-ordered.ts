import { join } from "node:path";
import { earlierLogs, eraseFrames } from "@voltfog/ledger/node";
import { type Crypto, type Logger, type Signer, toHex } from "@voltfog/runtime";
import { clearErasureOrders, isOrdered, readErasureOrders } from "@voltfog/runtime/node";
import { eraseEvents } from "../events/erase-events.ts";

/**
 * Carries out the erasures that wait for this unit, before anything of it is open: so neither a cache
 * nor a function's state holds what the disk has no longer. A crash on the way leaves the orders there,
 * and the next start does it all again. LOG_CORRUPT, JOURNAL_CORRUPT and what the disk says.
 */
export async function eraseOrdered(unit: {
  dataDir: string;
  signer: Signer;
  crypto: Crypto;
  logger: Logger;
}): Promise<void> {
  const { dataDir, signer, crypto, logger } = unit;
  const orders = readErasureOrders(dataDir);
  for (const order of orders) {
    const { by, reason, ordered_ms, keyIds } = order;
    const folders = [join(dataDir, "log"), ...earlierLogs(dataDir).map(({ folder }) => folder)];
    const frames = folders.flatMap((folder) =>
      eraseFrames({
        ...{ folder, signer, crypto, by, reason, ordered_ms },
        isMeant: (entry) => keyIds.includes(toHex(entry.keyId)) && isOrdered(order, entry),
      }),
    );
    const events = await eraseEvents({ folder: join(dataDir, "events"), order, crypto });
    logger.info("frames erased by order", { frames: frames.length, events, by });
  }
  if (orders.length > 0) clearErasureOrders(dataDir);
}
