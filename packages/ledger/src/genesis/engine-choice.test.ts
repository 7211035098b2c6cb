import { describe, expect, it } from "vitest";
import {
  claimQuorumOf,
  type EngineChoice,
  engineNames,
  fastQuorumOf,
  faultyMaxOf,
  quorumOf,
  redundantOf,
  votersMinOf,
} from "./engine-choice.ts";

const choices: readonly EngineChoice[] = [
  ...engineNames.map((name) => ({ name, redundant: 0 })),
  ...[1, 2, 5].map((redundant) => ({ name: "sbft" as const, redundant })),
];

/** Every engine with every size of set that it may come to. */
function everySize(check: (choice: EngineChoice, n: number, f: number, c: number) => void): void {
  for (const choice of choices) {
    for (let n = 1; n <= 256; n++) {
      check(choice, n, faultyMaxOf(choice, n), redundantOf(choice, n));
    }
  }
}

describe("an engine's numbers, for every size of set", () => {
  it("let any two quorums share an honest voter, and need no faulty one", () => {
    everySize((choice, n, f) => {
      expect(2 * quorumOf(choice, n) - n).toBeGreaterThanOrEqual(f + 1);
      expect(claimQuorumOf(choice, n) + quorumOf(choice, n) - n).toBeGreaterThanOrEqual(f + 1);
      expect(claimQuorumOf(choice, n)).toBeGreaterThanOrEqual(quorumOf(choice, n));
      expect(claimQuorumOf(choice, n)).toBeLessThanOrEqual(n - f);
    });
  });

  it("let a fast certificate be seen among the claims of any round change, and no other block", () => {
    everySize((choice, n, f, c) => {
      const fast = fastQuorumOf(choice, n);
      if (fast === undefined) return;
      const honestSharers = claimQuorumOf(choice, n) - (n - fast) - f;
      expect(honestSharers).toBeGreaterThanOrEqual(f + c + 1);
      expect(n - fast + f).toBeLessThan(f + c + 1);
      expect(fast + quorumOf(choice, n) - n).toBeGreaterThanOrEqual(f + 1);
    });
  });

  it("tolerate what was asked for in a set of the least size, and a fault before a redundant voter", () => {
    const choice: EngineChoice = { name: "sbft", redundant: 2 };
    expect(votersMinOf(choice)).toBe(8);
    expect([8, 6, 4, 3].map((n) => redundantOf(choice, n))).toEqual([2, 1, 0, 0]);
    expect([8, 6, 4, 3].map((n) => faultyMaxOf(choice, n))).toEqual([1, 1, 1, 0]);
    expect([8, 6, 4].map((n) => fastQuorumOf(choice, n))).toEqual([6, 5, 4]);
    expect(fastQuorumOf({ name: "linear", redundant: 0 }, 4)).toBeUndefined();
  });
});
