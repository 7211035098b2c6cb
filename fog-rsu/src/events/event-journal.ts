import { join } from "node:path";
import { assert, CodedError, type Crypto } from "@voltfog/runtime";
import { RecordFile } from "@voltfog/runtime/node";
import type { AdoptedConditions } from "../functions/function-state.ts";
import {
  decodeJournalRecord,
  encodeJournalRecord,
  type Finality,
  type JournalRecord,
  type RecordedEvent,
} from "./event-record.ts";

/** One change of an event's state in the feed. */
export interface FeedItem {
  /** From 1; without holes but for erased events. */
  readonly cursor: number;
  readonly recorded: RecordedEvent;
  /** Null while the chain has not made it final. */
  readonly final: Finality | null;
}

interface Position {
  readonly at_bytes: number;
  /** Its detail is no longer there; the place in the feed is. */
  readonly isErased?: boolean;
  readonly final: Finality | null;
}

export const journalKind = "voltfog/events/1";
export const journalFile = "journal.records";

/** Durable list of events and of what became of them, in <dataDir>/events. One writer. */
export class EventJournal {
  readonly #file: RecordFile;
  readonly #crypto: Crypto;
  readonly #positions: Position[] = [];
  readonly #byId = new Map<string, Position>();
  readonly #pending = new Set<string>();
  #shownUpTo = 0;

  private constructor(options: { file: RecordFile; crypto: Crypto }) {
    this.#file = options.file;
    this.#crypto = options.crypto;
  }

  /** Opens or makes the journal; `onEvent` sees every event that it holds, `onAdopted` what was adopted between them. RECORD_CORRUPT and the like. */
  static async open(options: {
    folder: string;
    crypto: Crypto;
    onEvent: (recorded: RecordedEvent) => void;
    onAdopted: (adopted: AdoptedConditions) => void;
  }): Promise<EventJournal> {
    const earlier: { record: JournalRecord; at_bytes: number }[] = [];
    const path = join(options.folder, journalFile);
    const file = await RecordFile.open({
      path,
      kind: journalKind,
      onRecord: ({ payload, at_bytes }) => {
        const decoded = decodeJournalRecord(payload, options.crypto);
        if (!decoded.ok) {
          const message = `${path} at byte ${at_bytes}: ${decoded.problem.detail}`;
          throw new CodedError({ code: "JOURNAL_CORRUPT", message });
        }
        earlier.push({ record: decoded.value, at_bytes });
      },
    });
    const journal = new EventJournal({ file, crypto: options.crypto });
    for (const { record, at_bytes } of earlier) {
      journal.#index(record, at_bytes);
      if (record.kind === "event") options.onEvent(record.recorded);
      if (record.kind === "adopted") options.onAdopted(record.adopted);
    }
    return journal;
  }

  /** Resolves when all are durable and in the feed. DISK_FULL, DISK_ERROR: none is. */
  async append(records: readonly JournalRecord[]): Promise<void> {
    const places = await this.#file.append(records.map(encodeJournalRecord));
    for (const [at, record] of records.entries()) {
      const at_bytes = places[at];
      assert(at_bytes !== undefined, "an append gives one place per record");
      this.#index(record, at_bytes);
    }
  }

  /** Last cursor of the feed; 0 while it is empty. */
  get cursor(): number {
    return this.#positions.length;
  }

  /** Log entries below this index were shown to the functions. */
  get shownUpTo(): number {
    return this.#shownUpTo;
  }

  /** Ids of the events that the chain has not made final, oldest first. */
  get pendingIds(): readonly string[] {
    return [...this.#pending];
  }

  /** Erased events are passed over: cursors of what comes have holes there. */
  async read(range: { from: number; limit: number }): Promise<readonly FeedItem[]> {
    const found: Promise<FeedItem>[] = [];
    const first = Math.max(1, range.from);
    for (let cursor = first; cursor <= this.#positions.length; cursor++) {
      const position = this.#positions[cursor - 1];
      if (found.length === range.limit) break;
      if (position === undefined || position.isErased === true) continue;
      const { at_bytes, final } = position;
      found.push(this.#eventAt(at_bytes).then((recorded) => ({ cursor, recorded, final })));
    }
    return Promise.all(found);
  }

  /** The event with this id in its newest state. */
  async find(id: string): Promise<Omit<FeedItem, "cursor"> | undefined> {
    const position = this.#byId.get(id);
    if (position === undefined || position.isErased === true) return undefined;
    return { recorded: await this.#eventAt(position.at_bytes), final: position.final };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #eventAt(at_bytes: number): Promise<RecordedEvent> {
    const { payload } = await this.#file.read(at_bytes);
    const decoded = decodeJournalRecord(payload, this.#crypto);
    assert(decoded.ok && decoded.value.kind === "event", "the index points at an event");
    return decoded.value.recorded;
  }

  #index(record: JournalRecord, at_bytes: number): void {
    switch (record.kind) {
      case "progress":
        this.#shownUpTo = record.shownUpTo;
        return;
      case "event":
        this.#add(record.recorded.event.id, { at_bytes, final: null });
        return;
      case "adopted":
        return;
      case "erased":
        this.#add(record.eventId, { at_bytes, final: null, isErased: true });
        return;
      case "final": {
        const known = this.#byId.get(record.eventId);
        if (known === undefined || known.final !== null) return;
        this.#add(record.eventId, { ...known, final: record.finality });
      }
    }
  }

  #add(id: string, position: Position): void {
    this.#byId.set(id, position);
    this.#positions.push(position);
    if (position.final === null && position.isErased !== true) this.#pending.add(id);
    else this.#pending.delete(id);
  }
}
