import type { EngineChoice } from "@voltfog/ledger";
import { expect, test } from "vitest";
import type { EpochMember } from "../store/chain-reader.ts";
import { epochViews } from "./epoch-views.ts";

const engine: EngineChoice = { name: "poa", redundant: 0 };

const member = (id: string, voteKey = `key of ${id}`): EpochMember => ({
  ...{ id, voteKey },
  organisation: "north",
});
const first = ["v1", "v2", "v3", "v4"].map((id) => member(id));
const seals = (epoch: number, signers: readonly string[], firstHeight: number) => ({
  ...{ epoch, signers, firstHeight, lastHeight: firstHeight + 4, blocks: 5 },
  proposer: "v1",
});

test("an epoch ends where the next begins, and says who joined, left and votes with a new key", () => {
  const second = [member("v1"), member("v2", "another"), member("v3"), member("v5")];
  const [newest, oldest] = epochViews({
    epochs: [
      { epoch: 0, firstHeight: 1, members: first },
      { epoch: 1, firstHeight: 6, members: second },
    ],
    engine,
    seals: [seals(0, ["v1", "v2", "v4"], 1), seals(1, ["v1", "v2", "v5"], 6)],
    height: 10,
    decisions: new Map([[1, "ab"]]),
  });
  expect(oldest).toMatchObject({ firstHeight: 1, lastHeight: 5, changes: [], decidedBy: null });
  expect(newest).toMatchObject({ firstHeight: 6, lastHeight: 10, quorum: 3, decidedBy: "ab" });
  expect(newest?.changes).toEqual([
    "v2 votes with a new key.",
    "v5 of north joined.",
    "v4 of north left.",
  ]);
  expect(newest?.members.map(({ id, sealed, lastSealed }) => [id, sealed, lastSealed])).toEqual([
    ["v1", 5, 10],
    ["v2", 5, 10],
    ["v3", 0, null],
    ["v5", 5, 10],
  ]);
});

test("an epoch whose members an older program did not keep says nothing of changes", () => {
  const [newest] = epochViews({
    epochs: [
      { epoch: 0, firstHeight: 1, members: first },
      { epoch: 1, firstHeight: 6, members: [] },
    ],
    ...{ engine, seals: [], height: 10, decisions: new Map() },
  });
  expect(newest).toMatchObject({ members: [], changes: [], quorum: 0 });
});
