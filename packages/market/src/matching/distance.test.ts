import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distance_mm, placeOf } from "./distance.ts";
import type { Position } from "./position.ts";

const earth = (longitude: number, latitude: number): Position => ({
  kind: "earth",
  east: Math.round(longitude * 1e6),
  north: Math.round(latitude * 1e6),
});

const between = (a: Position, b: Position): number => distance_mm(placeOf(a), placeOf(b));

/** The haversine as textbooks have it, with the machine's own functions. */
function textbook_mm(a: Position, b: Position): number {
  const radians = Math.PI / 180e6;
  const sines =
    Math.sin(((b.north - a.north) * radians) / 2) ** 2 +
    Math.cos(a.north * radians) *
      Math.cos(b.north * radians) *
      Math.sin(((b.east - a.east) * radians) / 2) ** 2;
  return 2 * 6_371_000_000 * Math.asin(Math.min(1, Math.sqrt(sines)));
}

const anywhere = fc.record({
  kind: fc.constant("earth" as const),
  east: fc.integer({ min: -180_000_000, max: 180_000_000 }),
  north: fc.integer({ min: -90_000_000, max: 90_000_000 }),
});

describe("the distance on the earth", () => {
  it("is the haversine to a millimetre up to 10,000 km, and to a metre at the antipodes", () => {
    fc.assert(
      fc.property(anywhere, anywhere, (a, b) => {
        const textbook = textbook_mm(a, b);
        const off = Math.abs(between(a, b) - textbook);
        expect(off).toBeLessThan(textbook < 1e10 ? 1.1 : 1000);
        expect(between(b, a)).toBe(between(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  it("is right for neighbours, where digits could cancel", () => {
    const near = fc.record({ east: fc.integer({ min: -2000, max: 2000 }), north: fc.nat(2000) });
    fc.assert(
      fc.property(anywhere, near, (a, by) => {
        const b = { ...a, east: Math.min(180e6, a.east + by.east), north: Math.min(90e6, a.north + by.north) }; // biome-ignore format: one line
        expect(Math.abs(between(a, b) - textbook_mm(a, b))).toBeLessThan(1.1);
      }),
      { numRuns: 2000 },
    );
  });

  it("is a known number of millimetres, the same on every machine", () => {
    expect(between(earth(0, 0), earth(0, 0))).toBe(0);
    expect(between(earth(0, 0), earth(180, 0))).toBe(Math.floor(Math.PI * 6_371_000_000));
    expect([
      between(earth(11.576124, 48.137154), earth(13.404954, 52.520008)),
      between(earth(-179.9, 10), earth(179.9, 10)),
      between(earth(2.3522, 48.8566), earth(2.3523, 48.8566)),
    ]).toMatchInlineSnapshot(`
      [
        504300829,
        21901124,
        7316,
      ]
    `);
  });
});

describe("the distance on a plane", () => {
  it("is the integer square root of the sum of squares, exact up to the limit", () => {
    const coordinate = fc.integer({ min: -2_147_483_647, max: 2_147_483_647 });
    const point = fc.record({ kind: fc.constant("plane" as const), east: coordinate, north: coordinate }); // biome-ignore format: one line
    fc.assert(
      fc.property(point, point, (a, b) => {
        const root = BigInt(between(a, b));
        const square = BigInt(a.east - b.east) ** 2n + BigInt(a.north - b.north) ** 2n;
        expect(root * root <= square && square < (root + 1n) * (root + 1n)).toBe(true);
      }),
    );
  });

  it("takes squares of differences, not differences of squares", () => {
    const plane = (east: number, north: number): Position => ({ kind: "plane", east, north });
    expect(between(plane(2000, 3000), plane(9000, 4000))).toBe(7071);
    expect(between(plane(0, 0), plane(3, 4))).toBe(5);
    expect(between(plane(0, 0), plane(2_147_483_647, 0))).toBe(2_147_483_647);
  });
});
