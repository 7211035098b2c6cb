import { type Crypto, equalBytes } from "@voltfog/runtime";
import { rootOf, type TreeHead } from "../log/proofs.ts";
import { leafHash } from "../log/tree-hash.ts";
import { type Block, blockMax_bytes, parentCertificateBytes, transactionsMax } from "./block.ts";
import { type BlockHeader, header_bytes } from "./header.ts";
import type { BlockProblem } from "./header-rules.ts";
import type { Result } from "./result.ts";

/** RFC 6962 root whose leaves are the transactions' hashes. */
export function txRootOf(results: readonly Result[], crypto: Crypto): Uint8Array {
  return rootOf(
    results.map(({ txHash }) => leafHash(txHash, crypto)),
    crypto,
  );
}

/** Whether it is within the limits of a block. */
export function sizeProblem(block: Block): BlockProblem | undefined {
  const { transactions } = block;
  if (transactions.length > transactionsMax) {
    const detail = `${transactions.length} transactions, at most ${transactionsMax}`;
    return { code: "BLOCK_TOO_LARGE", detail };
  }
  const frame_bytes = 12 + header_bytes + parentCertificateBytes(block.parentCertificate).length;
  const size_bytes = transactions.reduce((sum, tx) => sum + 4 + tx.length, frame_bytes);
  if (size_bytes <= blockMax_bytes) return undefined;
  return { code: "BLOCK_TOO_LARGE", detail: `${size_bytes} bytes, at most ${blockMax_bytes}` };
}

/** Whether a header names what executing its block gave. */
export function rootProblem(executed: {
  header: BlockHeader;
  txRoot: Uint8Array;
  results: TreeHead;
  stateRoot: Uint8Array;
  nextValidatorsHash: Uint8Array;
}): BlockProblem | undefined {
  const { header, results } = executed;
  if (!equalBytes(header.txRoot, executed.txRoot)) {
    return { code: "BLOCK_TX_ROOT", detail: "not the root of its transactions" };
  }
  if (header.resultsSize !== results.size || !equalBytes(header.resultsRoot, results.root)) {
    return { code: "BLOCK_RESULTS", detail: "not the results of executing it" };
  }
  if (!equalBytes(header.stateRoot, executed.stateRoot)) {
    return { code: "BLOCK_STATE_ROOT", detail: "not the state after executing it" };
  }
  if (!equalBytes(header.nextValidatorsHash, executed.nextValidatorsHash)) {
    return { code: "BLOCK_VALIDATORS", detail: "names other validators for the next block" };
  }
  return undefined;
}
