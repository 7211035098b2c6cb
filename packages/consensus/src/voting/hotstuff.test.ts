import { expect, test } from "vitest";
import { EngineTable, isType } from "../testing/engine-table.ts";

const everything = (): boolean => true;
const all = [0, 1, 2, 3];

function tableOf(voters: number, lastHeight = 0): EngineTable {
  const table = new EngineTable(voters, "hotstuff");
  table.lastHeight = lastHeight;
  for (let voter = 0; voter < voters; voter++) table.startHeight(voter, 1);
  return table;
}

test.each([4, 7, 10])(
  "%i voters decide a block with 2(n − 1) messages in each of two views",
  (n) => {
    const heights = 6;
    const table = tableOf(n, heights);
    const messages = new Map<string, number>();
    table.deliver(({ message }) => {
      messages.set(message.type, 1 + (messages.get(message.type) ?? 0));
      return true;
    });
    const each = heights * (n - 1);
    expect(Object.fromEntries(messages)).toEqual({
      proposal: each,
      prepare: each,
      "prepare-certificate": each,
      commit: each,
    });
    const final = table.seats.map((_, voter) => table.of(voter, "deliver").length);
    // What decided the last block waits with its collector for a proposal that this test does not ask for.
    expect(final.filter((height) => height === heights - 1)).toHaveLength(n - 1);
    expect(Math.max(...final)).toBe(heights);
  },
);

test("every height and every round has another leader, and no voter is left out", () => {
  const table = tableOf(4);
  for (let height = 1; height <= 4; height++) {
    for (const voter of all) table.startHeight(voter, height);
  }
  const leaders = all.map((voter) => table.sent(voter, "proposal").map(({ height }) => height));
  expect(leaders).toEqual([[4], [1], [2], [3]]);
  for (let round = 1; round <= 4; round++) {
    for (const voter of all) table.timer(voter, "round");
    table.deliver(isType("round-change"));
  }
  const changed = all.map((voter) =>
    table.sent(voter, "proposal").flatMap(({ round }) => (round > 0 ? [round] : [])),
  );
  expect(changed).toEqual([[2], [3], [4], [1]]);
});

test("what decided goes alone where no proposal can come soon", () => {
  const table = tableOf(4);
  table.deliver(everything);
  const [collector = 0] = all.filter((voter) => table.of(voter, "deliver").length > 0);
  expect(collector).toBe(2);
  table.give(collector, {
    type: "height-started",
    now_ms: 0,
    height: 2,
    voterSet: table.voterSet,
    earliest_ms: 1000,
    idle_ms: 10_000,
    transactionsWaiting: true,
  });
  expect(table.mail.map(({ to, message }) => [to, message.type])).toEqual([
    [0, "commit-certificate"],
    [1, "commit-certificate"],
    [3, "commit-certificate"],
  ]);
  table.deliver(everything);
  for (const voter of [0, 1, 3]) expect(table.of(voter, "deliver")).toHaveLength(1);
});

test("what decided waits a moment for a transaction to propose, and then goes alone", () => {
  const table = tableOf(4);
  table.deliver(everything);
  table.startHeight(2, 2, { waiting: false });
  expect(table.mail).toHaveLength(0);
  expect(table.of(2, "set-timer").at(-1)).toMatchObject({ timer: "show", delay_ms: 5 });
  table.timer(2, "show");
  table.timer(2, "show");
  expect(table.mail.map(({ message }) => message.type)).toEqual(
    [0, 1, 3].map(() => "commit-certificate"),
  );
  table.deliver(everything);
  table.give(2, { type: "transactions-waiting", now_ms: 5 });
  expect(table.sent(2, "proposal")[0]?.parent).toBeUndefined();
});

test("a proposal with a forged parent decides nothing", () => {
  const table = tableOf(4);
  table.deliver(everything);
  table.startHeight(2, 2);
  const [proposal] = table.sent(2, "proposal");
  const parent = proposal?.parent;
  if (proposal === undefined || parent === undefined) throw new Error("voter 2 shows the parent");
  const seals = parent.seals.map((seal) => ({ ...seal, signature: new Uint8Array(64) }));
  const forged = { ...proposal, parent: { ...parent, seals } };
  table.give(1, { type: "message", now_ms: 0, message: forged });
  expect(table.of(1, "deliver")).toHaveLength(0);
  table.give(1, { type: "message", now_ms: 0, message: proposal });
  expect(table.of(1, "deliver")).toHaveLength(1);
  expect(table.of(1, "voter-ahead")).toHaveLength(0);
});

test.each([1, 3, 2])("one round is enough when voter %i is gone, whatever it was to do", (gone) => {
  const table = new EngineTable(4, "hotstuff");
  const rest = all.filter((voter) => voter !== gone);
  for (const voter of rest) table.startHeight(voter, 1);
  table.deliver(({ to }) => to !== gone);
  const open = rest.filter((voter) => table.of(voter, "deliver").length === 0);
  for (const voter of open) table.timer(voter, "round");
  table.deliver(({ to }) => to !== gone);
  for (const voter of open) expect(table.of(voter, "deliver")[0]?.decision.round).toBe(1);
});

test("after a change of round the proposer gathers the votes itself", () => {
  const table = tableOf(4);
  table.mail.length = 0;
  for (const voter of all) table.timer(voter, "round");
  const kinds = new Map<string, number>();
  table.deliver(({ message }) => {
    if (message.type !== "round-change") {
      kinds.set(message.type, 1 + (kinds.get(message.type) ?? 0));
    }
    return true;
  });
  expect([...kinds.values()]).toEqual([3, 3, 3, 3, 3]);
  for (const voter of all) expect(table.of(voter, "deliver")[0]?.decision.round).toBe(1);
});
