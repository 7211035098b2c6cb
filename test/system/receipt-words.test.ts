import { expect, test } from "vitest";
import {
  disagreementOf,
  isReceipt,
  judgeReceipt,
  receiptFacts,
  receiptText,
} from "../../cli/src/verification/judge-receipt.ts";
import { encodeGenesis, receiptJson } from "../../packages/ledger/src/index.ts";
import { ReceiptSite } from "../../packages/ledger/src/testing/receipt-site.ts";
import { utf8 } from "../../packages/runtime/src/index.ts";
import { nodeCrypto as crypto } from "../../packages/runtime/src/node/index.ts";

const site = new ReceiptSite({ crypto });
const genesisBytes = encodeGenesis(site.charging.site.consortium.genesis);
const genesisName = "genesis.json";

function judge(pack_Wh: number): ReturnType<typeof judgeReceipt> {
  const bytes = utf8(JSON.stringify(receiptJson(site.receipt(site.count(pack_Wh)))));
  expect(isReceipt(bytes)).toBe(true);
  return judgeReceipt({ bytes, genesisBytes, genesisName });
}

test("a receipt says in a few lines what was metered, paid and settled", () => {
  const verdict = judge(9500);
  if (!verdict.ok) throw new Error(verdict.problem.detail);
  const text = receiptText(verdict.value);
  expect(text).toContain("M-7 signed 1 kWh to 11 kWh");
  expect(text).toContain("0.40 per kWh and 0.50 for the session");
  expect(text).toContain("4.50 for 10 kWh");
  expect(text).toContain("not linked to the driver on the chain) counted 9.5 kWh");
  expect(disagreementOf(verdict.value)).toBeUndefined();
  expect(receiptFacts(verdict.value)).toMatchObject({ ok: true, kind: "receipt" });
});

test("counts that do not agree are named beside what the signatures prove", () => {
  const verdict = judge(5000);
  if (!verdict.ok) throw new Error(verdict.problem.detail);
  expect(receiptText(verdict.value)).toContain(
    "not agreed: ENERGY_DISAGREES: the charge point counted 10 kWh, the vehicle 5 kWh; 7.9 kWh to 10.3 kWh would agree",
  );
  expect(receiptFacts(verdict.value)).toMatchObject({ ok: false, code: "ENERGY_DISAGREES" });
});

test("a genesis file that is none or another's is bad input, not a forged receipt", () => {
  const bytes = utf8(JSON.stringify(receiptJson(site.receipt())));
  const wrong = (genesis: Uint8Array): (() => unknown) => {
    return () => judgeReceipt({ bytes, genesisBytes: genesis, genesisName });
  };
  expect(wrong(utf8("{}"))).toThrow("is no genesis file");
  const other = new ReceiptSite({ crypto }).charging.site.consortium.genesis;
  const renamed = encodeGenesis({ ...other, created_ms: other.created_ms + 1 });
  expect(wrong(renamed)).toThrow("of another chain");
});
