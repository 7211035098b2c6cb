import { expect, test } from "vitest";
import { toHex, utf8 } from "./bytes.ts";
import { keccak256 } from "./keccak256.ts";

test.each([
  ["", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"],
  ["abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"],
  ["transfer(address,uint256)", "a9059cbb2ab09eb219583f4a59a5d0623ade346d962bcd4e46b11da047c9049b"],
])("keccak-256 of %j is the known one", (text, digest) => {
  expect(toHex(keccak256(utf8(text)))).toBe(digest);
});

test("messages of every length around a block have digests of their own", () => {
  const lengths = [134, 135, 136, 137, 271, 272, 273];
  const digests = lengths.map((length) => toHex(keccak256(new Uint8Array(length))));
  expect(new Set(digests).size).toBe(lengths.length);
});
