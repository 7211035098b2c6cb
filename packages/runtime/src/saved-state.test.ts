import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeState, orNull, packNumbers, savedNumber } from "./saved-state.ts";

test("numbers come back bit for bit, NaN and negative zero included", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e12, max: 1e12 })), (numbers) => {
      const packed = JSON.parse(JSON.stringify({ numbers: packNumbers(numbers) })) as unknown;
      const read = decodeState(packed, (state) =>
        state.numbers("numbers", { ...savedNumber, length: numbers.length, mayBeNaN: true }),
      );
      expect(read.ok && [...read.value]).toStrictEqual(numbers);
    }),
  );
});

test("numbers of another count, out of range or not packed are refused", () => {
  const read = (numbers: unknown, length: number): boolean =>
    decodeState({ numbers }, (state) => state.numbers("numbers", { min: 0, max: 1, length })).ok;
  const packed = packNumbers([0, 0.5, 1]);
  expect(read(packed, 3)).toBe(true);
  expect(read(packed, 2)).toBe(false);
  expect(read(packNumbers([0, 2, 1]), 3)).toBe(false);
  expect(read(packNumbers([0, Number.NaN, 1]), 3)).toBe(false);
  expect(read(`${packed.slice(0, -4)}=AAA`, 3)).toBe(false);
  fc.assert(fc.property(fc.jsonValue(), (value) => !read(value, 3)));
});

test("a field that is missing, surplus or inherited is named", () => {
  const read = (value: unknown): string | undefined => {
    const outcome = decodeState(value, (state) => {
      state.number("level", { min: 0, max: 3 });
      state.object("inner").flag("isDone");
    });
    return outcome.ok ? undefined : outcome.problem.detail;
  };
  expect(read({ level: 1, inner: { isDone: true } })).toBeUndefined();
  expect(read({ level: 4, inner: { isDone: true } })).toContain("level");
  expect(read({ level: 1, inner: { isDone: 1 } })).toContain("inner: isDone");
  expect(read({ level: 1, inner: { isDone: true }, more: 1 })).toContain("more");
  expect(read(Object.create({ level: 1, inner: { isDone: true } }))).toContain("level");
  for (const value of [null, [], "state", 1]) expect(read(value)).toContain("no object");
});

test("what JSON cannot say is null", () => {
  expect([undefined, Number.NaN, Number.NEGATIVE_INFINITY, 3].map(orNull)).toEqual([
    null,
    null,
    null,
    3,
  ]);
});
