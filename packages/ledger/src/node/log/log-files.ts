import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError, type Crypto, equalBytes, messageOf } from "@voltfog/runtime";
import { openCheckpoint } from "../../log/checkpoint.ts";
import { CompactRange } from "../../log/compact-range.ts";
import { decodeEntryBundle } from "../../log/entry-bundle.ts";
import { parseVerifierKey } from "../../log/signed-note.ts";
import { tilePath, tilesOf, tileWidth } from "../../log/tiles.ts";
import { foldNodes, nodesOf } from "../../log/tree-hash.ts";
import { erasureFile, readErasures } from "./erasure-file.ts";
import { sealHolds } from "./group-check.ts";
import { JournalFollower, type JournalStop } from "./journal-follower.ts";
import { seal_bytes, viewOf } from "./journal-format.ts";
import { type JournalEnd, LogState } from "./log-state.ts";
import { SegmentFiles } from "./segment-files.ts";
import type { TileContent } from "./tile-edge.ts";
import { TileFiles } from "./tile-files.ts";
import { TreePaths } from "./tree-paths.ts";

export const keyFile = "vkey";
export const checkpointFile = "checkpoint";
export const journalFolder = "journal";

/** A log's folder read into memory. */
export interface LoadedLog {
  readonly state: LogState;
  readonly segments: SegmentFiles;
  readonly tiles: TileFiles;
  readonly paths: TreePaths;
  readonly follower: JournalFollower;
  /** How the journal ended. */
  readonly stop: JournalStop;
}

/**
 * Reads key, checkpoint, right edge of the tiles, all entries, and the groups after the published
 * size, which it verifies in full. Costs 66 bytes of reading for each published entry and one head
 * for each of its groups. Changes nothing. LOG_CORRUPT with file and byte on anything that a crash
 * cannot explain.
 */
export async function loadLog(folder: string, crypto: Crypto): Promise<LoadedLog> {
  const key = parseVerifierKey(readText(folder, keyFile).trimEnd(), crypto);
  if (!key.ok) throw corruptLog(join(folder, keyFile), 0, key.problem.detail);
  const note = readText(folder, checkpointFile);
  const { name: origin, publicKey } = key.value;
  const head = openCheckpoint({ note, origin, publicKey, crypto });
  if (!head.ok) throw corruptLog(join(folder, checkpointFile), 0, head.problem.detail);
  const published = { size: head.value.size, root: head.value.root, note };
  const erasures = readErasures(folder);
  if (erasures === undefined) throw corruptLog(join(folder, erasureFile), 0, "no list of erasures");
  const { amendments } = erasures;
  const state = new LogState({ key: key.value, crypto, published, amendments });
  const { hasher, crypto: ofTree } = state.tree;
  const tiles = new TileFiles(folder);
  const paths = new TreePaths({ edge: state.edge, files: tiles, hasher, crypto: ofTree });
  await restoreTree({ folder, state, tiles, paths });
  const segments = new SegmentFiles(join(folder, journalFolder));
  const follower = new JournalFollower({ segments, state });
  let stop = follower.skip(published.size);
  if (state.size !== published.size) {
    if (stop.kind === "corrupt") throw journalFault(segments, stop);
    throw corruptLog(
      join(folder, checkpointFile),
      0,
      `the checkpoint covers ${published.size} entries, but the journal holds ${state.size}`,
    );
  }
  if (published.size > 0 && !(state.note === note && sealHolds(state, state.chain))) {
    const { segment, at_bytes } = state.end as JournalEnd;
    const detail = "the published group does not end in the checkpoint and the unit's seal";
    throw corruptLog(segments.path(segment), at_bytes - seal_bytes - note.length, detail);
  }
  stop = follower.follow();
  if (stop.kind === "corrupt") throw journalFault(segments, stop);
  return { state, segments, tiles, paths, follower, stop };
}

export function journalFault(
  segments: SegmentFiles,
  stop: JournalStop & { kind: "corrupt" },
): CodedError {
  return corruptLog(segments.path(stop.segment), stop.fault.at, stop.fault.detail);
}

export function corruptLog(file: string, at_bytes: number, detail: string): CodedError {
  return new CodedError({
    code: "LOG_CORRUPT",
    message: `${file} at byte ${at_bytes}: ${detail}`,
    remedy: "keep the folder as evidence; a restored unit opens a new log that names this one",
  });
}

function readText(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), "utf8");
  } catch (thrown) {
    throw corruptLog(join(folder, name), 0, messageOf(thrown));
  }
}

/** Entries and hashes of the published tree, checked against its root. */
async function restoreTree(o: {
  folder: string;
  state: LogState;
  tiles: TileFiles;
  paths: TreePaths;
}): Promise<void> {
  const { folder, state, tiles, paths } = o;
  const { published } = state;
  const { crypto, hasher } = state.tree;
  const { size } = published;
  const partials: TileContent[] = [];
  for (const name of tilesOf(size)) {
    const isEntries = name.level === "entries";
    if (!isEntries && name.width === tileWidth) continue;
    const bytes = await tiles.read(tilePath(name));
    const path = join(folder, tilePath(name));
    if (bytes === undefined) throw corruptLog(path, 0, "the published tile is missing");
    if (!isEntries && bytes.length !== 32 * name.width) {
      throw corruptLog(path, 0, "the published tile is not whole");
    }
    if (isEntries) indexBundle({ state, bytes, width: name.width, index: name.index, path });
    if (name.width < tileWidth) partials.push({ name, bytes });
  }
  state.edge.restore(size, partials);
  const hashes = await Promise.all(
    nodesOf({ begin: 0, end: size }).map((node) => paths.node(node)),
  );
  if (!equalBytes(foldNodes(hashes, crypto), published.root)) {
    throw corruptLog(
      join(folder, checkpointFile),
      0,
      "the tiles do not make the checkpoint's root",
    );
  }
  state.range = CompactRange.restore({ size, hashes, crypto, hasher });
}

function indexBundle(o: {
  state: LogState;
  bytes: Uint8Array;
  width: number;
  index: number;
  path: string;
}): void {
  const entries = decodeEntryBundle(o.bytes);
  if (!entries.ok || entries.value.length !== o.width) {
    throw corruptLog(o.path, 0, "the published entry bundle is not whole");
  }
  for (const [i, bytes] of entries.value.entries()) {
    if (bytes.length < 64) throw corruptLog(o.path, 0, "an entry is too short");
    const index = o.index * tileWidth + i;
    o.state.index.add({ bytes, view: viewOf(bytes), at: 0, index });
  }
}
