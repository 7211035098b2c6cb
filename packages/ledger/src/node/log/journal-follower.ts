import { equalBytes } from "@voltfog/runtime";
import { type CheckedGroup, checkGroup, type GroupFault, sealHolds } from "./group-check.ts";
import type { GroupPlace } from "./group-directory.ts";
import {
  type GroupHead,
  groupHead_bytes,
  groupLength_bytes,
  readGroupHead,
  readSegmentHeader,
  seal_bytes,
  segmentHeader_bytes,
  viewOf,
} from "./journal-format.ts";
import { type JournalEnd, LevelHashes, type LogState } from "./log-state.ts";
import type { OpenSegment, SegmentFiles } from "./segment-files.ts";

const sector_bytes = 512;

/** Why following stopped. `unfinished` is what a crash leaves, or a writer at work. */
export type JournalStop =
  | { readonly kind: "end" }
  | { readonly kind: "unfinished"; readonly segment: number; readonly at_bytes: number }
  | { readonly kind: "corrupt"; readonly segment: number; readonly fault: GroupFault };

export interface FollowOptions {
  readonly onGroup?: (group: CheckedGroup) => void;
}

interface Cursor {
  readonly file: OpenSegment;
  readonly segment: number;
  readonly last: boolean;
}

/** Walks the journal from where the state ends and takes over what it finds. */
export class JournalFollower {
  readonly #segments: SegmentFiles;
  readonly #state: LogState;

  constructor(o: { segments: SegmentFiles; state: LogState }) {
    this.#segments = o.segments;
    this.#state = o.state;
  }

  /** Verifies every group from here to the end of the journal. */
  follow(options: FollowOptions = {}): JournalStop {
    const before = this.#state.size;
    const stop = this.#walk((cursor, place, head) => {
      const group = this.#take(cursor, place, head);
      if ("code" in group) return group;
      options.onGroup?.(group);
      return undefined;
    });
    const state = this.#state;
    if (stop.kind === "corrupt" || state.size === before || sealHolds(state, state.chain))
      return stop;
    // No group follows whose digest would cover this seal.
    const { segment, at_bytes } = state.end as JournalEnd;
    const detail = "the last seal is not the unit's signature";
    return {
      kind: "corrupt",
      segment,
      fault: { code: "JOURNAL_CORRUPT", detail, at: at_bytes - 64 },
    };
  }

  /** Notes where groups lie, up to this size, reading only their heads: published entries are proven by their tiles. */
  skip(size: number): JournalStop {
    if (size === 0) return { kind: "end" };
    return this.#walk((cursor, place, head) => {
      const state = this.#state;
      const length = groupLength_bytes(head);
      state.directory.add(place);
      state.end = { segment: place.segment, at_bytes: place.at_bytes + length };
      if (state.size < size) return undefined;
      const note_bytes = head.note_bytes;
      const at = state.end.at_bytes - seal_bytes - note_bytes;
      const end = cursor.file.read({ at, length: note_bytes + seal_bytes });
      state.note = Buffer.from(end.subarray(0, note_bytes)).toString("utf8");
      state.chain = {
        digest: end.slice(note_bytes, note_bytes + 32),
        seal: end.slice(note_bytes + 32),
      };
      return "enough";
    });
  }

  #walk(
    take: (cursor: Cursor, place: GroupPlace, head: GroupHead) => GroupFault | "enough" | undefined,
  ): JournalStop {
    const segments = this.#segments.list();
    for (;;) {
      const segment = this.#state.end?.segment ?? segments[0];
      if (segment === undefined) return { kind: "end" };
      if (!segments.includes(segment)) return missing(segment);
      if (this.#state.end === undefined && segment !== this.#state.size) return missing(0);
      const last = segment === segments.at(-1);
      const stop = this.#segments.withSegment(segment, (file) =>
        this.#walkSegment({ file, segment, last }, take),
      );
      if (stop !== undefined) return stop;
      const next = this.#state.size;
      if (!segments.includes(next)) return missing(next);
      this.#state.end = { segment: next, at_bytes: 0 };
    }
  }

  /** Undefined where the segment was read to its end and another follows. */
  #walkSegment(
    cursor: Cursor,
    take: (cursor: Cursor, place: GroupPlace, head: GroupHead) => GroupFault | "enough" | undefined,
  ): JournalStop | undefined {
    let at = this.#state.end?.at_bytes ?? 0;
    if (at === 0) {
      const stop = this.#header(cursor);
      if (stop !== undefined) return stop;
      at = segmentHeader_bytes;
    }
    while (at < cursor.file.size_bytes) {
      const head = this.#head(cursor, at);
      if ("kind" in head) return head;
      const { firstIndex, count, records_bytes } = head;
      const place = { firstIndex, count, segment: cursor.segment, at_bytes: at, records_bytes };
      const taken = take(cursor, place, head);
      if (taken === "enough") return { kind: "end" };
      const end = at + groupLength_bytes(head);
      if (taken !== undefined) return this.#stopAt(cursor, { at, end }, taken);
      at = end;
    }
    return cursor.last ? { kind: "end" } : undefined;
  }

  /** An incomplete write shows in the group as a whole, not where the first check fails. */
  #stopAt(cursor: Cursor, group: { at: number; end: number }, fault: GroupFault): JournalStop {
    const zeros = { from: group.at, before: group.end - seal_bytes };
    if (cursor.last && hasZeroTail(cursor.file, zeros)) return unfinished(cursor, group.at);
    return corrupt(cursor, { ...fault, at: group.at + fault.at });
  }

  #header(cursor: Cursor): JournalStop | undefined {
    const { file, segment, last } = cursor;
    const header = readSegmentHeader(file.read({ at: 0, length: segmentHeader_bytes }));
    const isShort = file.size_bytes < segmentHeader_bytes;
    const zeros = { from: 0, before: segmentHeader_bytes };
    if (header === undefined && last && (isShort || hasZeroTail(file, zeros))) {
      return unfinished(cursor, 0);
    }
    const { size, chain } = this.#state;
    if (header === undefined || header.firstIndex !== segment || segment !== size) {
      const detail = "the segment's header is not intact";
      return corrupt(cursor, { code: "JOURNAL_CORRUPT", detail, at: 0 });
    }
    const known = this.#state.note !== undefined || segment === 0;
    const follows =
      equalBytes(header.before.digest, chain.digest) && equalBytes(header.before.seal, chain.seal);
    if (known && !follows) {
      const detail = "the segment does not follow from the one before it";
      return corrupt(cursor, { code: "JOURNAL_CORRUPT", detail, at: 0 });
    }
    return undefined;
  }

  #head(cursor: Cursor, at: number): GroupHead | JournalStop {
    const { file, last } = cursor;
    const bytes = file.read({ at, length: groupHead_bytes });
    const head = readGroupHead(bytes);
    if (head === undefined) {
      const zeros = { from: at, before: at + groupHead_bytes };
      if (last && (bytes.length < groupHead_bytes || hasZeroTail(file, zeros))) {
        return unfinished(cursor, at);
      }
      const detail = "a group's head is not intact";
      return corrupt(cursor, { code: "JOURNAL_CORRUPT", detail, at });
    }
    if (head.firstIndex !== this.#state.size || head.count === 0) {
      const detail = `a group starts at index ${head.firstIndex}, not ${this.#state.size}`;
      return corrupt(cursor, { code: "JOURNAL_CORRUPT", detail, at });
    }
    if (at + groupLength_bytes(head) <= file.size_bytes) return head;
    if (last) return unfinished(cursor, at);
    const detail = "the segment ends inside a group";
    return corrupt(cursor, { code: "JOURNAL_CORRUPT", detail, at });
  }

  #take(cursor: Cursor, place: GroupPlace, head: GroupHead): CheckedGroup | GroupFault {
    const state = this.#state;
    const length_bytes = groupLength_bytes(head);
    const bytes = cursor.file.read({ at: place.at_bytes, length: length_bytes });
    const range = state.range.clone();
    const hashes = new LevelHashes();
    const isLast = place.at_bytes + length_bytes + groupHead_bytes > cursor.file.size_bytes;
    const checked = checkGroup({
      bytes,
      head,
      before: state.chain,
      range,
      sink: hashes.sink,
      key: state.key,
      crypto: state.crypto,
      treeCrypto: state.tree.crypto,
      signatures: isLast,
      amendment: state.amendments.get(head.firstIndex),
    });
    if ("code" in checked) return checked;
    const view = viewOf(bytes);
    for (const { index, parts } of checked.entries) {
      const at = parts.leafStart + 1;
      state.addEntry({ bytes, view, at, length: parts.entryEnd - at, index });
    }
    const { chain, note } = checked;
    state.commit({ place, length_bytes, range, hashes, chain, note });
    return checked;
  }
}

/**
 * After a power cut, sectors at the end of a file may never have been written and read as zeros.
 * True where everything from `from`, or from a sector after it but not after `before`, up to the end
 * of the file is zeros. Nothing that was written whole ends so: a group ends in its digest and seal.
 */
function hasZeroTail(file: OpenSegment, o: { from: number; before: number }): boolean {
  let zerosFrom = file.size_bytes;
  while (zerosFrom > o.from) {
    const at = Math.max(o.from, zerosFrom - 65_536);
    const bytes = file.read({ at, length: zerosFrom - at });
    const last = bytes.findLastIndex((byte) => byte !== 0);
    zerosFrom = at + last + 1;
    if (last >= 0) break;
  }
  if (zerosFrom === o.from) return true;
  const sector = Math.ceil(zerosFrom / sector_bytes) * sector_bytes;
  return sector <= o.before && sector < file.size_bytes;
}

function unfinished(cursor: Cursor, at_bytes: number): JournalStop {
  return { kind: "unfinished", segment: cursor.segment, at_bytes };
}

function corrupt(cursor: Cursor, fault: GroupFault): JournalStop {
  return { kind: "corrupt", segment: cursor.segment, fault };
}

function missing(segment: number): JournalStop {
  const detail = `the segment of index ${segment} is missing`;
  return { kind: "corrupt", segment, fault: { code: "MISSING_FILE", detail, at: 0 } };
}
