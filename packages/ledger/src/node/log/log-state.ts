import type { Crypto } from "@voltfog/runtime";
import { CompactRange, type LevelSink } from "../../log/compact-range.ts";
import { logHashOf } from "../../log/log-hash.ts";
import { type NoteKey, noteKeyHash } from "../../log/signed-note.ts";
import { tileHeight } from "../../log/tiles.ts";
import { EntryIndex } from "./entry-index.ts";
import type { Amendment } from "./erasure-file.ts";
import { GroupDirectory, type GroupPlace } from "./group-directory.ts";
import { firstChain, type JournalChain } from "./journal-format.ts";
import type { PublishedHead } from "./log-types.ts";
import { TileEdge } from "./tile-edge.ts";
import { type TreeHashing, treeHashing } from "./tree-hasher.ts";

/** Where the next group goes: the end of the journal. */
export interface JournalEnd {
  readonly segment: number;
  readonly at_bytes: number;
}

/** Hashes that a group adds to the tile levels, kept until the group counts. */
export class LevelHashes {
  readonly #nodes: { level: number; first: number; hashes: Uint8Array }[] = [];

  readonly sink: LevelSink = ({ level, first, hashes }) => {
    if (level % tileHeight !== 0) return;
    this.#nodes.push({ level: level / tileHeight, first, hashes: hashes.slice() });
  };

  addTo(edge: TileEdge): void {
    for (const nodes of this.#nodes) edge.addHashes(nodes);
  }
}

/** Everything in memory about one log: rebuilt at open, moved on group by group. */
export class LogState {
  readonly key: NoteKey;
  /** For signatures and the journal; the tree has a hash of its own. */
  readonly crypto: Crypto;
  readonly tree: TreeHashing;
  readonly directory: GroupDirectory = new GroupDirectory();
  readonly index: EntryIndex = new EntryIndex();
  readonly edge: TileEdge = new TileEdge();
  range: CompactRange;
  chain: JournalChain;
  /** Note of the last group; undefined while there is none. */
  note: string | undefined;
  end: JournalEnd | undefined;
  /** Of groups in which frames were erased, by their first index. */
  readonly amendments: ReadonlyMap<number, Amendment>;
  /** The head whose tiles and checkpoint are on disk. */
  published: PublishedHead;

  constructor(o: {
    key: NoteKey;
    crypto: Crypto;
    published: PublishedHead;
    amendments?: ReadonlyMap<number, Amendment>;
  }) {
    this.amendments = o.amendments ?? new Map();
    this.published = o.published;
    this.key = o.key;
    this.crypto = o.crypto;
    this.tree = treeHashing(logHashOf(o.key.name), o.crypto);
    this.range = new CompactRange(this.tree);
    this.chain = firstChain(noteKeyHash({ ...o.key, crypto: o.crypto }));
  }

  get size(): number {
    return this.directory.size;
  }

  /** Takes over a durable group whose entries were given to {@link addEntry}. */
  commit(o: {
    place: GroupPlace;
    length_bytes: number;
    range: CompactRange;
    hashes: LevelHashes;
    chain: JournalChain;
    note: string;
  }): void {
    this.directory.add(o.place);
    this.range = o.range;
    o.hashes.addTo(this.edge);
    this.chain = o.chain;
    this.note = o.note;
    this.end = { segment: o.place.segment, at_bytes: o.place.at_bytes + o.length_bytes };
  }

  addEntry(o: {
    bytes: Uint8Array;
    view: DataView;
    at: number;
    length: number;
    index: number;
  }): void {
    this.edge.addEntry(o.bytes, o.at, o.length);
    this.index.add(o);
  }
}
