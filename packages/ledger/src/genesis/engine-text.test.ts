import { expect, test } from "vitest";
import { engineNames } from "./engine-choice.ts";
import { engineNamed, engineText } from "./engine-text.ts";

test("every engine is named by its own text", () => {
  for (const name of engineNames) {
    expect(engineNamed(engineText({ name, redundant: 0 }))).toEqual({ name, redundant: 0 });
  }
  expect(engineText({ name: "sbft", redundant: 12 })).toBe("sbft:12");
  expect(engineNamed("sbft:12")).toEqual({ name: "sbft", redundant: 12 });
});

test.each([
  "",
  "raft",
  "pow",
  "poa:1",
  "sbft:",
  "sbft:-1",
  "sbft:1.5",
  "sbft:01",
  "sbft:100",
  " poa",
  "POA",
])("%s names no engine", (text) => {
  expect(engineNamed(text)).toBeUndefined();
});
