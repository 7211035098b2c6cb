import type { Genesis } from "@voltfog/ledger";
import type { Crypto, Signer } from "@voltfog/runtime";
import {
  isKeystore,
  loadSigningKey,
  readPassphrase,
  readSealedKey,
  signerOf,
} from "@voltfog/runtime/node";
import { loadGenesis } from "../genesis-file.ts";
import type { ValidatorConfig } from "./validator-config.ts";

/** Who this validator is among the consortium's. */
export interface ValidatorIdentity {
  readonly genesis: Genesis;
  readonly signer: Signer;
  readonly id: string;
}

/**
 * Reads key and genesis file. KEY_UNREADABLE, KEYSTORE_DAMAGED, PASSPHRASE_MISSING, PASSPHRASE_WRONG,
 * GENESIS_INVALID. Whether id and key are a validator's is the chain's to say.
 */
export function loadValidatorIdentity(
  config: Pick<ValidatorConfig, "id" | "key" | "passphraseFile" | "genesis">,
  crypto: Crypto,
): ValidatorIdentity {
  const genesis = loadGenesis(config.genesis, crypto);
  return { genesis, signer: loadVoteSigner(config), id: config.id };
}

function loadVoteSigner(config: Pick<ValidatorConfig, "key" | "passphraseFile">): Signer {
  const { key, passphraseFile } = config;
  if (!isKeystore(key)) return loadSigningKey(key);
  const passphrase = readPassphrase({ file: passphraseFile, environment: process.env });
  return signerOf(readSealedKey(key, passphrase));
}
