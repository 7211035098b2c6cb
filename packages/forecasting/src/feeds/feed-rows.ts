import { accepted, type Outcome, refused } from "@voltfog/runtime";
import type { DecodedFeed, FeedProblem, FeedRecord } from "./charger-feed.ts";

/** Thirty times a city: 2,100 points of Belib' in the documented fields are 0.5 MB. */
export const feedMax_bytes = 16_777_216;
const rowsMax = 20_000;
const textMax = 300;
/** Below this many records a new word for a status may be a single charger's. */
const drift = { recordsMin: 20, share: 0.5 };

export type JsonRow = Readonly<Record<string, unknown>>;

/** A row as a record, or the column that makes it none. */
export type RowReading =
  | { readonly record: FeedRecord; readonly isStatusKnown: boolean }
  | { readonly column: string };

/** A region that a network does not leave: swapped and zeroed coordinates lie outside. */
export interface Region {
  readonly latitudes: readonly [number, number];
  readonly longitudes: readonly [number, number];
}

/** The answer's JSON. FEED_TOO_LARGE, FEED_NOT_JSON. */
export function feedJson(bytes: Uint8Array): Outcome<unknown, FeedProblem> {
  if (bytes.length > feedMax_bytes) {
    return problem("FEED_TOO_LARGE", `${bytes.length} bytes of at most ${feedMax_bytes}`);
  }
  try {
    return accepted(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return problem("FEED_NOT_JSON", "the answer is not JSON in UTF-8");
  }
}

/**
 * Reads rows one by one. FEED_EMPTY without rows, FEED_TOO_LARGE with too many, and FEED_SCHEMA with the
 * column most at fault where more than half of the rows cannot be read or more than half of the statuses
 * are words that nobody documented.
 */
export function readFeedRows(
  rows: readonly unknown[],
  options: RowOptions,
): Outcome<DecodedFeed, FeedProblem> {
  if (rows.length === 0) return problem("FEED_EMPTY", "the answer has no charge points");
  if (rows.length > rowsMax) {
    return problem("FEED_TOO_LARGE", `${rows.length} rows of at most ${rowsMax}`);
  }
  const { records, faults, unknownStatuses } = gather(rows, options);
  const refusedRows = rows.length - records.length;
  if (refusedRows > drift.share * rows.length) return problem("FEED_SCHEMA", mostFrequent(faults));
  if (records.length >= drift.recordsMin && unknownStatuses > drift.share * records.length) {
    return problem("FEED_SCHEMA", options.statusColumn);
  }
  const { at_ms } = options;
  const totalRows = Math.max(options.totalRows, rows.length);
  return accepted({ at_ms, records, refusedRows, unknownStatuses, totalRows });
}

interface RowOptions {
  readonly at_ms: number;
  /** What the answer says that there are; 0 where it says nothing. */
  readonly totalRows: number;
  readonly statusColumn: string;
  readonly idColumn: string;
  readonly read: (row: JsonRow) => RowReading;
}

interface Gathered {
  readonly records: readonly FeedRecord[];
  /** Refused rows by the column at fault. */
  readonly faults: ReadonlyMap<string, number>;
  readonly unknownStatuses: number;
}

function gather(rows: readonly unknown[], { read, idColumn }: RowOptions): Gathered {
  const records = new Map<string, FeedRecord>();
  const faults = new Map<string, number>();
  let unknownStatuses = 0;
  const refuse = (column: string): void => void faults.set(column, (faults.get(column) ?? 0) + 1);
  for (const row of rows) {
    const reading = isRow(row) ? read(row) : { column: "row" };
    if ("column" in reading) refuse(reading.column);
    else if (records.has(reading.record.pointId)) refuse(idColumn);
    else {
      records.set(reading.record.pointId, reading.record);
      if (!reading.isStatusKnown) unknownStatuses++;
    }
  }
  return { records: [...records.values()], faults, unknownStatuses };
}

export function isRow(value: unknown): value is JsonRow {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text of at most 300 characters, none of them a control character; undefined otherwise or where empty. */
export function feedText(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > textMax) return undefined;
  const text = value.trim();
  return text === "" || /\p{Cc}/u.test(text) ? undefined : text;
}

/** A finite number from 0 to the limit; 0, which means unknown, for anything else. */
export function feedQuantity(value: unknown, max: number): number {
  return typeof value === "number" && value >= 0 && value <= max ? value : 0;
}

export function isWithin(region: Region, latitude: unknown, longitude: unknown): boolean {
  const isBetween = (value: unknown, [min, max]: readonly [number, number]): boolean =>
    typeof value === "number" && value >= min && value <= max;
  return isBetween(latitude, region.latitudes) && isBetween(longitude, region.longitudes);
}

export function problem(
  code: FeedProblem["code"],
  detail: string,
): { readonly ok: false; readonly problem: FeedProblem } {
  return refused({ code, detail });
}

function mostFrequent(faults: ReadonlyMap<string, number>): string {
  return [...faults].sort(([, a], [, b]) => b - a)[0]?.[0] ?? "row";
}
