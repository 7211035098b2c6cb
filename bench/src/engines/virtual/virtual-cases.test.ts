import { engineNames } from "@voltfog/ledger";
import { describe, expect, it } from "vitest";
import { runFlow, runInterval } from "./virtual-cases.ts";

const link = { mean_ms: 25, jitter_ms: 0 };
const base = { redundant: 0, silent: 0, link };

describe("messages of a block", () => {
  it.each(["poa", "pbft", "linear", "sbft", "hotstuff"] as const)(
    "are those of the formula with %s",
    (engine) => {
      for (const n of [4, 8, 10]) {
        const item = runFlow({ ...base, engine, n }, 3);
        expect(item).toMatchObject({ messages_per_decision: item["byFormula"], retries: 0 });
      }
    },
  );
});

describe("links from a proposal to its decision", () => {
  it.each([
    ["pbft", 4, 0, 0, 3],
    ["linear", 4, 0, 0, 5],
    ["sbft", 4, 0, 0, 3],
    ["hotstuff", 4, 0, 0, 5],
    ["sbft with one redundant voter of which one is silent", 6, 1, 1, 3],
    ["sbft without redundancy and one silent voter, once it knows", 4, 0, 1, 5],
  ])("of %s", (name, n, redundant, silent, links) => {
    const engine = engineNames.find((known) => name.startsWith(known)) ?? "poa";
    expect(runFlow({ ...base, engine, n, redundant, silent }, 4)["committedLinks"]).toBe(links);
  });
});

describe("latency at a block interval", () => {
  it("is half an interval and three links until finality, and six intervals more as published", () => {
    const item = runInterval({ engine: "pbft", n: 4, link, blockInterval_ms: 1000, decisions: 20 });
    expect(Number(item["finality_ms"])).toBeGreaterThan(540);
    expect(Number(item["finality_ms"])).toBeLessThan(640);
    expect(Number(item["inclusion_and_6_ms"]) - Number(item["finality_ms"])).toBeCloseTo(6000, -1);
  });
});
