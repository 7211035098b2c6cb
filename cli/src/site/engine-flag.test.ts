import { engineNames, engineText } from "@voltfog/ledger";
import { CodedError } from "@voltfog/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseEngine, requireVoters, writtenEngine } from "./engine-flag.ts";

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (thrown) {
    return thrown instanceof CodedError ? thrown.code : String(thrown);
  }
  return "OK";
}

test("every engine is named, and sbft with redundant validators", () => {
  for (const name of engineNames) expect(parseEngine(name)).toEqual({ name, redundant: 0 });
  expect(parseEngine("sbft:2")).toEqual({ name: "sbft", redundant: 2 });
  expect(engineText({ name: "sbft", redundant: 2 })).toBe("sbft:2");
});

test("what is no engine is refused with a code, and so is one that is for comparison only", () => {
  const wrong = ["", "PBFT", "pbft:1", "sbft:", "sbft:-1", "sbft:01", "sbft:1:1", "toString"];
  for (const text of wrong)
    expect([text, codeOf(() => parseEngine(text))]).toEqual([text, "ENGINE_INVALID"]);
  for (const text of ["pow", "raft", "poa-published", "raft:1"]) {
    expect(codeOf(() => parseEngine(text))).toBe("ENGINE_COMPARISON");
  }
});

test("any text is an engine that is written the same, or a complaint", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const code = codeOf(() => parseEngine(text));
      if (code !== "OK") return code.startsWith("ENGINE_");
      return engineText(parseEngine(text)) === text.replace(/:0$/, "");
    }),
  );
});

test("an engine asks for as many validators as bear one fault beside the redundant ones", () => {
  expect(codeOf(() => requireVoters({ name: "sbft", redundant: 1 }, 6))).toBe("OK");
  expect(codeOf(() => requireVoters({ name: "sbft", redundant: 1 }, 5))).toBe("ENGINE_VALIDATORS");
  expect(codeOf(() => requireVoters({ name: "pbft", redundant: 0 }, 1))).toBe("OK");
});

test("the genesis file does not say the default", () => {
  expect(writtenEngine({ name: "poa", redundant: 0 })).toBeUndefined();
  expect(writtenEngine({ name: "hotstuff", redundant: 0 })?.name).toBe("hotstuff");
});
