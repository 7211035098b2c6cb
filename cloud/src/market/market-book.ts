import type { Result } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";

/** What a final result is about. */
export type SubjectKind =
  | "withdrawal"
  | "operator"
  | "session"
  | "envelope"
  | "zone"
  | "pile"
  | "pile-order"
  | "contract"
  | "vehicle"
  | "order"
  | "trade";

/** Something that a result made or changed, what it is listed under, and how it then stands. */
export interface Subject {
  readonly kind: SubjectKind;
  readonly id: string;
  /** Keys in hex, an operator's id, a side; those of earlier results stay. */
  readonly labels: readonly string[];
  /** As its record has it; one of no states has "". */
  readonly status: string;
}

/** A sentence for one key. */
export interface Notice {
  readonly key: string;
  readonly kind: string;
  readonly sentence: string;
  readonly about: string | null;
}

/** What one OK result says, as its module's words of it are read. */
export interface ResultNews {
  readonly subjects: readonly Subject[];
  readonly notices: readonly Notice[];
}

/** Reads a module's OK results. Total: a form that is not known is no news. */
export type NewsReader = (result: Result) => ResultNews;

export const noNews: ResultNews = { subjects: [], notices: [] };

/** A thing of the market: what is known of it beside its record in the state. */
export interface Row {
  readonly kind: SubjectKind;
  readonly id: string;
  /** Of the result that made it: pages go by it. */
  readonly index: number;
  readonly labels: ReadonlySet<string>;
  readonly status: string;
  /** Of the result that changed it last. */
  readonly transaction: string;
  readonly height: number;
  readonly time_ms: number;
}

export interface KeptNotice extends Notice {
  readonly id: number;
  readonly transaction: string;
  readonly height: number;
  readonly time_ms: number;
}

/** A final result with its place and its block's time. */
export interface FinalResult {
  readonly result: Result;
  readonly index: number;
  readonly time_ms: number;
}

/** Which rows of a kind are asked for. */
export interface RowQuery {
  readonly label?: string | undefined;
  /** Made before this index. */
  readonly before?: number | undefined;
  readonly where?: (row: Row) => boolean;
  readonly limit: number;
}

const rowsMax = 100_000;
const noticesMax = 100_000;
const noticesOfKeyMax = 500;

/**
 * Which things the market's final results named, in order: lists by kind and by label, and notices by key. It
 * knows ids and no rules; what a thing is stands in the chain's state under its id. Bounded: of each kind the
 * newest hundred thousand, of notices five hundred a key. The same results give the same book.
 */
export class MarketBook {
  readonly #kinds = new Map<SubjectKind, Map<string, Row>>();
  /** Ids by kind and label, in the order in which the things were made. */
  readonly #labelled = new Map<string, Set<string>>();
  readonly #counts = new Map<string, number>();
  readonly #notices = new Map<string, KeptNotice[]>();
  #noticeCount = 0;

  fold({ result, index, time_ms }: FinalResult, news: ResultNews): void {
    const at = { transaction: toHex(result.txHash), height: result.height, time_ms };
    for (const subject of news.subjects) this.#touch(subject, { ...at, index });
    for (const notice of news.notices) this.#note({ ...notice, ...at, id: index + 1 });
  }

  row(kind: SubjectKind, id: string): Row | undefined {
    return this.#kinds.get(kind)?.get(id);
  }

  /** How many of a kind stand how. */
  count(kind: SubjectKind, status: string): number {
    return this.#counts.get(`${kind} ${status}`) ?? 0;
  }

  /** How many of a kind are listed. */
  total(kind: SubjectKind): number {
    return this.#kinds.get(kind)?.size ?? 0;
  }

  /** Newest first. Costs a pass over what has the label, or over all of the kind. */
  newest(kind: SubjectKind, query: RowQuery): readonly Row[] {
    const { label, before = Number.MAX_SAFE_INTEGER, where = () => true, limit } = query;
    const rows = this.#kinds.get(kind);
    if (rows === undefined) return [];
    const all =
      label === undefined
        ? [...rows.values()]
        : [...(this.#labelled.get(`${kind} ${label}`) ?? [])].flatMap((id) => rows.get(id) ?? []);
    const found: Row[] = [];
    for (let at = all.length - 1; at >= 0 && found.length < limit; at--) {
      const row = all[at];
      if (row !== undefined && row.index < before && where(row)) found.push(row);
    }
    return found;
  }

  /** Of one key, oldest first, with ids above one. */
  notices(options: { key: string; after: number; limit: number }): readonly KeptNotice[] {
    const kept = this.#notices.get(options.key) ?? [];
    return kept.filter(({ id }) => id > options.after).slice(0, options.limit);
  }

  #touch(subject: Subject, at: Omit<Row, keyof Subject>): void {
    const { kind, id, status } = subject;
    const rows = this.#kinds.get(kind) ?? new Map<string, Row>();
    this.#kinds.set(kind, rows);
    const known = rows.get(id);
    const labels = new Set([...(known?.labels ?? []), ...subject.labels]);
    rows.set(id, { kind, id, status, ...at, index: known?.index ?? at.index, labels });
    if (known !== undefined) this.#counted(known, -1);
    this.#counted({ kind, status }, 1);
    for (const label of labels) {
      const name = `${kind} ${label}`;
      const ids = this.#labelled.get(name) ?? new Set<string>();
      this.#labelled.set(name, ids.add(id));
    }
    if (rows.size > rowsMax) this.#forgetOldest(rows);
  }

  #forgetOldest(rows: Map<string, Row>): void {
    for (const row of rows.values()) {
      const { kind, id, labels } = row;
      rows.delete(id);
      this.#counted(row, -1);
      for (const label of labels) {
        const name = `${kind} ${label}`;
        const ids = this.#labelled.get(name);
        ids?.delete(id);
        if (ids?.size === 0) this.#labelled.delete(name);
      }
      return;
    }
  }

  #counted({ kind, status }: Pick<Row, "kind" | "status">, by: number): void {
    const name = `${kind} ${status}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  /** The keys that were told something longest ago go first, each with all of its notices. */
  #note(notice: KeptNotice): void {
    const kept = this.#notices.get(notice.key) ?? [];
    this.#notices.delete(notice.key);
    kept.push(notice);
    this.#noticeCount++;
    if (kept.length > noticesOfKeyMax) {
      kept.shift();
      this.#noticeCount--;
    }
    this.#notices.set(notice.key, kept);
    for (const [key, oldest] of this.#notices) {
      if (this.#noticeCount <= noticesMax || key === notice.key) return;
      this.#notices.delete(key);
      this.#noticeCount -= oldest.length;
    }
  }
}
