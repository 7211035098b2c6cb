import { decodeMeetingPoints } from "@voltfog/ledger";
import { expect, it } from "vitest";
import { listOf } from "./list-script.ts";

it.each([200, 1024, 10_240])("a list of %i bytes has so many, and reads", (size_bytes) => {
  const bytes = listOf(size_bytes, 3);
  expect(bytes.length).toBe(size_bytes);
  const list = decodeMeetingPoints(bytes);
  expect(list.ok && list.value.every(({ name }) => name.length >= 1 && name.length <= 64)).toBe(
    true,
  );
});
