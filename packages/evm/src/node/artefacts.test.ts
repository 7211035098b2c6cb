import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { artefactsFolder, compileContracts } from "./testing/compile-contracts.ts";

test("the committed artefacts are what the pinned compiler makes of the sources, byte for byte", () => {
  const compiled = compileContracts();
  expect([...compiled.keys()].sort()).toEqual(readdirSync(artefactsFolder).sort());
  for (const [name, text] of compiled) {
    expect(readFileSync(new URL(name, artefactsFolder), "utf8"), name).toBe(text);
  }
});
