import type { Problem } from "@voltfog/runtime";
import type { DeviceEntry, LogEntry, LogStream } from "../../log/entry.ts";

/** One thing to log, with what travels beside the entry but is no part of the tree. */
export interface LogAppend {
  readonly entry: DeviceEntry;
  /** The frame that the entry commits to. */
  readonly frame: Uint8Array | undefined;
  /** When the unit accepted it, by its own clock. */
  readonly accepted_ms: number;
  /** At most 255 bytes of UTF-8. */
  readonly vehicleId: string | undefined;
}

/** What append resolves with: the receipt's facts. */
export interface LogReceipt {
  /** Index of the first of the appended items; the others follow it. */
  readonly firstIndex: number;
  /** Signed note of a tree that holds all of them, already durable. */
  readonly checkpoint: string;
}

export interface StoredEntry {
  readonly index: number;
  readonly entry: LogEntry;
  /** The tree's leaf data. */
  readonly entryBytes: Uint8Array;
  readonly accepted_ms: number;
  readonly vehicleId: string | undefined;
  readonly frame: Uint8Array | undefined;
}

export interface EntryKey {
  readonly keyId: Uint8Array;
  readonly stream: LogStream;
  readonly sequence: number;
}

/** The end of one device's chain of frames. */
export interface ChainEnd {
  readonly sequence: number;
  readonly commitment: Uint8Array;
}

/** A checkpoint whose tiles are published. */
export interface PublishedHead {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
}

/** What writer and reader of a log both answer. Sizes in paths may be any up to `size`. */
export interface LogView {
  /** Durable entries. */
  readonly size: number;
  readonly root: Uint8Array;
  /** At most `limit` entries from index `from` on; fewer at the end of the log. */
  read(range: { from: number; limit: number }): Promise<readonly StoredEntry[]>;
  /** Index of the accepted entry at this sequence; where there is none, of the first refused one. */
  find(key: EntryKey): number | undefined;
  /** The chain's end: the highest sequence that was accepted, or refused while linked. */
  lastOf(keyId: Uint8Array, stream: LogStream): ChainEnd | undefined;
  inclusionPath(o: { index: number; size: number }): Promise<readonly Uint8Array[]>;
  consistencyPath(o: { from: number; to: number }): Promise<readonly Uint8Array[]>;
}

export interface FsckProblem extends Problem {
  readonly code:
    | "UNREADABLE"
    | "MISSING_FILE"
    | "UNEXPECTED_FILE"
    | "KEY_MALFORMED"
    | "JOURNAL_CORRUPT"
    | "UNFINISHED_TAIL"
    | "ENTRY_MALFORMED"
    | "COMMITMENT_MISMATCH"
    | "ROOT_MISMATCH"
    | "TILE_MISMATCH"
    | "CHECKPOINT_MISMATCH"
    | "RECORDS_CORRUPT";
  readonly detail: string;
  /** Path below the checked folder, and the byte from which on it is wrong. */
  readonly place: { readonly file: string; readonly offset: number };
}

export interface FsckReport {
  readonly ok: boolean;
  readonly entries: number;
  /** Sum over accepted frames. */
  readonly samples: number;
  readonly gaps: number;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  readonly problem?: FsckProblem;
}
