import { expect, test } from "vitest";
import { simulatedChainId as chainId } from "../simulation/consortium.ts";
import { simulatedCrypto, simulatedSigner } from "../simulation/keyed-hash.ts";
import { EngineTable, isType } from "../testing/engine-table.ts";
import { Signing } from "./signing.ts";

const everything = (): boolean => true;

function tableOf(voters: number): EngineTable {
  const table = new EngineTable(voters, "pbft");
  for (let voter = 0; voter < voters; voter++) table.startHeight(voter, 1);
  return table;
}

function signingOf(voter: number): Signing {
  return new Signing({ chainId, crypto: simulatedCrypto, signer: simulatedSigner(voter) });
}

test.each([4, 7, 10])("%i voters decide one block with 2n(n − 1) messages", (n) => {
  const table = tableOf(n);
  let messages = 0;
  table.deliver(() => ++messages > 0);
  expect(messages).toBe(2 * n * (n - 1));
  const digests = table.seats.map((_, voter) => table.of(voter, "deliver")[0]?.decision.digest);
  expect(digests[0]).toBeDefined();
  expect(new Set(digests.map((digest) => digest?.join())).size).toBe(1);
});

test("who built the last block proposes again, and the next one after a changed round", () => {
  const table = new EngineTable(4, "pbft");
  for (const voter of [0, 1, 2, 3]) table.startHeight(voter, 5, { leader: 2 });
  expect(table.sent(2, "proposal")).toHaveLength(1);
  table.mail.length = 0;
  for (const voter of [0, 1, 3]) table.timer(voter, "round");
  table.deliver(({ to, from }) => to !== 2 && from !== 2);
  expect(table.of(0, "deliver")[0]?.decision.round).toBe(1);
  expect(table.sent(3, "proposal")[0]?.round).toBe(1);
});

test("a voter without turns is passed over, by a leader that stays as well", () => {
  const table = new EngineTable(4, "pbft");
  const voters = table.voterSet.voters.map((each, i) => (i === 3 ? { ...each, weight: 0 } : each));
  const start = {
    type: "height-started",
    now_ms: 0,
    height: 1,
    voterSet: { epoch: 0, voters },
    earliest_ms: 0,
    idle_ms: 10_000,
    transactionsWaiting: true,
    leader: 3,
  } as const;
  for (const voter of [0, 1, 2, 3]) table.give(voter, start);
  expect(table.sent(3, "proposal")).toHaveLength(0);
  expect(table.sent(0, "proposal")).toHaveLength(1);
});

test("a proposal without its proposer's PREPARE, or with a foreign one, is not taken", () => {
  const table = tableOf(4);
  const [proposal] = table.sent(0, "proposal");
  if (proposal === undefined) throw new Error("voter 0 proposes");
  const { prepare, ...bare } = proposal;
  expect(prepare).toHaveLength(64);
  const { height, round, digest } = proposal;
  const foreign = signingOf(1).signPrepare(0, { height, round, voter: 1, digest }).signature;
  for (const message of [bare, { ...bare, prepare: foreign }]) {
    table.give(2, { type: "message", now_ms: 0, message });
  }
  expect(table.seat(2).state.rounds.get(0)?.proposal).toBeUndefined();
  table.give(2, { type: "message", now_ms: 0, message: proposal });
  expect(table.sent(2, "prepare")).toHaveLength(1);
});

test("a PREPARE inside a proposal that contradicts one said before is evidence", () => {
  const table = tableOf(4);
  const rival = { height: 1, round: 0, voter: 0, digest: new Uint8Array(32).fill(9) };
  const message = signingOf(0).signPrepare(0, rival);
  table.give(2, { type: "message", now_ms: 0, message });
  table.deliver(({ to }) => to === 2);
  expect(table.of(2, "evidence")[0]?.messages.map(({ type }) => type)).toEqual([
    "prepare",
    "prepare",
  ]);
});

test("a leader that restarts has said its PREPARE with its proposal and says no other", () => {
  const table = tableOf(4);
  const before = table.sent(0, "proposal")[0];
  table.restart(0, 1);
  expect(table.sent(0, "proposal")).toHaveLength(0);
  expect(table.sent(0, "prepare")[0]?.signature).toEqual(before?.prepare);
  table.deliver(isType("proposal", "prepare", "commit"));
  expect(table.of(3, "deliver")).toHaveLength(1);
});

test("what a quorum prepared under a silent leader is decided by the next one", () => {
  const table = tableOf(4);
  table.deliver(isType("proposal", "prepare"));
  const prepared = table.sent(0, "proposal")[0]?.digest;
  for (const voter of [1, 2, 3]) table.timer(voter, "round");
  table.deliver(({ from, to }) => from !== 0 && to !== 0);
  expect(table.of(3, "deliver")[0]?.decision).toMatchObject({ round: 1, digest: prepared });
  table.deliver(everything);
});
