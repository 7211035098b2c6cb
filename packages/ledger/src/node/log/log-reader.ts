import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, type Crypto } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { openCheckpoint } from "../../log/checkpoint.ts";
import type { LogStream } from "../../log/entry.ts";
import type { NoteKey } from "../../log/signed-note.ts";
import { checkpointFile, journalFault, type LoadedLog, loadLog } from "./log-files.ts";
import { LogQueries } from "./log-queries.ts";
import { type FileExtent, logExtent } from "./log-snapshot.ts";
import type { ChainEnd, EntryKey, LogView, PublishedHead, StoredEntry } from "./log-types.ts";

/** A writer may publish while its folder is being opened; then opening starts over. */
const attemptsMax = 5;

/**
 * Reads a log without locks, live or stopped. It stands still at what was there when it opened until
 * it is refreshed, and leaves an unfinished last group out. Beside a live writer it may see a group a
 * moment before that group is durable: only the writer's own answer is a promise.
 */
export class LogReader implements LogView {
  readonly #folder: string;
  readonly #log: LoadedLog;
  readonly #crypto: Crypto;
  readonly #queries: LogQueries;

  constructor(o: { folder: string; log: LoadedLog; crypto: Crypto }) {
    this.#folder = o.folder;
    this.#log = o.log;
    this.#crypto = o.crypto;
    this.#queries = new LogQueries(o.log);
  }

  /** The log's origin and public key, as its folder says; who must trust them compares them. */
  get key(): NoteKey {
    return this.#log.state.key;
  }

  /** Signed note of the whole log as read. */
  get checkpoint(): string {
    return this.#log.state.note ?? this.published.note;
  }

  get published(): PublishedHead {
    return this.#log.state.published;
  }

  get size(): number {
    return this.#queries.size;
  }

  get root(): Uint8Array {
    return this.#queries.root;
  }

  /** What to copy so that the copy is this log as it was read; see {@link logExtent}. */
  extent(): readonly FileExtent[] {
    return logExtent(this.#folder, this.#log);
  }

  /** Takes in what was appended and published since. LOG_CORRUPT when the journal was changed. */
  async refresh(): Promise<void> {
    const { state, segments, follower } = this.#log;
    const note = await readFile(join(this.#folder, checkpointFile), "utf8");
    const stop = follower.follow();
    if (stop.kind === "corrupt") throw journalFault(segments, stop);
    if (note === state.published.note) return;
    const { name: origin, publicKey } = state.key;
    const head = openCheckpoint({ note, origin, publicKey, crypto: this.#crypto });
    if (!head.ok || head.value.size > state.size) return;
    state.published = { size: head.value.size, root: head.value.root, note };
    state.edge.release(head.value.size);
  }

  read(range: { from: number; limit: number }): Promise<readonly StoredEntry[]> {
    return this.#queries.read(range);
  }

  find(key: EntryKey): number | undefined {
    return this.#queries.find(key);
  }

  lastOf(keyId: Uint8Array, stream: LogStream): ChainEnd | undefined {
    return this.#queries.lastOf(keyId, stream);
  }

  inclusionPath(o: { index: number; size: number }): Promise<readonly Uint8Array[]> {
    return this.#queries.inclusionPath(o);
  }

  consistencyPath(o: { from: number; to: number }): Promise<readonly Uint8Array[]> {
    return this.#queries.consistencyPath(o);
  }

  tile(path: string): Promise<Uint8Array | undefined> {
    return this.#queries.tile(path);
  }
}

/** Opens a log's folder for reading; LOG_CORRUPT with file and byte when it does not hold together. */
export async function openLogReader(
  folder: string,
  options: { crypto?: Crypto } = {},
): Promise<LogReader> {
  const crypto = options.crypto ?? nodeCrypto;
  for (let attempt = 1; ; attempt++) {
    const before = await readNote(folder);
    try {
      return new LogReader({ folder, log: await loadLog(folder, crypto), crypto });
    } catch (thrown) {
      const moved = before !== (await readNote(folder));
      if (!(thrown instanceof CodedError) || !moved || attempt === attemptsMax) throw thrown;
    }
  }
}

async function readNote(folder: string): Promise<string | undefined> {
  return await readFile(join(folder, checkpointFile), "utf8").catch(() => undefined);
}
