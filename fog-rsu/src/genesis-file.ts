import { readFileSync } from "node:fs";
import { type Genesis, parseGenesis } from "@voltfog/ledger";
import { CodedError, type Crypto, messageOf } from "@voltfog/runtime";

/** The consortium's genesis file, read and checked. GENESIS_INVALID. */
export function loadGenesis(path: string, crypto: Crypto): Genesis {
  let detail: string;
  try {
    const parsed = parseGenesis(new Uint8Array(readFileSync(path)), crypto);
    if (parsed.ok) return parsed.value;
    detail = parsed.problem.detail;
  } catch (thrown) {
    detail = messageOf(thrown);
  }
  throw new CodedError({
    code: "GENESIS_INVALID",
    message: `${path}: ${detail}`,
    remedy: "name the consortium's genesis file",
  });
}
