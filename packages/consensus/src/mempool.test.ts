import type { AdmittedTx } from "@voltfog/ledger";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Mempool } from "./mempool.ts";

function transaction(sender: number, nonce: number, size_bytes = 10): AdmittedTx {
  return {
    bytes: new Uint8Array(size_bytes),
    hash: new Uint8Array(32).fill(sender).fill(nonce, 1),
    sender: new Uint8Array(32).fill(sender),
    nonce,
  };
}

const roomy = { transactions: 100, transactionsPerSender: 50, size_bytes: 10_000 };
const places = (mempool: Mempool): string[] =>
  [...mempool.candidates()].map(({ sender, nonce }) => `${sender[0]}:${nonce}`);

test("a sender's transactions come in the order of their nonces, senders in turn", () => {
  const mempool = new Mempool(roomy);
  for (const nonce of [7, 2, 5]) mempool.add(transaction(1, nonce));
  for (const nonce of [9, 8]) mempool.add(transaction(2, nonce));
  expect(places(mempool)).toEqual(["1:2", "2:8", "1:5", "2:9", "1:7"]);
});

test("the same transaction counts once, another one with its nonce is refused", () => {
  const mempool = new Mempool(roomy);
  expect(mempool.add(transaction(1, 4))).toEqual({ ok: true, value: true });
  expect(mempool.add(transaction(1, 4))).toEqual({ ok: true, value: false });
  const rival = { ...transaction(1, 4), hash: new Uint8Array(32).fill(99) };
  expect(mempool.add(rival)).toMatchObject({ ok: false, problem: { code: "NONCE_TAKEN" } });
  expect(mempool.size).toBe(1);
});

test("a full mempool refuses by count, by sender and by bytes, and takes again when there is room", () => {
  const mempool = new Mempool({ transactions: 3, transactionsPerSender: 2, size_bytes: 100 });
  const full = { ok: false, problem: { code: "MEMPOOL_FULL" } };
  expect(mempool.add(transaction(1, 1)).ok).toBe(true);
  expect(mempool.add(transaction(1, 2)).ok).toBe(true);
  expect(mempool.add(transaction(1, 3))).toMatchObject(full);
  expect(mempool.add(transaction(2, 1, 81))).toMatchObject(full);
  expect(mempool.add(transaction(2, 1)).ok).toBe(true);
  expect(mempool.add(transaction(3, 1))).toMatchObject(full);
  mempool.settle([{ sender: new Uint8Array(32).fill(1), nonce: 2 }]);
  expect(places(mempool)).toEqual(["2:1"]);
  expect(mempool.add(transaction(3, 1, 90)).ok).toBe(true);
});

test("what is counted is what is there, whatever was added, settled and dropped", () => {
  const action = fc.record({
    kind: fc.constantFrom("add", "settle", "drop"),
    sender: fc.integer({ min: 1, max: 4 }),
    nonce: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const mempool = new Mempool({ transactions: 8, transactionsPerSender: 3, size_bytes: 75 });
      for (const { kind, sender, nonce } of actions) {
        const one = transaction(sender, nonce);
        if (kind === "add") mempool.add(one);
        else if (kind === "drop") mempool.drop(one);
        else mempool.settle([{ sender: one.sender, nonce }]);
        const waiting = [...mempool.candidates()];
        expect(waiting).toHaveLength(mempool.size);
        expect(mempool.size).toBeLessThanOrEqual(7);
        expect(waiting.every(({ hash }) => mempool.has(hash))).toBe(true);
      }
    }),
  );
});
