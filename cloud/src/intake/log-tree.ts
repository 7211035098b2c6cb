import { CompactRange, leafHash, logHashOf, openCheckpoint, treeCrypto } from "@voltfog/ledger";
import {
  accepted,
  ByteWriter,
  type Crypto,
  concatBytes,
  decodeBytes,
  equalBytes,
  type Outcome,
  type Problem,
  refused,
  toHex,
} from "@voltfog/runtime";

/** Whose log it is: what a checkpoint note of it must be signed as, and by whom. */
export interface LogIdentity {
  readonly unitId: string;
  readonly origin: string;
  readonly publicKey: Uint8Array;
}

export interface TreeProblem extends Problem {
  readonly code: "NOTE_INVALID" | "LOG_SHRANK" | "ROOT_MISMATCH";
  readonly detail: string;
}

export interface SignedHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** A tree after more entries, and the signed head that it has not reached yet. */
export interface GrownTree {
  readonly range: CompactRange;
  readonly ahead: SignedHead | undefined;
}

const hashesMax = 64;

/** The store's form of a tree: its size and the hashes of its right edge. */
export function encodeTree(range: CompactRange): Uint8Array {
  const writer = new ByteWriter().u64(range.size);
  const hashes = range.hashes();
  writer.u32(hashes.length);
  for (const hash of hashes) writer.raw(hash);
  return writer.finish();
}

/** Empty bytes are the empty tree. Throws on bytes that {@link encodeTree} did not write. */
export function decodeTree(bytes: Uint8Array, crypto: Crypto): CompactRange {
  if (bytes.length === 0) return new CompactRange({ crypto });
  const decoded = decodeBytes(bytes, (reader) => ({
    size: reader.u64(),
    hashes: reader.list({ limit: hashesMax, read: (inner) => inner.raw(32) }),
  }));
  if (!decoded.ok) throw new Error(`stored tree: ${decoded.problem.detail}`);
  return CompactRange.restore({ ...decoded.value, crypto });
}

/** The leaf hashes of entries, one after the other. */
export function leavesOf(entries: readonly Uint8Array[], crypto: Crypto): Uint8Array {
  return concatBytes(...entries.map((entry) => leafHash(entry, crypto)));
}

/**
 * The tree of one unit's log, rebuilt here from its entries and compared with every head that the
 * unit signed and this tree reaches.
 */
export class LogTree {
  readonly #identity: LogIdentity;
  readonly #crypto: Crypto;
  readonly #treeCrypto: Crypto;
  #range: CompactRange;
  /** A signed head ahead of the tree, compared once the tree gets there. */
  #ahead: SignedHead | undefined;

  constructor(options: { identity: LogIdentity; tree: Uint8Array; crypto: Crypto }) {
    this.#identity = options.identity;
    this.#crypto = options.crypto;
    this.#treeCrypto = treeCrypto(logHashOf(options.identity.origin), options.crypto);
    this.#range = decodeTree(options.tree, this.#treeCrypto);
  }

  get size(): number {
    return this.#range.size;
  }

  get root(): string {
    return toHex(this.#range.root());
  }

  /** How many of the log's entries a note covers; only those are believed. */
  openNote(note: string): Outcome<SignedHead, TreeProblem> {
    const opened = openCheckpoint({ note, ...this.#identity, crypto: this.#crypto });
    if (!opened.ok) {
      const detail = `${opened.problem.code}: ${opened.problem.detail}`;
      return refused({ code: "NOTE_INVALID", detail });
    }
    if (opened.value.size < this.size) {
      const detail = `the unit signs ${opened.value.size} entries after it signed ${this.size}`;
      return refused({ code: "LOG_SHRANK", detail });
    }
    return accepted(opened.value);
  }

  /**
   * The tree after more entries, up to the signed head at most. Nothing changes until
   * {@link advance}, so that a failed commit leaves the tree where the store is.
   */
  grown(options: {
    entries: readonly Uint8Array[];
    head: SignedHead;
  }): Outcome<GrownTree, TreeProblem> {
    const range = this.#range.clone();
    let ahead = this.#ahead ?? options.head;
    let at = 0;
    while (ahead.size <= range.size + options.entries.length - at) {
      const count = ahead.size - range.size;
      range.appendAll(leavesOf(options.entries.slice(at, at + count), this.#treeCrypto));
      at += count;
      if (!equalBytes(range.root(), ahead.root)) return refused(mismatch(ahead, range));
      if (ahead.size >= options.head.size) return accepted({ range, ahead: undefined });
      ahead = options.head;
    }
    range.appendAll(leavesOf(options.entries.slice(at), this.#treeCrypto));
    return accepted({ range, ahead });
  }

  advance(next: GrownTree): void {
    this.#range = next.range;
    this.#ahead = next.ahead;
  }
}

function mismatch(head: SignedHead, range: CompactRange): TreeProblem {
  return {
    code: "ROOT_MISMATCH",
    detail: `the unit signed root ${toHex(head.root)} at ${head.size} entries, the entries it served give ${toHex(range.root())}`,
  };
}
