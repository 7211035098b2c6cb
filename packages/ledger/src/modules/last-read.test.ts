import { accepted, type Outcome, refused } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { LastRead } from "./last-read.ts";

function counted(): { readonly read: LastRead<number>; readonly decoded: () => number } {
  let count = 0;
  const decode = (bytes: Uint8Array): Outcome<number> => {
    count++;
    const [first] = bytes;
    return first === undefined ? refused({ code: "MALFORMED" }) : accepted(first);
  };
  return { read: new LastRead(decode), decoded: () => count };
}

test("the same array is read once, also where it does not read", () => {
  const { read, decoded } = counted();
  const [seven, none] = [Uint8Array.of(7), new Uint8Array()];
  expect([read.of(seven), read.of(seven)]).toEqual([7, 7]);
  expect(decoded()).toBe(1);
  expect([read.of(none), read.of(none)]).toEqual([undefined, undefined]);
  expect(decoded()).toBe(2);
});

test("another array is another record, whatever was read before", () => {
  const { read, decoded } = counted();
  const values = [Uint8Array.of(7), Uint8Array.of(8), Uint8Array.of(7), undefined];
  expect(values.map((bytes) => read.of(bytes))).toEqual([7, 8, 7, undefined]);
  expect(decoded()).toBe(3);
});
