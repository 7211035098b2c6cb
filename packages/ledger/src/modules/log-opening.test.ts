import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { Chain } from "../chain/chain.ts";
import { encodeEntry, type LogEnd } from "../log/entry.ts";
import { rootOf } from "../log/proofs.ts";
import { emptyRoot, leafHash } from "../log/tree-hash.ts";
import { createConsortium, finalise, type Member } from "../testing/consortium.ts";
import { at, checkpointTx, openingTx, TestLog } from "../testing/transactions.ts";
import { decodeLogOpening, encodeLogOpening, finalEnd } from "./checkpoints.ts";

const consortium = createConsortium({ crypto });
const unit = at(consortium.units, 0);
const otherUnit = at(consortium.units, 1);

let chain: Chain;
let nonce: number;
let first: TestLog;

beforeEach(() => {
  chain = Chain.fromGenesis({ genesis: consortium.genesis, crypto });
  nonce = 0;
  first = new TestLog({ consortium, unit });
  for (let i = 0; i < 5; i++) first.leaves.push(crypto.sha256(Uint8Array.of(i)));
});

function codes(...transactions: Uint8Array[]): string[] {
  const { checked } = finalise({ consortium, chain, transactions });
  return checked.results.map(({ code }) => code);
}

function submit(log: TestLog, from: number): Uint8Array {
  const path = log.consistency(from);
  return checkpointTx({ consortium, sender: unit, nonce: ++nonce, note: log.note(), path });
}

function successor(predecessor: LogEnd, number: number): { log: TestLog; entry: Uint8Array } {
  const entry = encodeEntry({ kind: "log-opened", predecessor });
  const log = new TestLog({ consortium, unit, number });
  log.leaves.push(leafHash(entry, crypto));
  return { log, entry };
}

function open(o: { note: string; entry: Uint8Array; sender?: Member }): Uint8Array {
  const { note, entry } = o;
  return openingTx({ consortium, sender: o.sender ?? unit, nonce: ++nonce, note, entry });
}

function endOf(log: TestLog): LogEnd {
  return finalEnd({ logId: log.logId, state: chain.logState(log.logId), crypto });
}

describe("a unit's next log", () => {
  it("is accepted when its first entry names the last final end of the one before", () => {
    expect(codes(submit(first, 0))).toEqual(["OK"]);
    // Entries that never became final are left behind.
    first.leaves.push(crypto.sha256(Uint8Array.of(5)));
    const end = endOf(first);
    expect(end).toEqual({
      logId: first.logId,
      size: 5,
      root: rootOf(first.leaves.slice(0, 5), crypto),
    });
    const second = successor(end, 2);
    expect(codes(open({ note: second.log.note(), entry: second.entry }))).toEqual(["OK"]);
    expect(chain.logState(second.log.logId)).toMatchObject({ size: 1, height: 2 });
    second.log.leaves.push(crypto.sha256(Uint8Array.of(9)));
    expect(codes(submit(second.log, 1))).toEqual(["OK"]);
    expect(chain.logState(second.log.logId)).toMatchObject({ size: 2, height: 3 });
  });

  it("closes the log before it for good", () => {
    codes(submit(first, 0));
    const second = successor(endOf(first), 2);
    first.leaves.push(new Uint8Array(32));
    expect(codes(open({ note: second.log.note(), entry: second.entry }), submit(first, 5))).toEqual(
      ["OK", "LOG_SUPERSEDED"],
    );
    expect(chain.logState(first.logId)).toMatchObject({ size: 5 });
    const again = successor(endOf(first), 2);
    expect(codes(open({ note: again.log.note(), entry: again.entry }))).toEqual(["LOG_SUPERSEDED"]);
  });

  it("is not the unit's before it was opened here", () => {
    const second = successor(endOf(first), 2);
    expect(codes(submit(second.log, 0))).toEqual(["LOG_NOT_YOURS"]);
  });

  it("must name exactly what is final: no more, no less, no other root and no other log", () => {
    codes(submit(first, 0));
    const end = endOf(first);
    const foreign = new TestLog({ consortium, unit: otherUnit });
    const wrong: LogEnd[] = [
      { ...end, size: 4 },
      { ...end, size: 6 },
      { ...end, size: 0, root: emptyRoot(crypto) },
      { ...end, root: new Uint8Array(32) },
      { ...end, logId: foreign.logId },
    ];
    const openings = wrong.map((predecessor) => {
      const { log, entry } = successor(predecessor, 2);
      return open({ note: log.note(), entry });
    });
    expect(codes(...openings)).toEqual(wrong.map(() => "PREDECESSOR_DIFFERS"));
  });

  it("may follow one of which nothing became final, and skip numbers that never came here", () => {
    const third = successor(endOf(first), 3);
    expect(codes(open({ note: third.log.note(), entry: third.entry }))).toEqual(["OK"]);
    const fourth = successor(endOf(third.log), 4);
    expect(codes(open({ note: fourth.log.note(), entry: fourth.entry }))).toEqual(["OK"]);
    expect(codes(submit(first, 0), submit(third.log, 1))).toEqual([
      "LOG_SUPERSEDED",
      "LOG_SUPERSEDED",
    ]);
  });

  it("is opened by its own unit alone, with a note of exactly its first entry", () => {
    const end = endOf(first);
    const { log, entry } = successor(end, 2);
    const longer = successor(end, 2);
    longer.log.leaves.push(new Uint8Array(32));
    const other = successor({ ...end, size: 1 }, 2);
    const validator = at(consortium.validators, 0);
    expect(
      codes(
        open({ note: log.note(), entry, sender: otherUnit }),
        open({ note: log.note(), entry, sender: validator }),
        open({ note: longer.log.note(), entry }),
        open({ note: other.log.note(), entry }),
        open({ note: log.note().replace("\n1\n", "\n2\n"), entry }),
        open({ note: first.note(), entry }),
      ),
    ).toEqual([
      "LOG_NOT_YOURS",
      "LOG_NOT_YOURS",
      "NOTE_INVALID",
      "NOTE_INVALID",
      "NOTE_INVALID",
      "LOG_SUPERSEDED",
    ]);
  });

  it("gives the same state on every machine that executes the blocks", () => {
    const { block, certificate } = finalise({
      consortium,
      chain,
      transactions: [submit(first, 0)],
    }).bytes;
    const second = successor(endOf(first), 2);
    const opened = finalise({
      consortium,
      chain,
      transactions: [open({ note: second.log.note(), entry: second.entry })],
    }).bytes;
    const other = Chain.fromGenesis({ genesis: consortium.genesis, crypto });
    for (const stored of [{ block, certificate }, opened])
      expect(other.follow(stored).ok).toBe(true);
    expect(other.head.hash).toEqual(chain.head.hash);
    expect(other.logState(second.log.logId)).toEqual(chain.logState(second.log.logId));
  });

  it("has a payload with one encoding, and no bytes break its decoder", () => {
    const { log, entry } = successor(endOf(first), 2);
    const opening = { note: log.note(), entry };
    expect(decodeLogOpening(encodeLogOpening(opening))).toEqual({ ok: true, value: opening });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const decoded = decodeLogOpening(bytes);
        if (decoded.ok) expect(encodeLogOpening(decoded.value)).toEqual(bytes);
      }),
    );
  });
});
