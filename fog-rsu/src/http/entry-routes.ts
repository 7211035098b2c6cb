import type { StoredEntry } from "@voltfog/ledger/node";
import { ByteWriter, utf8 } from "@voltfog/runtime";
import type { UnitLog } from "../log/unit-log.ts";
import type { ChangeSignal } from "./change-signal.ts";
import { type App, exactly, waitMax_ms, whole } from "./parameters.ts";

const pageVersion = 1;
const entriesMax = 4096;
const readAtOnce = 256;
/** A page ends after the entry that reaches this; one frame has 128 KiB at most. */
const pageMax_bytes = 8 * 1024 * 1024;

interface EntriesQuery {
  readonly from: number;
  readonly limit: number;
  readonly wait_ms: number;
}

/** The log for the cloud: entries from an index on with a checkpoint of all of them, by long poll. */
export function addEntryRoutes(app: App, parts: { log: UnitLog; grown: ChangeSignal }): void {
  const querystring = exactly({
    from: whole({ default: 0 }),
    limit: whole({ min: 1, max: entriesMax, default: 256 }),
    wait_ms: whole({ max: waitMax_ms, default: 0 }),
  });
  app.get<{ Querystring: EntriesQuery }>(
    "/v1/entries",
    { schema: { querystring } },
    async (request, reply) => {
      const { from, limit, wait_ms } = request.query;
      const { log, grown } = parts;
      await grown.until(() => log.newest.size > from, wait_ms);
      // The checkpoint is taken before the entries, so that it is never newer than what was read.
      const { size, note } = log.newest;
      const page = await readPage(log, { from, end: Math.min(size, from + limit) });
      return reply.type("application/octet-stream").send(encodePage(page, note));
    },
  );
}

async function readPage(
  log: UnitLog,
  range: { from: number; end: number },
): Promise<readonly StoredEntry[]> {
  const page: StoredEntry[] = [];
  let length_bytes = 0;
  for (let from = range.from; from < range.end && length_bytes < pageMax_bytes; ) {
    const limit = Math.min(readAtOnce, range.end - from);
    const entries = await log.view.read({ from, limit });
    if (entries.length === 0) break;
    from += entries.length;
    for (const entry of entries) {
      if (length_bytes >= pageMax_bytes) break;
      page.push(entry);
      length_bytes += 128 + (entry.frame?.length ?? 0);
    }
  }
  return page;
}

function encodePage(page: readonly StoredEntry[], note: string): Buffer {
  const writer = new ByteWriter().u8(pageVersion).u32(page.length);
  for (const { index, accepted_ms, entryBytes, frame } of page) {
    writer
      .u64(index)
      .u64(accepted_ms)
      .block(entryBytes)
      .block(frame ?? new Uint8Array());
  }
  return Buffer.from(writer.block(utf8(note)).finish());
}
