import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addressOf,
  moreMax,
  questionOf,
  type Supposition,
  suppositionFrom,
} from "./supposition.ts";

const unit = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
const supposition: fc.Arbitrary<Supposition> = fc.record({
  down: fc.uniqueArray(unit, { maxLength: 8 }),
  more: fc.integer({ min: 0, max: moreMax }),
  slower: fc
    .uniqueArray(unit, { maxLength: 4 })
    .map((ids) => Object.fromEntries(ids.map((id, at) => [id, 1.5 + at]))),
});

function through(address: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(address)) {
    if (value !== undefined) query.set(name, value);
  }
  return new URLSearchParams(query.toString());
}

test("a supposition comes back from the address as it was", () => {
  fc.assert(
    fc.property(supposition, (one) => {
      expect(suppositionFrom(through(addressOf(one)))).toEqual(one);
    }),
  );
});

test("whatever an address says, what is asked is within the bounds", () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom("unit-1:Infinity", "-3", "1e9", "a,,b,A", "x:0"),
  );
  fc.assert(
    fc.property(text, text, text, (down, more, slower) => {
      const found = suppositionFrom(new URLSearchParams({ down, more, slower }));
      expect(found.more).toBeGreaterThanOrEqual(0);
      expect(found.more).toBeLessThanOrEqual(moreMax);
      for (const ratio of Object.values(found.slower)) {
        expect(ratio).toBeGreaterThan(1);
        expect(ratio).toBeLessThanOrEqual(1000);
      }
      for (const id of found.down) expect(id).toMatch(/^[a-z][a-z0-9-]{0,31}$/);
    }),
  );
});

test("nothing supposed is no question, and only what is supposed is asked", () => {
  expect(questionOf({ down: [], more: 0, slower: {} })).toBeUndefined();
  expect(questionOf({ down: ["unit-1"], more: 0, slower: {} })).toBe('{"down":["unit-1"]}');
  expect(questionOf({ down: [], more: 5, slower: { "unit-2": 2 } })).toBe(
    '{"vehicles":5,"slower":{"unit-2":2}}',
  );
});
