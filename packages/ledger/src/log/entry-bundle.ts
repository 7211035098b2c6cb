import { decodeBytes, type MalformedProblem, type Outcome } from "@voltfog/runtime";
import { type TileName, tileWidth } from "./tiles.ts";

/** Entries of a C2SP entry bundle: each with a 16-bit length before it. */
export function decodeEntryBundle(bytes: Uint8Array): Outcome<Uint8Array[], MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const entries: Uint8Array[] = [];
    while (reader.remaining > 0) {
      if (entries.length === tileWidth) reader.fail(`more than ${tileWidth} entries`);
      entries.push(reader.raw(reader.u16()));
    }
    return entries;
  });
}

export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 255;
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** A tile's first hashes, or a bundle's first entries: the narrower tile of this name. Undefined where there are fewer. */
export function cutTile(o: { name: TileName; bytes: Uint8Array }): Uint8Array | undefined {
  const { name, bytes } = o;
  if (name.level !== "entries") {
    return bytes.length < 32 * name.width ? undefined : bytes.slice(0, 32 * name.width);
  }
  const entries = decodeEntryBundle(bytes);
  if (!entries.ok || entries.value.length < name.width) return undefined;
  return encodeEntryBundle(entries.value.slice(0, name.width));
}
