import { expect, it } from "vitest";
import { stateWords } from "./state-words.ts";

it("states have words and a tone, and one of a later version is said as it is", () => {
  expect(stateWords("metered")).toEqual({ words: "waits for confirmations", tone: "plain" });
  expect(stateWords("disputed").tone).toBe("warn");
  expect(stateWords("half-done")).toEqual({ words: "half done", tone: "plain" });
});
