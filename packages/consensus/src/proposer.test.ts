import { expect, test } from "vitest";
import type { VoterSet } from "./engine.ts";
import { proposerAmong, proposerOf } from "./proposer.ts";

function setOf(voters: readonly { weight: number; rank?: number }[]): VoterSet {
  return { epoch: 0, voters: voters.map((voter) => ({ key: new Uint8Array(32), ...voter })) };
}

test("equal weights take turns in the order of the set", () => {
  const voters = setOf([1, 1, 1, 1].map((weight) => ({ weight })));
  const heights = Array.from({ length: 8 }, (_, i) => i + 1);
  const proposers = heights.map((height) => proposerAmong(voters, { height, round: 0 }));
  expect(proposers).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
});

test("where ranks are given, equal weights take turns by rank", () => {
  const voters = setOf([2, 0, 1].map((rank) => ({ weight: 1, rank })));
  const proposers = [1, 2, 3].map((height) => proposerAmong(voters, { height, round: 0 }));
  expect(proposers).toEqual([1, 2, 0]);
});

test("a heavier voter proposes more often, but spread over the turns", () => {
  const weights = [5, 1, 1];
  const proposers = Array.from({ length: 7 }, (_, i) =>
    proposerOf({ weights, height: i + 1, round: 0 }),
  );
  expect(proposers).toEqual([0, 0, 1, 0, 2, 0, 0]);
});

test("the next round of a height has another proposer", () => {
  const voters = setOf([1, 1, 1, 1].map((weight) => ({ weight })));
  const rounds = [0, 1, 2, 3].map((round) => proposerAmong(voters, { height: 6, round }));
  expect(rounds).toEqual([1, 2, 3, 0]);
});
