import { CodedError } from "@voltfog/runtime";
import type { LogStream } from "../../log/entry.ts";
import { cutTile } from "../../log/entry-bundle.ts";
import { hashesAt, parseTilePath, tilePath, tileWidth } from "../../log/tiles.ts";
import type { GroupPlace } from "./group-directory.ts";
import { groupHead_bytes, viewOf } from "./journal-format.ts";
import { readRecord, storedEntry } from "./journal-record.ts";
import { corruptLog, type LoadedLog } from "./log-files.ts";
import type { ChainEnd, EntryKey, LogView, StoredEntry } from "./log-types.ts";
import type { SegmentPart } from "./segment-files.ts";

/** What one read gives at most, so that a reply stays small; at least one entry. */
const readMax_bytes = 32 * 1024 * 1024;

/** Questions that need no write, answered from the loaded log. */
export class LogQueries implements LogView {
  readonly #log: LoadedLog;

  constructor(log: LoadedLog) {
    this.#log = log;
  }

  get size(): number {
    return this.#log.state.size;
  }

  get root(): Uint8Array {
    return this.#log.state.range.root();
  }

  find(key: EntryKey): number | undefined {
    return this.#log.state.index.find(key);
  }

  lastOf(keyId: Uint8Array, stream: LogStream): ChainEnd | undefined {
    return this.#log.state.index.lastOf(keyId, stream);
  }

  async inclusionPath(o: { index: number; size: number }): Promise<readonly Uint8Array[]> {
    checkRange(isSize(o.size, this.size) && isSize(o.index, o.size - 1), o);
    return await this.#log.paths.inclusion(o);
  }

  async consistencyPath(o: { from: number; to: number }): Promise<readonly Uint8Array[]> {
    checkRange(isSize(o.to, this.size) && isSize(o.from, o.to), o);
    return await this.#log.paths.consistency(o);
  }

  async read(range: { from: number; limit: number }): Promise<readonly StoredEntry[]> {
    checkRange(isSize(range.from, Number.MAX_SAFE_INTEGER) && range.limit >= 0, range);
    const end = Math.min(this.size, range.from + range.limit);
    const entries: StoredEntry[] = [];
    let left_bytes = readMax_bytes;
    while (range.from + entries.length < end && left_bytes > 0) {
      const from = range.from + entries.length;
      const place = this.#log.state.directory.of(from) as GroupPlace;
      const to = Math.min(end, place.firstIndex + place.count);
      left_bytes -= await this.#readGroup({ place, from, to, left_bytes, entries });
    }
    return entries;
  }

  /**
   * The bytes of a published tile or entry bundle by its C2SP path; a partial tile of any width that
   * the published tree has, also one whose file is gone. Undefined where there is no such tile.
   */
  async tile(path: string): Promise<Uint8Array | undefined> {
    const tile = parseTilePath(path);
    if (tile === undefined) return undefined;
    const file = await this.#log.tiles.read(path);
    if (file !== undefined || tile.width === tileWidth) return file;
    const hashes = hashesAt({ level: tile.level, size: this.#log.state.published.size });
    const width = Math.min(tileWidth, hashes - tile.index * tileWidth);
    if (width < tile.width) return undefined;
    const larger = await this.#log.tiles.read(tilePath({ ...tile, width }));
    return larger === undefined ? undefined : cutTile({ name: tile, bytes: larger });
  }

  async #readGroup(o: {
    place: GroupPlace;
    from: number;
    to: number;
    left_bytes: number;
    entries: StoredEntry[];
  }): Promise<number> {
    const { place, from } = o;
    const start = place.at_bytes + groupHead_bytes;
    const tableAt = start + place.records_bytes + 4 * (from - place.firstIndex);
    const table = await this.#part(place, { at: tableAt, length: 4 * (o.to - from + 1) });
    const view = viewOf(table);
    const isEnd = o.to === place.firstIndex + place.count;
    const startOf = (i: number): number =>
      i === o.to - from && isEnd ? place.records_bytes : view.getUint32(4 * i);
    let count = 1;
    while (count < o.to - from && startOf(count + 1) - startOf(0) <= o.left_bytes) count++;
    const length = startOf(count) - startOf(0);
    const records = await this.#part(place, { at: start + startOf(0), length });
    let at = 0;
    for (let index = from; index < from + count; index++) {
      const parts = readRecord(records, at);
      const stored = parts && storedEntry({ bytes: records, parts, index });
      if (parts === undefined || stored === undefined) {
        const file = this.#log.segments.path(place.segment);
        throw corruptLog(file, start + startOf(0) + at, "a record's check does not match");
      }
      o.entries.push(stored);
      at = parts.end;
    }
    return length;
  }

  async #part(place: GroupPlace, part: SegmentPart): Promise<Uint8Array> {
    const bytes = await this.#log.segments.read(place.segment, part);
    if (bytes.length === part.length) return bytes;
    const file = this.#log.segments.path(place.segment);
    throw corruptLog(file, part.at, "the segment ends inside a group");
  }
}

function isSize(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= max;
}

function checkRange(sound: boolean, range: object): void {
  if (sound) return;
  const message = `the log has no ${JSON.stringify(range)}`;
  throw new CodedError({ code: "LOG_RANGE", message });
}
