import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { utf8 } from "@voltfog/runtime";
import { encodeVerifierKey } from "../../log/signed-note.ts";
import { tilePath, tilesOf, tileWidth } from "../../log/tiles.ts";
import { erasureFile } from "./erasure-file.ts";
import { segmentName } from "./journal-format.ts";
import { checkpointFile, journalFolder, keyFile, type LoadedLog } from "./log-files.ts";

/** A file below a folder as it is at one moment: its first bytes up to a length, or these bytes. */
export type FileExtent =
  | { readonly path: string; readonly length_bytes: number }
  | { readonly path: string; readonly bytes: Uint8Array };

/**
 * The files that this log would have, had it been closed when it was read: a copy of them passes the
 * check, whatever a writer does meanwhile. Journal segments only grow and full tiles never change, so
 * a length is enough for them; checkpoint and partial tiles are replaced, so they come as bytes.
 */
export function logExtent(folder: string, log: LoadedLog): readonly FileExtent[] {
  const { state } = log;
  const { key, crypto, published } = state;
  const pending = state.edge.tiles().map(({ name, bytes }) => ({ path: tilePath(name), bytes }));
  const unpublished = new Set(pending.map(({ path }) => path));
  const fullTiles = [...tilesOf(published.size)]
    .filter(({ width }) => width === tileWidth)
    .map(tilePath)
    .filter((path) => !unpublished.has(path))
    .map((path) => ({ path, length_bytes: statSync(join(folder, path)).size }));
  return [
    { path: keyFile, bytes: utf8(`${encodeVerifierKey(key, crypto)}\n`) },
    { path: checkpointFile, bytes: utf8(state.note ?? published.note) },
    ...journalExtent(log),
    ...erasureExtent(folder),
    ...fullTiles,
    ...pending,
  ];
}

/** Without it, zeros in place of an erased frame are a damaged journal. */
function erasureExtent(folder: string): readonly FileExtent[] {
  const path = join(folder, erasureFile);
  return existsSync(path) ? [{ path: erasureFile, bytes: new Uint8Array(readFileSync(path)) }] : [];
}

/** Whole groups only: what a writer is just appending is left out. */
function journalExtent({ state, segments }: LoadedLog): readonly FileExtent[] {
  const { end } = state;
  if (end === undefined) return [];
  return segments
    .list()
    .filter((segment) => segment <= end.segment)
    .map((segment) => ({
      path: `${journalFolder}/${segmentName(segment)}`,
      length_bytes: segment === end.segment ? end.at_bytes : statSync(segments.path(segment)).size,
    }))
    .filter(({ length_bytes }) => length_bytes > 0);
}
