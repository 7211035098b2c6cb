/** Paths and widths of C2SP tlog-tiles: tiles of height 8, 256 hashes wide. */
export const tileWidth = 256;
export const tileHeight = 8;

export interface TileName {
  /** A tree level in steps of 8, or the entries themselves. */
  readonly level: number | "entries";
  readonly index: number;
  /** 1 to 256; below 256 it is a partial tile. */
  readonly width: number;
}

/** Below the log's prefix, such as tile/0/x001/x234/067 or tile/entries/000.p/8. */
export function tilePath(tile: TileName): string {
  const partial = tile.width === tileWidth ? "" : `.p/${tile.width}`;
  return `tile/${tile.level}/${indexPath(tile.index)}${partial}`;
}

/** The tile that a path names, or undefined where it is not the one canonical path of a tile. */
export function parseTilePath(path: string): TileName | undefined {
  const pattern = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/;
  const [, level = "", index = "", width] = pattern.exec(path) ?? [];
  const tile: TileName = {
    level: level === "entries" ? level : Number(level),
    index: Number(index.replaceAll(/[x/]/g, "")),
    width: width === undefined ? tileWidth : Number(width),
  };
  const sound = Number.isSafeInteger(tile.index) && tile.width >= 1 && tilePath(tile) === path;
  return sound && (tile.level === "entries" || tile.level < 64) ? tile : undefined;
}

/** Every tile that a tree of this size is published with, level by level, entries first. */
export function* tilesOf(size: number): Generator<TileName> {
  for (const level of tileLevels(size)) {
    const hashes = hashesAt({ level, size });
    for (let index = 0; index * tileWidth < hashes; index++) {
      yield { level, index, width: Math.min(tileWidth, hashes - index * tileWidth) };
    }
  }
}

/** "entries", 0, 1, … as far as a tree of this size has tiles. */
export function tileLevels(size: number): (number | "entries")[] {
  const levels: (number | "entries")[] = size > 0 ? ["entries"] : [];
  for (let level = 0; hashesAt({ level, size }) > 0; level++) levels.push(level);
  return levels;
}

/** How many hashes (or entries) tiles of this level hold for a tree of this size. */
export function hashesAt(o: { level: number | "entries"; size: number }): number {
  return o.level === "entries" ? o.size : Math.floor(o.size / tileWidth ** o.level);
}

function indexPath(index: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const parts = padded.match(/.{3}/g) ?? [];
  return parts.map((part, i) => (i < parts.length - 1 ? `x${part}` : part)).join("/");
}
