import { expect, test } from "vitest";
import { simulatedCrypto as crypto } from "../../simulation/keyed-hash.ts";
import type { MachineEffect, RunningMachine } from "../machine.ts";
import { runMachine } from "../machine.ts";
import type { ComparisonMessage } from "../message.ts";
import { createRaft } from "./raft.ts";
import { type RaftRules, raftRules } from "./raft-rules.ts";

const options = {
  crypto,
  replicas: 5,
  self: 0,
  electionTimeout_ms: 150,
  heartbeat_ms: 50,
  blockInterval_ms: 0,
  seed: 1,
};
type Append = Extract<ComparisonMessage, { type: "append" }>;

const start = (rules: Partial<RaftRules> = {}): RunningMachine =>
  runMachine(createRaft(options, { ...raftRules, ...rules }), []);
const tell = (
  run: RunningMachine,
  from: number,
  message: ComparisonMessage,
): readonly MachineEffect[] => run({ type: "message", now_ms: 0, from, message });
const isFinal = ({ type }: MachineEffect): boolean => type === "final";

/** Leader of the term after the one that it heard of, with what the others voted. */
function elect(run: RunningMachine): readonly MachineEffect[] {
  const asked = run({ type: "timer", now_ms: 0, timer: "election" });
  const request = asked.find((effect) => effect.type === "send");
  const message = request?.type === "send" ? request.message : undefined;
  const term = message?.type === "vote-request" ? message.term : 0;
  return [1, 2].flatMap((from) => tell(run, from, { type: "vote", term, isGranted: true }));
}

const earlier = {
  height: 1,
  parent: new Uint8Array(32),
  author: 4,
  round: 2,
  made_ms: 0,
  nonce: 0,
  records: [],
  signature: new Uint8Array(),
};
const append: Append = {
  type: "append",
  term: 2,
  previousHeight: 0,
  previousTerm: 0,
  finalHeight: 0,
  blocks: [earlier],
};

/** A leader of term 3 whose followers have its block of term 2, and not yet the one of its own term. */
function countEarlier(rules: Partial<RaftRules>): readonly MachineEffect[] {
  const run = start(rules);
  tell(run, 4, append);
  elect(run);
  const appended: ComparisonMessage = { type: "appended", term: 3, isTaken: true, height: 1 };
  return [1, 2].flatMap((from) => tell(run, from, appended));
}

test("a block of an earlier term is not final because a quorum has it, figure 8 of the paper", () => {
  expect(countEarlier({}).some(isFinal)).toBe(false);
  // The very mistake, to show that this test sees it.
  expect(countEarlier({ mayCount: () => true }).some(isFinal)).toBe(true);
});

test("a block of the own term makes all below it final", () => {
  const run = start();
  tell(run, 4, append);
  elect(run);
  const appended: ComparisonMessage = { type: "appended", term: 3, isTaken: true, height: 2 };
  const effects = [1, 2].flatMap((from) => tell(run, from, appended));
  expect(
    effects.filter(isFinal).map((effect) => effect.type === "final" && effect.block.height),
  ).toEqual([1, 2]);
});

test("a vote and an answer to an append are on disk before they are said", () => {
  const run = start();
  const request: ComparisonMessage = {
    type: "vote-request",
    term: 1,
    lastHeight: 0,
    lastTerm: 0,
  };
  for (const effects of [tell(run, 3, request), tell(run, 4, append)]) {
    const types = effects.map(({ type }) => type);
    expect(types.indexOf("persist")).toBeGreaterThanOrEqual(0);
    expect(types.lastIndexOf("persist")).toBeLessThan(types.indexOf("send"));
  }
});

test("a disk that lost what it promised is asked again at a heartbeat, not at once", () => {
  const run = start();
  elect(run);
  tell(run, 1, { type: "appended", term: 1, isTaken: true, height: 1 });
  const refused = tell(run, 1, { type: "appended", term: 1, isTaken: false, height: 0 });
  expect(refused.filter(({ type }) => type === "send")).toEqual([]);
  const beat = run({ type: "timer", now_ms: 50, timer: "heartbeat" });
  expect(beat.some((effect) => effect.type === "send" && effect.to[0] === 1)).toBe(true);
});
