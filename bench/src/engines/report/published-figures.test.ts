import { describe, expect, it } from "vitest";
import { deliverableComparisons } from "./deliverable-comparisons.ts";
import { publishedContradictions } from "./published-contradictions.ts";
import { deliverableFigures } from "./published-deliverable.ts";
import { thesisFigures } from "./published-thesis.ts";
import { thesisComparisons } from "./thesis-comparisons.ts";

const all = [...deliverableFigures, ...thesisFigures];

function printed(id: string): number {
  const value = all.find((figure) => figure.id === id)?.value;
  if (value === undefined) throw new Error(`${id} has no number`);
  return value;
}

describe("the published figures", () => {
  it("have each an id and a place of their own, and a number exactly where one is known", () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { place, knownBy, value } of all) {
      expect(place).toMatch(/§\d/);
      expect(value !== undefined).toBe(knownBy === "number" || knownBy === "axis");
    }
  });

  it("stand each beside a reason", () => {
    const reasons = [...deliverableComparisons, ...thesisComparisons];
    expect(new Set(reasons.map(({ id }) => id)).size).toBe(reasons.length);
    const without = all.filter(({ id }) => !reasons.some((each) => each.id === id));
    expect(without.map(({ id }) => id)).toEqual([]);
    for (const { id, reason } of reasons) {
      expect(all.some((figure) => figure.id === id)).toBe(true);
      expect(reason.length).toBeGreaterThan(20);
    }
  });

  it("of D5.3 contradict each other as the page says", () => {
    expect(printed("battery-pbft") / printed("throughput-pbft")).toBe(7);
    expect(printed("battery-pow") / printed("throughput-pow")).toBe(6);
    const held_J = (name: string): number =>
      (printed(`battery-${name}`) * printed(`energy-${name}`)) / 1000;
    expect(held_J("pow") / 1e6).toBeCloseTo(4, 1);
    expect(held_J("pbft") / 1e6).toBeCloseTo(5.4, 1);
    expect((printed("throughput-poa") * printed("energy-poa")) / 1e6).toBeCloseTo(766, 0);
    // Half an interval until a block and six above it; a whole one where blocks come by chance.
    expect((printed("latency-poa") / 6.5).toFixed(1)).toBe("1.3");
    expect((printed("latency-pbft") / 6.5).toFixed(1)).toBe("1.9");
    expect((printed("latency-pow") / 7).toFixed(2)).toBe("2.05");
  });

  it("contradictions say what was taken", () => {
    for (const { says, but, taken } of publishedContradictions) {
      for (const part of [says, but, taken]) expect(part.length).toBeGreaterThan(3);
    }
  });
});
