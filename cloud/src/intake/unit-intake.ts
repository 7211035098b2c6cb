import type { Clock, Crypto, Outcome, Problem } from "@voltfog/runtime";
import { accepted, CodedError, refused } from "@voltfog/runtime";
import { listOf, parseJson, recordOf } from "../live/json-value.ts";
import type { Remote } from "../remote/remote.ts";
import { again, type StepVerdict } from "../remote/repeat.ts";
import type {
  EntryBatch,
  EntryCommit,
  EntryRow,
  TelemetryStore,
} from "../store/telemetry-store.ts";
import { decodeEntryPage, type ServedEntry } from "./entry-page.ts";
import { encodeTree, type GrownTree, type LogIdentity, LogTree } from "./log-tree.ts";
import { readEntry } from "./read-entry.ts";
import { SampleCollector } from "./sample-collector.ts";

/** What intake tells the stages behind it, after it is durable. */
export interface IntakeListener {
  stored(batch: EntryBatch, commit: EntryCommit): void;
  /** The unit contradicts itself: nothing more of it is taken until it no longer does. */
  halted(problem: Problem): Promise<void>;
}

export interface UnitIntakeOptions {
  /** The unit's first log. */
  readonly identity: LogIdentity;
  /** A later log of the unit, by its number: a restored unit goes on with the next. */
  readonly next: (number: number) => LogIdentity | undefined;
  readonly remote: Remote;
  readonly store: TelemetryStore;
  readonly vehicleNames: ReadonlyMap<string, string>;
  readonly listener: IntakeListener;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly signal: AbortSignal;
  readonly entriesMax: number;
  readonly longPoll_ms: number;
}

const pageMax_bytes = 64 * 1024 * 1024;
const timeout_ms = 10_000;
const haltPause_ms = 15_000;
/** Between empty answers, so that a unit that does not hold requests open is not asked in a spin. */
const emptyPause_ms = 50;

/**
 * Pulls one unit's log: page by page, each judged as a whole and stored with the cursor and the
 * tree in one transaction. A page that fails any check is not stored, and the same place is asked
 * for again; the store alone says where to go on, so a crash at any moment loses and doubles nothing.
 */
export class UnitIntake {
  readonly #options: UnitIntakeOptions;
  #tree: LogTree | undefined;
  #log: { readonly number: number; readonly identity: LogIdentity };
  /** Until an answer fails: a unit without news may hold the first request open for a while. */
  #state: "following" | "unreachable" | "halted" = "following";

  constructor(options: UnitIntakeOptions) {
    this.#options = options;
    this.#log = { number: 1, identity: options.identity };
  }

  /** Which log of the unit is read now, as rows name it: unit-1, or unit-1/2. */
  get logName(): string {
    return this.#log.identity.unitId;
  }

  get state(): "following" | "unreachable" | "halted" {
    return this.#state;
  }

  /** The stored log's size and root in hex; undefined until the store was read. */
  get position(): { readonly size: number; readonly root: string } | undefined {
    return this.#tree === undefined ? undefined : { size: this.#tree.size, root: this.#tree.root };
  }

  /** Asks for the next page and stores it. Throws UNREACHABLE and the store's codes. */
  async step(): Promise<StepVerdict> {
    const tree = this.#tree ?? (await this.#restore());
    const body = await this.#fetchPage(tree.size);
    const read = this.#readPage(body, tree);
    if (!read.ok) {
      // A log that came back shorter is put aside by its unit; what is stored of it stays.
      if (read.problem.code === "LOG_SHRANK" && (await this.#goOn(tree.size))) return again;
      this.#state = "halted";
      await this.#options.listener.halted(read.problem);
      return { pause_ms: haltPause_ms };
    }
    this.#state = "following";
    const { batch, next } = read.value;
    if (batch.rows.length > 0) await this.#store(batch);
    tree.advance(next);
    if (batch.rows.length > 0 || (await this.#goOn(tree.size))) return again;
    return { pause_ms: emptyPause_ms };
  }

  /** Reads from the store where to go on, so that it can be shown before the first answer. */
  async restore(): Promise<void> {
    await this.#restore();
  }

  async #restore(): Promise<LogTree> {
    const { store, crypto } = this.#options;
    const { identity } = this.#log;
    const position = await store.position(identity.unitId);
    this.#tree = new LogTree({ identity, tree: position.tree, crypto });
    return this.#tree;
  }

  async #fetchPage(from: number): Promise<Uint8Array> {
    const { remote, signal, entriesMax, longPoll_ms } = this.#options;
    try {
      const query = `log=${this.#log.number}&from=${from}&limit=${entriesMax}&wait_ms=${longPoll_ms}`;
      const reply = await remote.get(`/v1/entries?${query}`, {
        signal,
        timeout_ms: longPoll_ms + 10_000,
        bodyMax_bytes: pageMax_bytes,
      });
      if (reply.status === 200) return reply.body;
      throw new CodedError({
        code: "UNREACHABLE",
        message: `${remote.url} answers ${reply.status} to a request for entries`,
      });
    } catch (thrown) {
      if (this.#state === "following") this.#state = "unreachable";
      throw thrown;
    }
  }

  /** Whether the unit writes a later log by now, and all of this one is here: then it is read next. */
  async #goOn(size: number): Promise<boolean> {
    const { remote, signal, next } = this.#options;
    const reply = await remote.get("/v1/logs", { signal, timeout_ms, bodyMax_bytes: 65_536 });
    if (reply.status !== 200) return false;
    const logs = listOf(parseJson(reply.body)).map(recordOf);
    const numberOf = (log: Record<string, unknown>): number => Number(log["number"]);
    const own = logs.find((log) => numberOf(log) === this.#log.number);
    if (own !== undefined && Number(own["size"]) > size) return false;
    const number = Math.min(...logs.map(numberOf).filter((other) => other > this.#log.number));
    const identity = Number.isSafeInteger(number) ? next(number) : undefined;
    if (identity === undefined) return false;
    this.#log = { number, identity };
    await this.#restore();
    return true;
  }

  async #store(batch: EntryBatch): Promise<void> {
    try {
      const commit = await this.#options.store.commitEntries(batch);
      this.#options.listener.stored(batch, commit);
    } catch (thrown) {
      this.#tree = undefined; // The store says where to go on, whether or not this commit held.
      throw thrown;
    }
  }

  #readPage(body: Uint8Array, tree: LogTree): Outcome<ReadPage> {
    const page = decodeEntryPage(body);
    if (!page.ok) return page;
    const head = tree.openNote(page.value.note);
    if (!head.ok) return head;
    // Entries that no signed head covers yet come again with the next page.
    const covered = page.value.entries.slice(0, head.value.size - tree.size);
    const rows = this.#readRows(covered, tree.size);
    if (!rows.ok) return rows;
    const next = tree.grown({ entries: covered.map(({ entry }) => entry), head: head.value });
    if (!next.ok) return next;
    const { clock } = this.#options;
    const { identity } = this.#log;
    const batch: EntryBatch = {
      unitId: identity.unitId,
      from: tree.size,
      ...rows.value,
      tree: encodeTree(next.value.range),
      stored_ms: clock.wall_ms(),
    };
    return accepted({ batch, next: next.value });
  }

  #readRows(
    entries: readonly ServedEntry[],
    from: number,
  ): Outcome<Pick<EntryBatch, "rows" | "samples">> {
    const { crypto, vehicleNames } = this.#options;
    const collector = new SampleCollector();
    const rows: EntryRow[] = [];
    for (const [at, served] of entries.entries()) {
      if (served.index !== from + at) {
        const detail = `entry ${served.index} stands where ${from + at} was asked for`;
        return refused({ code: "ENTRY_OUT_OF_ORDER", detail });
      }
      const row = readEntry({ served, collector, crypto, vehicleNames });
      if (!row.ok) return row;
      rows.push(row.value);
    }
    return accepted({ rows, samples: collector.finish() });
  }
}

interface ReadPage {
  readonly batch: EntryBatch;
  readonly next: GrownTree;
}
