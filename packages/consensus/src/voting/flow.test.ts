import { type EngineName, engineNames } from "@voltfog/ledger";
import { expect, test } from "vitest";
import { EngineTable, isType } from "../testing/engine-table.ts";
import { flowOf } from "./flow.ts";

const everything = (): boolean => true;
const all = [0, 1, 2, 3];

function tableOf(name: EngineName, lastHeight = 0): EngineTable {
  const table = new EngineTable(4, name);
  table.lastHeight = lastHeight;
  for (const voter of all) table.startHeight(voter, 1);
  return table;
}

/** Every final block that a voter delivered, at its height. */
function finals(table: EngineTable, voter: number): (string | undefined)[] {
  return table.of(voter, "deliver").map(({ decision }) => decision.digest.join());
}

test.each(engineNames)("%s: voters decide height after height alike", (name) => {
  const table = tableOf(name, 5);
  table.deliver(everything);
  const longest = Math.max(...all.map((voter) => finals(table, voter).length));
  expect(longest).toBe(5);
  for (const voter of all) {
    const own = finals(table, voter);
    expect(own.length).toBeGreaterThanOrEqual(4);
    for (const other of all) {
      expect(own.slice(0, 4)).toEqual(finals(table, other).slice(0, 4));
    }
  }
});

test.each(engineNames)("%s: within as many rounds as voters everyone proposes", (name) => {
  const { voterSet } = new EngineTable(7, name);
  const flow = flowOf(name);
  for (let height = 1; height < 5; height++) {
    const proposers = Array.from({ length: 8 }, (_, round) =>
      flow.proposer({ voterSet, height, round, leader: 3 }),
    );
    expect(new Set(proposers).size).toBe(7);
  }
});

const kinds = [
  "proposal",
  "prepare",
  "prepare-certificate",
  "commit",
  "commit-certificate",
] as const;

test.each(engineNames.flatMap((name) => kinds.map((last) => [name, last] as const)))(
  "%s: voters that all restart after the last %s say what they said, and decide it",
  (name, last) => {
    const table = tableOf(name);
    table.deliver(isType(...kinds.slice(0, kinds.indexOf(last) + 1)));
    const said = all.map((voter) => ownCommit(table, voter));
    for (const voter of all) table.restart(voter, 1);
    expect(all.map((voter) => ownCommit(table, voter))).toEqual(said);
    for (const voter of all) table.timer(voter, "round");
    table.deliver(everything);
    const digests = all.map((voter) => table.of(voter, "deliver")[0]?.decision.digest.join());
    expect(new Set(digests).size).toBe(1);
    // A quorum that committed may have decided somewhere; fewer have not.
    const commits = said.filter((commit) => commit !== undefined);
    const mayChange = commits.length < 3;
    expect(digests[0]).toEqual(mayChange ? expect.any(String) : commits[0]?.digest.join());
  },
);

function ownCommit(table: EngineTable, voter: number) {
  for (const { commits } of table.seat(voter).state.rounds.values()) {
    const own = commits.get(voter);
    if (own !== undefined) return own;
  }
  return undefined;
}

test.each(engineNames)("%s: what is lost in a changed round is said again to everybody", (name) => {
  const table = tableOf(name);
  table.mail.length = 0;
  for (const voter of all) table.timer(voter, "round");
  table.deliver(isType("round-change", "proposal"));
  // Whoever gathers votes is never heard again; the rest decide by what is repeated.
  const flow = flowOf(name);
  const { state } = table.seat(3);
  const gone = flow.proposer({ ...state, round: 1 });
  const rest = all.filter((voter) => voter !== gone);
  for (let turn = 0; turn < 3; turn++) {
    for (const voter of rest) table.timer(voter, "resend");
    if (turn === 0) table.timer(gone, "resend");
    table.deliver(
      ({ to, from, message }) => to !== gone && (from !== gone || message.type === "prepare"),
    );
  }
  for (const voter of rest) expect(table.of(voter, "deliver")[0]?.decision.round).toBe(1);
});

test.each(engineNames)(
  "%s: a set that changes is followed, whoever was to gather or to propose",
  (name) => {
    const table = new EngineTable(5, name);
    table.lastHeight = 6;
    const { voters } = table.voterSet;
    const before = { epoch: 0, voters: voters.slice(0, 4) };
    const after = { epoch: 1, voters: voters.slice(1) };
    table.voterSetAt = (height) => (height < 3 ? before : after);
    for (const voter of all) table.startHeight(voter, 1);
    // The newcomer fetches the block before its first height once somebody has it.
    let isThere = false;
    table.deliver(() => {
      if (!isThere && all.some((seat) => table.of(seat, "deliver").length === 2)) {
        isThere = true;
        table.startHeight(4, 3);
      }
      return true;
    });
    const digestAt = (seat: number, height: number) =>
      table.of(seat, "deliver").find(({ decision }) => decision.height === height)?.decision.digest;
    for (let height = 3; height < 6; height++) {
      const digest = digestAt(1, height);
      expect(digest).toBeDefined();
      for (const seat of [2, 3, 4]) expect(digestAt(seat, height)).toEqual(digest);
    }
    expect(digestAt(0, 1)).toEqual(digestAt(1, 1));
  },
);
