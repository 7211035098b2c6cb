import { decodeBlock, decodeTransaction } from "@voltfog/ledger";
import type { TransactionDetailView } from "@voltfog/messages";
import { assert, toHex } from "@voltfog/runtime";
import type { Consortium } from "../finality/consortium.ts";
import type { StoredResult } from "../store/chain-reader.ts";
import type { StoredBlock } from "../store/telemetry-store.ts";
import { dataFields, payloadFields } from "./payload-fields.ts";
import { wordsOfCode } from "./result-codes.ts";
import { storedResult, transactionView } from "./transaction-view.ts";

/** One transaction of a stored block, decoded, with what it did and what that means. */
export function transactionDetail(options: {
  found: StoredResult;
  stored: StoredBlock;
  consortium: Consortium;
}): TransactionDetailView {
  const { found, stored, consortium } = options;
  const result = storedResult(found);
  const block = decodeBlock(stored.block);
  assert(block.ok, "a stored block decodes");
  const bytes = block.value.transactions[result.txIndex];
  const transaction = bytes && decodeTransaction(bytes);
  assert(bytes !== undefined && transaction?.ok === true, "a followed block's transactions decode");
  const { sender, nonce, signature } = transaction.value;
  return {
    ...transactionView({ ...found, consortium }),
    time_ms: block.value.header.time_ms,
    blockHash: stored.view.hash,
    senderKey: toHex(sender),
    nonce,
    signature: toHex(signature),
    bytes: toHex(bytes),
    payload: payloadFields(transaction.value, consortium),
    data: dataFields(result, consortium),
    ...wordsOfCode(result.code),
  };
}
