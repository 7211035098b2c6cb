import type { LogView, StoredEntry } from "@voltfog/ledger/node";
import { ByteWriter, utf8 } from "@voltfog/runtime";
import type { EarlierLog } from "../log/earlier-logs.ts";
import type { UnitLog } from "../log/unit-log.ts";
import type { ChangeSignal } from "./change-signal.ts";
import { type App, exactly, waitMax_ms, whole } from "./parameters.ts";

const pageVersion = 1;
const entriesMax = 4096;
const readAtOnce = 256;
/** A page ends after the entry that reaches this; one frame has 128 KiB at most. */
const pageMax_bytes = 8 * 1024 * 1024;

interface EntriesQuery {
  /** Which of the unit's logs; the one that it writes unless told. */
  readonly log?: number;
  readonly from: number;
  readonly limit: number;
  readonly wait_ms: number;
}

export interface EntryParts {
  readonly log: UnitLog;
  /** Which of its logs the unit writes, and those before it. */
  readonly logNumber: number;
  readonly earlier: readonly EarlierLog[];
  readonly grown: ChangeSignal;
}

/**
 * The logs for the cloud: entries from an index on with a checkpoint of all of them, by long poll; 404
 * LOG_UNKNOWN for a log that the unit does not have. A log that is no longer written answers at once.
 */
export function addEntryRoutes(app: App, parts: EntryParts): void {
  app.get("/v1/logs", () => {
    const logs = [...parts.earlier, { number: parts.logNumber, view: parts.log.view }];
    return logs
      .map(({ number, view }) => ({ number, size: view.size }))
      .sort((a, b) => a.number - b.number);
  });
  const querystring = exactly({
    log: whole({ min: 1, max: 999_999_999 }),
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
      if (request.query.log !== undefined && request.query.log !== parts.logNumber) {
        const earlier = parts.earlier.find(({ number }) => number === request.query.log);
        if (earlier === undefined) {
          const message = "the unit has no such log";
          return reply.status(404).send({ code: "LOG_UNKNOWN", message });
        }
        const end = Math.min(earlier.view.size, from + limit);
        const page = await readPage(earlier.view, { from, end, pageMax_bytes });
        return reply.type("application/octet-stream").send(encodePage(page, earlier.note));
      }
      await grown.until(() => log.newest.size > from, wait_ms);
      const { bytes } = await entryPage(log, { from, limit, pageMax_bytes });
      return reply.type("application/octet-stream").send(bytes);
    },
  );
}

/** Entries of the log from an index on, with the newest checkpoint; how many there are may be 0. */
export async function entryPage(
  log: UnitLog,
  ask: { from: number; limit: number; pageMax_bytes: number },
): Promise<{ readonly bytes: Buffer; readonly entries: number }> {
  // The checkpoint is taken before the entries, so that it is never newer than what was read.
  const { size, note } = log.newest;
  const end = Math.min(size, ask.from + ask.limit);
  const page = await readPage(log.view, { ...ask, end });
  return { bytes: encodePage(page, note), entries: page.length };
}

async function readPage(
  view: Pick<LogView, "read">,
  range: { from: number; end: number; pageMax_bytes: number },
): Promise<readonly StoredEntry[]> {
  const page: StoredEntry[] = [];
  let length_bytes = 0;
  for (let from = range.from; from < range.end && length_bytes < range.pageMax_bytes; ) {
    const limit = Math.min(readAtOnce, range.end - from);
    const entries = await view.read({ from, limit });
    if (entries.length === 0) break;
    from += entries.length;
    for (const entry of entries) {
      if (length_bytes >= range.pageMax_bytes) break;
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
