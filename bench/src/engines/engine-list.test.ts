import { engineText } from "@voltfog/ledger";
import { expect, it } from "vitest";
import { parseEngines } from "./engine-list.ts";

it("reads engines with their redundant voters, and says them again", () => {
  const engines = parseEngines("poa,sbft:1,hotstuff");
  expect(engines).toEqual([
    { name: "poa", redundant: 0 },
    { name: "sbft", redundant: 1 },
    { name: "hotstuff", redundant: 0 },
  ]);
  expect(engines.map(engineText).join()).toBe("poa,sbft:1,hotstuff");
});

it.each(["", "paxos", "poa:1", "sbft:x", "poa,,pbft"])("refuses %j", (text) => {
  expect(() => parseEngines(text)).toThrow("--engine");
});
