import type { Logger } from "@voltfog/runtime";
import type { DurableFrame, DurableFrames } from "./durable-frame.ts";
import type { UnitLog } from "./unit-log.ts";

/**
 * Frames that are shown again at most, half of what waits for a function at most. What is older than
 * that is history and no alert any more.
 */
const entriesMax = 2048;
const pageEntries = 256;

/**
 * Shows the functions what the log took before the unit went down and they may not have seen. Events
 * that were recorded already are not recorded twice.
 */
export async function showMissed(options: {
  log: UnitLog;
  durable: DurableFrames;
  shownUpTo: number;
  show: (frames: readonly DurableFrame[]) => void;
  logger: Logger;
}): Promise<void> {
  const { size } = options.log.view;
  const start = Math.max(options.shownUpTo, size - entriesMax);
  if (start >= size) return;
  options.logger.info("frames shown again", { from: start, entries: size - start });
  for (let from = start; from < size; from += pageEntries) {
    const limit = Math.min(pageEntries, size - from);
    options.show(options.durable.ofStored(await options.log.view.read({ from, limit })));
  }
}
