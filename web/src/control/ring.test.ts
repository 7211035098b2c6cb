import fc from "fast-check";
import { expect, test } from "vitest";
import { bowsOf, ringOf } from "./ring.ts";

const unitsOf = (count: number, vehicles = 0) =>
  Array.from({ length: count }, (_, at) => ({
    id: `unit-${at + 1}`,
    vehicles: Array.from({ length: vehicles }, (_v, n) => `car-${at}-${n}`),
  }));

test("every unit with its vehicles and its label is inside the picture, however narrow", () => {
  const shape = fc.record({
    count: fc.integer({ min: 1, max: 40 }),
    vehicles: fc.integer({ min: 0, max: 60 }),
    width: fc.integer({ min: 240, max: 1400 }),
  });
  fc.assert(
    fc.property(shape, ({ count, vehicles, width }) => {
      const ring = ringOf({ width, units: unitsOf(count, vehicles) });
      for (const unit of ring.units) {
        const points = [unit, ...unit.dots, { x: unit.x, y: unit.labelY + 17 }];
        for (const { x, y } of points) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(ring.width);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(ring.height);
        }
      }
    }),
  );
});

test("up to eight units do not lie on each other on a phone", () => {
  for (let count = 2; count <= 8; count++) {
    const { units } = ringOf({ width: 256, units: unitsOf(count) });
    for (const [at, a] of units.entries()) {
      for (const b of units.slice(at + 1)) {
        expect(Math.hypot(a.x - b.x, a.y - b.y), `${count} units`).toBeGreaterThan(2 * a.r);
      }
    }
  }
});

test("a unit with more vehicles than have room shows as many as have, none on another", () => {
  const [unit] = ringOf({ width: 600, units: unitsOf(3, 500) }).units;
  const dots = unit?.dots ?? [];
  expect(dots.length).toBeGreaterThan(10);
  expect(new Set(dots.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`)).size).toBe(dots.length);
});

test("the same units stand at the same place whatever their vehicles do", () => {
  const places = (vehicles: number) =>
    ringOf({ width: 700, units: unitsOf(4, vehicles) }).units.map(({ x, y }) => [x, y]);
  expect(places(0)).toEqual(places(9));
});

test("the figures on the bows of up to five units do not cover each other", () => {
  for (let count = 2; count <= 5; count++) {
    const { units } = ringOf({ width: 900, units: unitsOf(count) });
    const ways = units.flatMap((from, at) => units.slice(at + 1).map((to) => ({ from, to })));
    const labels = bowsOf(ways, units).map(({ label }) => label);
    for (const [at, one] of labels.entries()) {
      for (const { x, labelY } of units) {
        const isOnText = Math.abs(one.x - x) < 60 && Math.abs(one.y - labelY - 8) < 16;
        expect(isOnText, `${count} units: ${JSON.stringify(one)}`).toBe(false);
      }
      for (const other of labels.slice(at + 1)) {
        const isApart = Math.abs(one.x - other.x) > 50 || Math.abs(one.y - other.y) > 16;
        expect(isApart, `${count} units: ${JSON.stringify([one, other])}`).toBe(true);
      }
    }
  }
});

test("where labels have no room each still stands on its bow", () => {
  const way = { from: { x: 0, y: 0 }, to: { x: 10, y: 0 } };
  const bows = bowsOf(Array.from({ length: 9 }, () => way));
  expect(new Set(bows.map(({ path }) => path)).size).toBe(1);
  for (const { label } of bows) expect(label.x).toBeLessThanOrEqual(10);
});
