import { expect, test } from "vitest";
import { placeGap, placeInStream } from "./place-in-stream.ts";

const zeros = new Uint8Array(32);
const five = new Uint8Array(32).fill(5);
const other = new Uint8Array(32).fill(9);
const tail = { sequence: 5, commitment: five };
const frame = { sequence: 6, previous: five, commitment: other, tail, held: undefined };

test.each([
  ["the next number after the last frame is linked", frame, { kind: "next", linked: true }],
  [
    "the next number after another frame is unlinked",
    { ...frame, previous: other },
    { kind: "next", linked: false },
  ],
  ["a jump ahead is unlinked", { ...frame, sequence: 8 }, { kind: "next", linked: false }],
  [
    "the first frame of all is linked",
    { ...frame, sequence: 1, previous: zeros, tail: undefined },
    { kind: "next", linked: true },
  ],
  [
    "a first number that names a frame before it is unlinked",
    { ...frame, sequence: 1, tail: undefined },
    { kind: "next", linked: false },
  ],
  [
    "a stream that comes from another unit is unlinked",
    { ...frame, tail: undefined },
    { kind: "next", linked: false },
  ],
])("%s", (_name, position, placement) => {
  expect(placeInStream(position)).toEqual(placement);
});

test("a number that this log skipped and never held is stale, one that it holds is forked", () => {
  expect(placeInStream({ ...frame, sequence: 3 })).toMatchObject({ code: "SEQUENCE_STALE" });
  expect(placeInStream({ ...frame, sequence: 3, held: five })).toMatchObject({
    code: "SEQUENCE_FORKED",
  });
  expect(placeInStream({ ...frame, sequence: 3, held: other })).toEqual({ kind: "duplicate" });
});

const none = { firstSequence: 0, lastSequence: 0 };

test.each([
  [
    "that covers exactly what is missing is linked",
    { firstSequence: 6, lastSequence: 8 },
    { ...frame, sequence: 9 },
    true,
  ],
  ["that skips no numbers is linked at the next one", none, frame, true],
  ["that skips no numbers is unlinked after a jump", none, { ...frame, sequence: 8 }, false],
  [
    "that covers less than what is missing is unlinked",
    { firstSequence: 7, lastSequence: 8 },
    { ...frame, sequence: 9 },
    false,
  ],
  [
    "that names another frame before it is unlinked",
    { firstSequence: 6, lastSequence: 8 },
    { ...frame, sequence: 9, previous: other },
    false,
  ],
  [
    "from the very first number is linked",
    { firstSequence: 1, lastSequence: 8 },
    { ...frame, sequence: 9, previous: zeros, tail: undefined },
    true,
  ],
  [
    "of a stream that comes from another unit is unlinked",
    { firstSequence: 4, lastSequence: 8 },
    { ...frame, sequence: 9, tail: undefined },
    false,
  ],
])("a gap %s", (_name, gap, position, linked) => {
  expect(placeGap(gap, position)).toEqual({ kind: "next", linked });
});

test.each([
  ["ends before its own place", { firstSequence: 6, lastSequence: 7 }, { ...frame, sequence: 9 }],
  ["ends after its own place", { firstSequence: 6, lastSequence: 12 }, { ...frame, sequence: 9 }],
  [
    "declares frames missing that are held",
    { firstSequence: 4, lastSequence: 8 },
    { ...frame, sequence: 9 },
  ],
])("a gap that %s is inconsistent", (_name, gap, position) => {
  expect(placeGap(gap, position).kind).toBe("inconsistent");
});
