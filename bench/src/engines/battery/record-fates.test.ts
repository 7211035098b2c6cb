import { describe, expect, it } from "vitest";
import {
  type ChainChange,
  observedChain,
  publishedDepth,
  recordFates,
  reorganisations,
} from "./record-fates.ts";

function at(
  at_ms: number,
  change: ChainChange["change"],
  height: number,
  ...records: string[]
): ChainChange {
  return { at_ms, change, height, records };
}

const sent = [
  { name: "a", intended_ms: 0 },
  { name: "b", intended_ms: 5 },
];

describe("when a record was safe", () => {
  it("is told from the moment it was meant to be sent, in three ways", () => {
    const changes = [
      at(10, "included", 1, "a"),
      at(12, "final", 1, "a"),
      ...Array.from({ length: publishedDepth }, (_, i) => at(20 + i, "included", 2 + i)),
    ];
    expect(recordFates(sent, observedChain(changes))).toEqual([
      { intended_ms: 0, included_ms: 10, final_ms: 12, buried_ms: 25 },
      { intended_ms: 5, included_ms: undefined, final_ms: undefined, buried_ms: undefined },
    ]);
  });

  it("is told of the block that stayed, not of one that left the chain again", () => {
    const changes = [
      at(10, "included", 1, "a", "b"),
      at(11, "final", 1, "a", "b"),
      at(20, "reorganised", 1, "a", "b"),
      at(20, "included", 1, "b"),
      at(30, "included", 2, "a"),
      at(31, "final", 1, "b"),
    ];
    expect(recordFates(sent, observedChain(changes))).toEqual([
      { intended_ms: 0, included_ms: 30, final_ms: undefined, buried_ms: undefined },
      { intended_ms: 5, included_ms: 20, final_ms: 31, buried_ms: undefined },
    ]);
  });

  it("is told of the first block of two that hold it", () => {
    const chain = observedChain([at(1, "included", 1, "a"), at(2, "included", 2, "a")]);
    expect(recordFates(sent.slice(0, 1), chain)[0]?.included_ms).toBe(1);
  });
});

it("reorganisations are counted by blocks, by depth, and by what had been called final", () => {
  const changes = [
    at(1, "included", 1),
    at(1, "final", 1),
    at(2, "included", 2),
    at(3, "reorganised", 2),
    at(3, "reorganised", 1),
    at(3, "included", 1),
    at(3, "included", 2),
    at(4, "reorganised", 2),
    at(4, "included", 2),
  ];
  expect(reorganisations(changes)).toEqual({ blocks: 3, finalBlocks: 1, deepest: 2 });
});
