import { renameSync, rmSync } from "node:fs";
import { streams } from "@voltfog/messages";
import { type FrameErasure, isOrdered, RecordFile, readRecords } from "@voltfog/runtime/node";
import { decodeStoredFrame, outboxFileKind } from "./journal-record.ts";
import { outboxPaths } from "./outbox-paths.ts";
import { listSegments } from "./segment-files.ts";

/**
 * Writes the segments of a vehicle's outbox anew without the frames that are to be erased, before its
 * agent opens them; gives how many went. One that no unit had acknowledged is declared lost then, as any
 * frame that the disk no longer gives. The samples behind the last frame go with the whole vehicle.
 */
export async function eraseOutbox(folder: string, order: FrameErasure): Promise<number> {
  const paths = outboxPaths(folder);
  let erased = 0;
  for (const stream of streams) {
    for (const { path } of listSegments({ folder: paths.queue, stream })) {
      const { records } = await readRecords({ path, kind: outboxFileKind });
      const kept = records.filter(({ payload }) => {
        const stored = decodeStoredFrame(payload);
        return !stored.ok || !isOrdered(order, stored.value.record);
      });
      if (kept.length === records.length) continue;
      erased += records.length - kept.length;
      const draft = `${path}.new`;
      rmSync(draft, { force: true });
      const file = await RecordFile.open({ path: draft, kind: outboxFileKind });
      if (kept.length > 0) await file.append(kept.map(({ payload }) => payload));
      await file.close();
      renameSync(draft, path);
    }
  }
  if (order.isWhole) rmSync(paths.unframed, { force: true });
  return erased;
}
