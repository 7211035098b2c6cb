import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Crypto, toHex, utf8 } from "@voltfog/runtime";
import { checkpointFormFault } from "../../log/checkpoint.ts";
import { cutTile } from "../../log/entry-bundle.ts";
import { logHashOf } from "../../log/log-hash.ts";
import {
  encodeVerifierKey,
  type NoteKey,
  openNote,
  parseVerifierKey,
} from "../../log/signed-note.ts";
import { parseTilePath, type TileName, tilePath, tilesOf, tileWidth } from "../../log/tiles.ts";
import { emptyRoot } from "../../log/tree-hash.ts";
import { erasureFile, readErasures } from "./erasure-file.ts";
import type { CheckedGroup } from "./group-check.ts";
import { JournalFollower, type JournalStop } from "./journal-follower.ts";
import { parseSegmentName } from "./journal-format.ts";
import { checkpointFile, journalFolder, keyFile } from "./log-files.ts";
import { LogState } from "./log-state.ts";
import type { FsckProblem, FsckReport } from "./log-types.ts";
import { SegmentFiles } from "./segment-files.ts";
import { treeHashing } from "./tree-hasher.ts";

/** Full tiles are compared with their files once this many entries wait for it. */
const compareAfter = 65_536;

/** Recomputes one log from its journal and compares every file of its folder with the result. */
export class LogCheck {
  readonly #folder: string;
  readonly #crypto: Crypto;
  readonly #files: ReadonlySet<string>;
  /** Files not yet accounted for, paths below the folder. */
  readonly #left: Set<string>;
  #entries = 0;
  #samples = 0;
  #gaps = 0;
  #root = "";
  /** Partial tiles not yet accounted for, by the path of their full tile. */
  readonly #partials = new Map<string, TileName[]>();
  #publishedSize = 0;
  /** Note of the group at whose end the published tree ends. */
  #publishedNote: string | undefined;
  #tileProblem: FsckProblem | undefined;

  constructor(o: { folder: string; files: readonly string[]; crypto: Crypto }) {
    this.#folder = o.folder;
    this.#crypto = o.crypto;
    this.#files = new Set(o.files);
    this.#left = new Set(o.files);
    for (const name of o.files.map(parseTilePath)) {
      if (name === undefined || name.width === tileWidth) continue;
      const full = tilePath({ ...name, width: tileWidth });
      this.#partials.set(full, [...(this.#partials.get(full) ?? []), name]);
    }
  }

  run(): FsckReport {
    const problem = this.#check();
    return {
      ok: problem === undefined,
      entries: this.#entries,
      samples: this.#samples,
      gaps: this.#gaps,
      size: this.#entries,
      root: this.#root,
      ...(problem === undefined ? {} : { problem }),
    };
  }

  #check(): FsckProblem | undefined {
    const keyText = this.#take(keyFile);
    if (typeof keyText !== "string") return keyText;
    const key = parseVerifierKey(keyText.trimEnd(), this.#crypto);
    if (!key.ok || keyText !== `${encodeVerifierKey(key.value, this.#crypto)}\n`) {
      return problemAt("KEY_MALFORMED", "not one line with a verifier key", keyFile, 0);
    }
    const note = this.#take(checkpointFile);
    if (typeof note !== "string") return note;
    this.#publishedSize = sizeIn(note);
    this.#left.delete(erasureFile);
    const erasures = readErasures(this.#folder);
    if (erasures === undefined) {
      return problemAt("RECORDS_CORRUPT", "not a list of erasures", erasureFile, 0);
    }
    const state = new LogState({
      key: key.value,
      crypto: this.#crypto,
      published: { size: 0, root: new Uint8Array(32), note: "" },
      amendments: erasures.amendments,
    });
    return (
      this.#checkJournal(state) ??
      this.#checkCheckpoint(note, key.value) ??
      this.#tileProblem ??
      this.#checkPublished() ??
      this.#compareTiles(state, { all: true }) ??
      this.#checkRest()
    );
  }

  #checkJournal(state: LogState): FsckProblem | undefined {
    const segments = new SegmentFiles(join(this.#folder, journalFolder));
    for (const file of this.#left) {
      const name = file.startsWith(`${journalFolder}/`) ? file.slice(journalFolder.length + 1) : "";
      if (parseSegmentName(name) !== undefined) this.#left.delete(file);
    }
    const follower = new JournalFollower({ segments, state });
    const stop = follower.follow({ onGroup: (group) => this.#onGroup(state, group) });
    this.#root = toHex(state.range.root());
    return this.#journalProblem(stop, segments);
  }

  #onGroup(state: LogState, group: CheckedGroup): void {
    for (const { entry } of group.entries) {
      this.#entries++;
      if (entry.kind === "frame") this.#samples += entry.sampleCount;
      if (entry.kind === "gap") this.#gaps++;
    }
    if (state.size === this.#publishedSize) this.#publishedNote = group.note;
    if (state.edge.pendingEntries < compareAfter) return;
    this.#tileProblem ??= this.#compareTiles(state, { all: false });
  }

  #journalProblem(stop: JournalStop, segments: SegmentFiles): FsckProblem | undefined {
    if (stop.kind === "end") return undefined;
    const path = (segment: number): string => segments.path(segment).slice(this.#folder.length + 1);
    if (stop.kind === "unfinished") {
      const detail = "the last group is not complete; opening the log cuts it off";
      return problemAt("UNFINISHED_TAIL", detail, path(stop.segment), stop.at_bytes);
    }
    const { code, detail, at } = stop.fault;
    return problemAt(code, detail, path(stop.segment), at);
  }

  #checkCheckpoint(note: string, key: NoteKey): FsckProblem | undefined {
    if (!Number.isSafeInteger(this.#publishedSize)) {
      const detail = "the second line is not a tree size";
      return problemAt("CHECKPOINT_MISMATCH", detail, checkpointFile, 0);
    }
    const expected = this.#publishedNote;
    if (this.#publishedSize === 0) {
      const crypto = this.#crypto;
      const tree = treeHashing(logHashOf(key.name), crypto);
      const head = { size: 0, root: emptyRoot(tree.crypto) };
      const isSigned = openNote({ note, key, crypto }).ok;
      const fault = checkpointFormFault({ note, head, key, crypto });
      if (fault === undefined && isSigned) return undefined;
      const detail = fault ?? "the note's signature is wrong";
      return problemAt("CHECKPOINT_MISMATCH", detail, checkpointFile, 0);
    }
    if (expected === note) return undefined;
    const detail = "not the checkpoint that the journal holds for this size";
    const offset = expected === undefined ? 0 : firstDifference(utf8(expected), utf8(note));
    return problemAt("CHECKPOINT_MISMATCH", detail, checkpointFile, offset);
  }

  /** Everything that a tree of the published size is served with must be there. */
  #checkPublished(): FsckProblem | undefined {
    for (const name of tilesOf(this.#publishedSize)) {
      const path = tilePath(name);
      if (!this.#files.has(path)) {
        return problemAt("MISSING_FILE", "the published tile is missing", path, 0);
      }
    }
    return undefined;
  }

  /**
   * Compares the files of full tiles with what they should be and lets go of those tiles; with `all`,
   * also those of the tree's right edge. A partial tile, also an old one, is the beginning of its tile.
   */
  #compareTiles(state: LogState, o: { all: boolean }): FsckProblem | undefined {
    for (const tile of state.edge.tiles()) {
      if (tile.name.width < tileWidth && !o.all) continue;
      const full = tilePath({ ...tile.name, width: tileWidth });
      const names = [...(this.#partials.get(full) ?? [])];
      if (tile.name.width === tileWidth) names.push(tile.name);
      for (const name of names) {
        const problem = this.#compare(name, cutTile({ name, bytes: tile.bytes }));
        if (problem !== undefined) return problem;
      }
    }
    state.edge.release(state.size);
    return undefined;
  }

  #compare(name: TileName, expected: Uint8Array | undefined): FsckProblem | undefined {
    const path = tilePath(name);
    if (expected === undefined || !this.#left.delete(path)) return undefined;
    const found = readFileSync(join(this.#folder, path));
    const offset = firstDifference(expected, found);
    if (offset === expected.length && offset === found.length) return undefined;
    return problemAt("TILE_MISMATCH", "the tile differs from the journal's entries", path, offset);
  }

  #checkRest(): FsckProblem | undefined {
    for (const path of this.#left)
      return problemAt("UNEXPECTED_FILE", "no part of this log", path, 0);
    return undefined;
  }

  /** The text of a file that must be there. */
  #take(name: string): string | FsckProblem {
    if (!this.#left.delete(name)) return problemAt("MISSING_FILE", "the file is missing", name, 0);
    return readFileSync(join(this.#folder, name), "utf8");
  }
}

function problemAt(
  code: FsckProblem["code"],
  detail: string,
  file: string,
  offset: number,
): FsckProblem {
  return { code, detail, place: { file, offset } };
}

/** The size that a checkpoint states, before anything is verified; NaN where it states none. */
function sizeIn(note: string): number {
  const line = note.split("\n")[1] ?? "";
  return /^(?:0|[1-9][0-9]{0,15})$/.test(line) ? Number(line) : Number.NaN;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) if (a[at] !== b[at]) return at;
  return shared;
}
