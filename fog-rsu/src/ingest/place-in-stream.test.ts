import { expect, test } from "vitest";
import { placeGap, placeInStream } from "./place-in-stream.ts";

const zeros = new Uint8Array(32);
const five = new Uint8Array(32).fill(5);
const other = new Uint8Array(32).fill(9);
const tail = { sequence: 5, commitment: five };
const frame = {
  sequence: 6,
  previous: five,
  commitment: other,
  tail,
  shown: undefined,
  held: undefined,
};

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

/** Another unit holds frame 9; this one has come to 5, or knows nothing of the stream. */
const nine = new Uint8Array(32).fill(99);
const roamed = {
  ...frame,
  sequence: 10,
  previous: nine,
  shown: { sequence: 9, commitment: nine },
};

test.each([
  ["a log that is behind", roamed],
  ["a log that knows nothing of the stream", { ...roamed, tail: undefined }],
])("the frame after one that another unit vouches for is linked, in %s", (_name, position) => {
  expect(placeInStream(position)).toEqual({ kind: "next", linked: true });
  const gap = { firstSequence: 10, lastSequence: 11 };
  expect(placeGap(gap, { ...position, sequence: 12 })).toEqual({ kind: "next", linked: true });
});

test.each([
  ["comes later", { ...roamed, sequence: 11 }],
  ["names another frame before it", { ...roamed, previous: five }],
  ["is older than the receipt", { ...roamed, sequence: 8, previous: five }],
])("a frame that %s is taken all the same, unlinked", (_name, position) => {
  expect(placeInStream(position)).toEqual({ kind: "next", linked: false });
});

test("in the place that another unit vouches for, only that frame is taken", () => {
  const position = { ...roamed, sequence: 9, previous: five };
  expect(placeInStream(position)).toMatchObject({ code: "SEQUENCE_FORKED" });
  expect(placeInStream({ ...position, commitment: nine })).toMatchObject({ kind: "next" });
});

test("a receipt that is behind this log changes nothing", () => {
  const position = { ...frame, shown: { sequence: 3, commitment: nine } };
  expect(placeInStream(position)).toEqual({ kind: "next", linked: true });
  expect(placeInStream({ ...position, sequence: 4, previous: nine })).toMatchObject({
    code: "SEQUENCE_STALE",
  });
});
