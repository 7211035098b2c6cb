import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Fault, type FaultTargets, planFaults } from "./fault-plan.ts";

const targets: FaultTargets = {
  shared: ["unit-2", "unit-3", "validator-2"],
  single: ["fleet", "cloud"],
  spared: ["unit-1"],
  links: ["unit-1.mqtt", "validator-1.p2p"],
};
const for_ms = 1_800_000;

function plan(seed: number): readonly Fault[] {
  return planFaults({ random: new SeededRandom(seed), for_ms, targets });
}

describe("a plan of faults", () => {
  it("is the same for the same seed and another for another", () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it("holds hundreds of faults of every kind in half an hour, on every process and link", () => {
    const faults = plan(1);
    expect(faults.length).toBeGreaterThan(200);
    expect(new Set(faults.map(({ kind }) => kind)).size).toBe(6);
    expect(new Set(faults.map(({ target }) => target)).size).toBe(8);
  });

  const everyPlan = (check: (faults: readonly Fault[]) => void): void =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => check(plan(seed))),
      { numRuns: 30 },
    );

  it("ends in time", () => {
    everyPlan((faults) => {
      const ends_ms = faults.map(({ at_ms, lasts_ms }) => at_ms + lasts_ms);
      expect(Math.max(...ends_ms)).toBeLessThanOrEqual(for_ms + 1);
    });
  });

  it("keeps at most one process away at a moment", () => {
    everyPlan((faults) => {
      const away = faults.filter(({ kind }) => kind === "down");
      for (const [i, { at_ms, lasts_ms }] of away.slice(0, -1).entries()) {
        expect(away[i + 1]?.at_ms).toBeGreaterThanOrEqual(at_ms + lasts_ms - 1);
      }
    });
  });

  it("kills no process that is spared, and one that is alone only in the first third", () => {
    everyPlan((faults) => {
      const killed = faults.filter(({ kind }) => kind === "kill" || kind === "down");
      const late = killed.filter(({ at_ms }) => at_ms > for_ms / 3 + 1);
      const ids = (of: readonly Fault[]): readonly string[] => of.map(({ target }) => target);
      expect(ids(killed).filter((id) => targets.spared.includes(id))).toEqual([]);
      expect(ids(late).filter((id) => targets.single.includes(id))).toEqual([]);
    });
  });
});
