import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utf8 } from "@voltfog/runtime";
import { SigningKey, Transaction } from "ethers";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decodeJournalRecord, TransactionJournal } from "./transaction-journal.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-journal-"));
  path = join(folder, "transactions.seg");
});
afterEach(() => rmSync(folder, { recursive: true }));

function signed(nonce: number, data = "0x"): string {
  const transaction = Transaction.from({ type: 2, chainId: 1, nonce, gasLimit: 21_000, data });
  transaction.signature = new SigningKey(`0x${"11".repeat(32)}`).sign(transaction.unsignedHash);
  return transaction.serialized;
}

test("a journal gives back what has not ended, attempts in their order", async () => {
  const { journal } = await TransactionJournal.open(path);
  for (const [id, nonce] of [
    ["a", 1],
    ["b", 2],
    ["a", 3],
  ] as const) {
    await journal.write({ kind: "signed", id, raw: signed(nonce) });
  }
  await journal.write({ kind: "ended", id: "b", outcome: "final" });
  await journal.close();
  const { journal: again, unfinished } = await TransactionJournal.open(path);
  expect([...unfinished]).toEqual([["a", [signed(1), signed(3)]]]);
  await again.close();
});

test("a journal that has grown keeps only what has not ended", async () => {
  const { journal } = await TransactionJournal.open(path);
  const raw = signed(1, `0x${"00".repeat(100_000)}`);
  await journal.write({ kind: "signed", id: "open", raw: signed(2) });
  for (let i = 0; i < 8; i++) {
    await journal.write({ kind: "signed", id: `${i}`, raw });
    await journal.write({ kind: "ended", id: `${i}`, outcome: "final" });
  }
  await journal.close();
  expect(statSync(path).size).toBeGreaterThan(1_000_000);
  const { journal: second, unfinished } = await TransactionJournal.open(path);
  expect([...unfinished.keys()]).toEqual(["open"]);
  await second.close();
  expect(statSync(path).size).toBeLessThan(2000);
  const { journal: third, unfinished: same } = await TransactionJournal.open(path);
  expect([...same.keys()]).toEqual(["open"]);
  await third.close();
});

test("a record is read as it was written, and nothing else is taken for one", () => {
  const record = fc.oneof(
    fc.record({
      kind: fc.constant("ended"),
      id: fc.string({ maxLength: 200 }),
      outcome: fc.constantFrom("final", "reverted", "displaced"),
    }),
    fc.record({
      kind: fc.constant("signed"),
      id: fc.string({ maxLength: 200 }),
      raw: fc.nat(1000).map((nonce) => signed(nonce)),
    }),
  );
  fc.assert(
    fc.property(record, (one) => {
      expect(decodeJournalRecord(utf8(JSON.stringify(one)))).toEqual({ ok: true, value: one });
    }),
    { numRuns: 30 },
  );
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8)), (bytes) => {
      expect(decodeJournalRecord(bytes).ok).toBe(false);
    }),
  );
});
