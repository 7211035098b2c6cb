import type { Clock, Crypto, Outcome, Problem } from "@voltfog/runtime";
import { accepted, refused } from "@voltfog/runtime";
import type { UnitLink } from "../backbone/unit-link.ts";
import { again, type StepVerdict } from "../remote/repeat.ts";
import type {
  EntryBatch,
  EntryCommit,
  EntryRow,
  TelemetryStore,
} from "../store/telemetry-store.ts";
import type { EntryPage, ServedEntry } from "./entry-page.ts";
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
  readonly link: UnitLink;
  readonly store: TelemetryStore;
  readonly vehicleNames: ReadonlyMap<string, string>;
  readonly listener: IntakeListener;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly signal: AbortSignal;
  readonly entriesMax: number;
  readonly longPoll_ms: number;
}

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
  /** Kept after a failed commit too, so that what is stored goes on to be shown. */
  #tree: LogTree | undefined;
  #isTreeCertain = false;
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
    const tree = this.#isTreeCertain && this.#tree ? this.#tree : await this.#restore();
    const page = await this.#fetchPage(tree.size);
    if (page === undefined) return await this.#idle(tree.size);
    const read = page.ok ? this.#readPage(page.value, tree) : page;
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
    return batch.rows.length > 0 ? again : await this.#idle(tree.size);
  }

  async #idle(size: number): Promise<StepVerdict> {
    this.#state = "following";
    return (await this.#goOn(size)) ? again : { pause_ms: emptyPause_ms };
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
    this.#isTreeCertain = true;
    return this.#tree;
  }

  async #fetchPage(from: number): Promise<Outcome<EntryPage> | undefined> {
    const { link, signal, entriesMax, longPoll_ms } = this.#options;
    const range = { log: this.#log.number, from, limit: entriesMax };
    try {
      return await link.entries({ ...range, wait_ms: longPoll_ms, signal });
    } catch (thrown) {
      if (this.#state === "following") this.#state = "unreachable";
      throw thrown;
    }
  }

  /** Whether the unit writes a later log by now, and all of this one is here: then it is read next. */
  async #goOn(size: number): Promise<boolean> {
    const { link, signal, next } = this.#options;
    const logs = await link.logs(signal);
    const own = logs.find((log) => log.number === this.#log.number);
    if (own !== undefined && own.size > size) return false;
    const later = logs.map((log) => log.number).filter((other) => other > this.#log.number);
    const number = Math.min(...later);
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
      this.#isTreeCertain = false; // The store says where to go on, whether or not this commit held.
      throw thrown;
    }
  }

  #readPage(page: EntryPage, tree: LogTree): Outcome<ReadPage> {
    const head = tree.openNote(page.note);
    if (!head.ok) return head;
    // Entries that no signed head covers yet come again with the next page.
    const covered = page.entries.slice(0, head.value.size - tree.size);
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
