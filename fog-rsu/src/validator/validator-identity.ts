import { readFileSync } from "node:fs";
import { type Genesis, parseGenesis } from "@voltfog/ledger";
import { CodedError, type Crypto, messageOf, type Signer } from "@voltfog/runtime";
import { loadSigningKey } from "@voltfog/runtime/node";
import type { ValidatorConfig } from "./validator-config.ts";

/** Who this validator is among the consortium's. */
export interface ValidatorIdentity {
  readonly genesis: Genesis;
  readonly signer: Signer;
  /** Place in the genesis file's list of validators. */
  readonly voter: number;
}

/**
 * Reads key and genesis file. KEY_UNREADABLE, GENESIS_INVALID, NOT_A_VALIDATOR when the file does not
 * name the id. Whether the key is the validator's is the chain's to say.
 */
export function loadValidatorIdentity(
  config: Pick<ValidatorConfig, "id" | "key" | "genesis">,
  crypto: Crypto,
): ValidatorIdentity {
  const signer = loadSigningKey(config.key);
  const genesis = loadGenesis(config.genesis, crypto);
  const voter = genesis.validators.findIndex(({ id }) => id === config.id);
  if (voter < 0) {
    throw new CodedError({
      code: "NOT_A_VALIDATOR",
      message: `${config.genesis} has no validator ${config.id}`,
      remedy: "name this validator's own id, or the genesis file of its consortium",
    });
  }
  return { genesis, signer, voter };
}

function loadGenesis(path: string, crypto: Crypto): Genesis {
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
