import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CodedError,
  type Crypto,
  type Logger,
  messageOf,
  type Signer,
  utf8,
} from "@voltfog/runtime";
import { diskError, replaceFileSync } from "@voltfog/runtime/node";
import { signCheckpoint } from "../../log/checkpoint.ts";
import type { LogEnd, LogStream } from "../../log/entry.ts";
import { logHashOf } from "../../log/log-hash.ts";
import { encodeVerifierKey, isKeyName } from "../../log/signed-note.ts";
import { emptyRoot } from "../../log/tree-hash.ts";
import { GroupCommit } from "./group-commit.ts";
import { JournalWriter, type OpenGrowingFile } from "./journal-writer.ts";
import {
  checkpointFile,
  corruptLog,
  journalFolder,
  keyFile,
  type LoadedLog,
  loadLog,
} from "./log-files.ts";
import { LogQueries } from "./log-queries.ts";
import type {
  ChainEnd,
  EntryKey,
  LogAppend,
  LogReceipt,
  LogView,
  PublishedHead,
  StoredEntry,
} from "./log-types.ts";
import { replaceFile, syncFolder } from "./tile-files.ts";
import { treeHashing } from "./tree-hasher.ts";

/** What a log that takes the place of another one says first, and when. */
export interface LogOpeningFacts {
  readonly predecessor: LogEnd;
  readonly at_ms: number;
}

export interface TelemetryLogOptions {
  readonly folder: string;
  /** Name of the log and of its key: {@link logOrigin}. */
  readonly origin: string;
  readonly signer: Signer;
  readonly crypto: Crypto;
  readonly logger: Logger;
  /** A log without entries begins with one that names the log whose place it takes; asked only then. */
  readonly opening?: (() => Promise<LogOpeningFacts>) | undefined;
  /** Record bytes that may wait for the disk; LOG_BACKLOG beyond. 128 MiB unless told. */
  readonly backlogMax_bytes?: number;
  /**
   * Once more entries than this are without tiles, the log publishes by itself, and takes no more
   * while that fails. 524,288 unless told: about 50 MB.
   */
  readonly unpublishedMax?: number;
  /** A segment that reached this size takes no further group. 64 MiB unless told. */
  readonly segmentMax_bytes?: number;
  /** The disk under the journal. */
  readonly openFile?: OpenGrowingFile;
}

/**
 * A unit's tamper-evident log: one writer, any number of readers. The owner makes sure that there is
 * only one writer on a folder. Format and durability rules: docs/specs/log.md.
 */
export class TelemetryLog implements LogView {
  readonly #folder: string;
  readonly #log: LoadedLog;
  readonly #queries: LogQueries;
  readonly #writer: JournalWriter;
  readonly #commit: GroupCommit;
  #publishing: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(o: { options: TelemetryLogOptions; log: LoadedLog; writer: JournalWriter }) {
    const { options, log, writer } = o;
    const unpublishedMax = options.unpublishedMax ?? 524_288;
    this.#folder = options.folder;
    this.#log = log;
    this.#queries = new LogQueries(log);
    this.#writer = writer;
    this.#commit = new GroupCommit({
      state: log.state,
      writer,
      signer: options.signer,
      backlogMax_bytes: options.backlogMax_bytes ?? 128 * 1024 * 1024,
      beforeGroup: async () => {
        if (log.state.edge.pendingEntries > unpublishedMax) await this.publish();
      },
    });
  }

  /**
   * Opens the log or makes a new one. What a crash left is put right: an unfinished last group, none of
   * which was ever acknowledged, is cut off, and what was durable but not published is published.
   * LOG_CORRUPT with file and byte for anything else; the folder is not changed then. LOG_KEY_MISMATCH
   * when it is the log of another origin or key. With an opening, a log without entries gets it as
   * its first one; one with entries has it already.
   */
  static async open(options: TelemetryLogOptions): Promise<TelemetryLog> {
    create(options);
    const log = await loadLog(options.folder, options.crypto);
    const { state, stop } = log;
    const writer = new JournalWriter({ ...options, folder: join(options.folder, journalFolder) });
    if (stop.kind === "unfinished") {
      const { segment, at_bytes } = stop;
      const file = log.segments.path(segment);
      options.logger.warn("unfinished group cut off", { file, at_bytes, size: state.size });
      await writer.resume({ segment, at_bytes });
    } else if (state.end !== undefined) {
      await writer.resume(state.end);
    }
    await log.tiles.removeStale({ earlier: state.published.size, size: state.published.size });
    const opened = new TelemetryLog({ options, log, writer });
    await opened.#open(options.opening).catch(async (thrown: unknown) => {
      await writer.close();
      throw thrown;
    });
    await opened.publish().catch((thrown: unknown) => {
      // A full disk keeps nobody from reading; appends say it themselves.
      options.logger.error("recovered entries not published", { reason: messageOf(thrown) });
    });
    return opened;
  }

  /**
   * Resolves once all items are durable under a signed checkpoint: their group is written with one
   * write and one fdatasync, shared with every other append that waits at that time. Rejects with
   * DISK_FULL or DISK_ERROR (none of the group counts; later appends may work again), LOG_BACKLOG,
   * LOG_FULL, LOG_CLOSED or ENTRY_INVALID (nothing was taken).
   */
  append(items: readonly LogAppend[]): Promise<LogReceipt> {
    if (!this.#closed) return this.#commit.append(items);
    return Promise.reject(new CodedError({ code: "LOG_CLOSED", message: "the log is closed" }));
  }

  async #open(opening: TelemetryLogOptions["opening"]): Promise<void> {
    if (opening === undefined || this.#log.state.size > 0) return;
    const { predecessor, at_ms } = await opening();
    const entry = { kind: "log-opened", predecessor } as const;
    await this.#commit.open({ entry, frame: undefined, accepted_ms: at_ms, vehicleId: undefined });
  }

  /** Writes the tiles of what is durable now, then its checkpoint; calls run one after the other. */
  publish(): Promise<PublishedHead> {
    const published = this.#publishing.then(() => this.#publish());
    this.#publishing = published.catch(() => {});
    return published;
  }

  get size(): number {
    return this.#queries.size;
  }

  get root(): Uint8Array {
    return this.#queries.root;
  }

  get published(): PublishedHead {
    return this.#log.state.published;
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

  /** Waits for what was appended, publishes it and lets go of the folder. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#commit.idle();
    try {
      await this.publish();
    } finally {
      await this.#writer.close();
    }
  }

  async #publish(): Promise<PublishedHead> {
    const { state, tiles } = this.#log;
    const earlier = state.published;
    const { size, note } = state;
    if (size === earlier.size || note === undefined) return earlier;
    const root = state.range.root();
    const path = join(this.#folder, checkpointFile);
    try {
      await tiles.write(state.edge.tiles());
      await replaceFile(path, utf8(note));
      await syncFolder(this.#folder);
    } catch (thrown) {
      throw diskError(thrown, path);
    }
    state.published = { size, root, note };
    state.edge.release(size);
    await tiles.removeStale({ earlier: earlier.size, size });
    return state.published;
  }
}

/** Makes what is missing of an empty log: key first, then the checkpoint of the empty tree. */
function create(options: TelemetryLogOptions): void {
  const { folder, origin, signer, crypto } = options;
  if (!isKeyName(origin)) {
    throw new CodedError({ code: "ORIGIN_INVALID", message: `${origin} can't name a log` });
  }
  mkdirSync(join(folder, journalFolder), { recursive: true });
  const isEmpty =
    readdirSync(join(folder, journalFolder)).length === 0 && !existsSync(join(folder, "tile"));
  const key = `${encodeVerifierKey({ name: origin, publicKey: signer.publicKey }, crypto)}\n`;
  if (!existsSync(join(folder, keyFile))) {
    if (!isEmpty || existsSync(join(folder, checkpointFile))) {
      throw corruptLog(join(folder, keyFile), 0, "the log's key is missing");
    }
    replaceFileSync(join(folder, keyFile), key);
  }
  if (readFileSync(join(folder, keyFile), "utf8") !== key) {
    throw new CodedError({
      code: "LOG_KEY_MISMATCH",
      message: `${folder} is the log of another origin or key, or its key file was changed`,
      remedy: "name the folder of this unit's log, or an empty one",
    });
  }
  if (existsSync(join(folder, checkpointFile))) return;
  if (!isEmpty) throw corruptLog(join(folder, checkpointFile), 0, "the checkpoint is missing");
  const tree = treeHashing(logHashOf(origin), crypto);
  const empty = { origin, size: 0, root: emptyRoot(tree.crypto) };
  replaceFileSync(join(folder, checkpointFile), signCheckpoint({ ...empty, signer, crypto }));
}
