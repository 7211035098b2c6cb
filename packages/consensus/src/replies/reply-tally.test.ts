import fc from "fast-check";
import { expect, test } from "vitest";
import { ReplyTally } from "./reply-tally.ts";

const validators = ["a", "b", "c", "d"];
const paid = new Uint8Array([1]);
const refused = new Uint8Array([2]);

test("an outcome is taken from the second of four that says it, and not before", () => {
  const tally = new ReplyTally({ validators, needed: 2 });
  expect(tally.take("a", paid)).toBeUndefined();
  expect(tally.take("c", refused)).toBeUndefined();
  expect(tally.take("d", paid)).toEqual(paid);
  expect(tally.answered).toBe(3);
});

test("one validator that speaks often, or says another thing later, is one", () => {
  const tally = new ReplyTally({ validators, needed: 2 });
  tally.take("a", paid);
  expect(tally.take("a", paid)).toBeUndefined();
  expect(tally.take("a", refused)).toBeUndefined();
  expect(tally.take("b", refused)).toBeUndefined();
  expect(tally.take("b", paid)).toBeUndefined();
  expect(tally.saying(paid)).toEqual(["a"]);
});

test("who has no seat is not heard", () => {
  const tally = new ReplyTally({ validators, needed: 1 });
  expect(tally.take("e", paid)).toBeUndefined();
  expect(tally.answered).toBe(0);
});

test("whatever f liars say, in any order, what is taken is what the correct ones say", () => {
  const said = fc.array(fc.record({ from: fc.integer({ min: 0, max: 6 }), lie: fc.nat(3) }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(said, (words) => {
      // Seven validators bear two liars, the first two here.
      const names = [0, 1, 2, 3, 4, 5, 6].map(String);
      const tally = new ReplyTally({ validators: names, needed: 3 });
      for (const { from, lie } of words) {
        const statement = from < 2 ? new Uint8Array([9, lie]) : paid;
        const taken = tally.take(String(from), statement);
        if (taken !== undefined) expect(taken).toEqual(paid);
      }
    }),
  );
});
