import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { UnitId } from "@voltfog/runtime";
import { expect, test } from "vitest";
import { temporaryFolder } from "../testing/test-vehicle.ts";
import { readUnitKeys } from "./unit-keys.ts";

function genesis(content: unknown): string {
  const path = join(temporaryFolder(), "genesis.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const key = "ab".repeat(32);

test("units and their keys are read from the genesis file", () => {
  const path = genesis({
    version: 1,
    chain: "c",
    units: [{ id: "unit-1", key, organisation: "o" }],
  });
  const keys = readUnitKeys(path);
  expect(keys.chain).toBe("c");
  expect(keys.keyOf("unit-1" as UnitId)).toEqual(new Uint8Array(32).fill(0xab));
  expect(keys.keyOf("unit-2" as UnitId)).toBeUndefined();
});

test.each([
  ["no JSON", "{"],
  ["no object", null],
  ["another version", { version: 2, chain: "c", units: [] }],
  ["no chain", { version: 1, units: [] }],
  ["no units", { version: 1, chain: "c" }],
  ["a unit without a key", { version: 1, chain: "c", units: [{ id: "unit-1" }] }],
  ["a short key", { version: 1, chain: "c", units: [{ id: "unit-1", key: "ab" }] }],
])("a file with %s is refused with a code", (_what, content) => {
  expect(() => readUnitKeys(genesis(content))).toThrowError(
    expect.objectContaining({ code: "GENESIS_UNREADABLE" }),
  );
});
