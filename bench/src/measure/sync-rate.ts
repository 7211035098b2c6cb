import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@voltfog/runtime";
import { AppendFile } from "@voltfog/runtime/node";

const slice_ms = 200;

/** Appends of 4 KiB with fdatasync that one writer makes per second: shows a disk that does not really sync. */
export async function syncRate(o: { folder: string; clock: Clock }): Promise<number> {
  const path = join(o.folder, "sync-rate");
  const file = await AppendFile.open(path);
  const block = new Uint8Array(4096).fill(7);
  const start_ms = o.clock.monotonic_ms();
  let syncs = 0;
  let spent_ms = 0;
  while (spent_ms < slice_ms) {
    await file.append(block);
    syncs++;
    spent_ms = o.clock.monotonic_ms() - start_ms;
  }
  await file.close();
  rmSync(path);
  return (1000 * syncs) / spent_ms;
}
