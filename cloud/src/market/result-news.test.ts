import {
  accountAction,
  encodeAccountOrder,
  encodeAdjustment,
  encodeSuspension,
  moduleNumber,
  type Result,
} from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, it } from "vitest";
import { dataFields } from "../explorer/payload-fields.ts";
import { Consortium } from "../finality/consortium.ts";
import { createSite } from "../testing/fake-chain.ts";
import { newsOf } from "./result-news.ts";

const consortium = new Consortium({ genesis: createSite().genesis, crypto });
const sender = new Uint8Array(32).fill(1);
const account = new Uint8Array(32).fill(2);

function resultOf(changes: Pick<Result, "module" | "action" | "data">): Result {
  return { height: 1, txIndex: 0, txHash: new Uint8Array(32), sender, code: "OK", ...changes };
}

it("bytes of no known form are no news, and still shown", () => {
  const modules = fc.integer({ min: moduleNumber.accounts, max: moduleNumber.v2v });
  const any = fc.record({
    module: modules,
    action: fc.integer({ min: 0, max: 20 }),
    data: fc.uint8Array({ minLength: 1, maxLength: 400 }),
  });
  fc.assert(
    fc.property(any, ({ data, ...call }) => {
      // The version first, so that some get past it.
      const result = resultOf({ ...call, data: Uint8Array.of(1, ...data) });
      const { subjects, notices } = newsOf(result);
      for (const { labels, id } of subjects) expect([id, ...labels].join("")).not.toBe("");
      for (const { sentence } of notices) expect(sentence).toMatch(/\.$/);
      expect(dataFields(result, consortium).length).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
});

it.each([
  [accountAction.credit, encodeAccountOrder({ account, amount: 1 }), "0.000001 came in."],
  [accountAction.debit, encodeAccountOrder({ account, amount: 1_500_000 }), "1.50 was taken."],
  [
    accountAction.suspend,
    encodeSuspension({ key: account, reasonHash: account }),
    "The authority suspended the account.",
  ],
  [
    accountAction.adjust,
    encodeAdjustment({ account, sign: "minus", amount: 10, reasonHash: account }),
    "0.00001 was taken by the authority.",
  ],
])("action %i of accounts is told to its holder", (action, data, sentence) => {
  const { notices } = newsOf(resultOf({ module: moduleNumber.accounts, action, data }));
  expect(notices.map(({ key, ...one }) => [key, one.sentence])).toEqual([
    [toHex(account), sentence],
  ]);
});
