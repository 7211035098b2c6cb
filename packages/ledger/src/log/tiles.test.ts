import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutTile, decodeEntryBundle, encodeEntryBundle } from "./entry-bundle.ts";
import { parseTilePath, tilePath, tilesOf } from "./tiles.ts";

describe("tile paths", () => {
  it("are those of the specification's examples", () => {
    expect(tilePath({ level: 0, index: 1234067, width: 256 })).toBe("tile/0/x001/x234/067");
    expect(tilePath({ level: "entries", index: 0, width: 8 })).toBe("tile/entries/000.p/8");
    expect(tilePath({ level: 2, index: 1000, width: 1 })).toBe("tile/2/x001/000.p/1");
  });

  it("come back from their text", () => {
    const anyTile = fc.record({
      level: fc.oneof(fc.nat(63), fc.constant("entries" as const)),
      index: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(anyTile, (tile) => {
        expect(parseTilePath(tilePath(tile))).toEqual(tile);
      }),
    );
  });

  it("are refused in any other form", () => {
    const bad = [
      "tile/0/0",
      "tile/0/0000",
      "tile/00/000",
      "tile/64/000",
      "tile/0/x000/000",
      "tile/0/001/000",
      "tile/0/x001",
      "tile/0/000.p/0",
      "tile/0/000.p/256",
      "tile/0/000.p/01",
      "tile/-1/000",
      "tile/0/000/",
      "/tile/0/000",
      "tile/0/../000",
      "tile/entries/000.p/",
      `tile/0/${"x999/".repeat(7)}999`,
    ];
    for (const path of bad) expect(parseTilePath(path)).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (text) => {
        expect(parseTilePath(text)).toBeUndefined();
      }),
    );
  });

  it("make up the specification's trees of 70,000 and of 256 entries", () => {
    const tiles = [...tilesOf(70_000)].filter(({ level }) => level !== "entries");
    const full = (level: number): number =>
      tiles.filter((tile) => tile.level === level && tile.width === 256).length;
    expect([full(0), full(1), full(2)]).toEqual([273, 1, 0]);
    expect(tiles.filter(({ width }) => width < 256)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect([...tilesOf(256)].map(tilePath)).toEqual([
      "tile/entries/000",
      "tile/0/000",
      "tile/1/000.p/1",
    ]);
    expect([...tilesOf(0)]).toEqual([]);
  });
});

describe("entry bundles", () => {
  const anyEntries = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 256 });

  it("come back from their bytes, and cut to their first entries", () => {
    fc.assert(
      fc.property(anyEntries, fc.integer({ min: 1, max: 256 }), (entries, width) => {
        const bytes = encodeEntryBundle(entries);
        expect(decodeEntryBundle(bytes)).toEqual({ ok: true, value: entries });
        const cut = cutTile({ name: { level: "entries", index: 0, width }, bytes });
        const expected = encodeEntryBundle(entries.slice(0, width));
        expect(cut).toEqual(width <= entries.length ? expected : undefined);
      }),
    );
  });

  it("are refused when cut short or too long, without a throw", () => {
    expect(decodeEntryBundle(Uint8Array.of(0)).ok).toBe(false);
    expect(decodeEntryBundle(Uint8Array.of(0, 2, 1)).ok).toBe(false);
    expect(decodeEntryBundle(new Uint8Array(2 * 257)).ok).toBe(false);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const decoded = decodeEntryBundle(bytes);
        if (decoded.ok) expect(encodeEntryBundle(decoded.value)).toEqual(bytes);
      }),
    );
  });
});
