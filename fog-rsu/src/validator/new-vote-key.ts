import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodeSuccession,
  decodeTransaction,
  encodeSuccession,
  type KeySuccession,
  moduleNumber,
  signSuccession,
  signTransaction,
  validatorAction,
} from "@voltfog/ledger";
import { CodedError, type Signer } from "@voltfog/runtime";

/** A transaction that gives a validator another vote key, and what it says. */
export interface NewVoteKey {
  readonly transaction: Uint8Array;
  readonly succession: KeySuccession;
}

/** Lies in the data folder of a validator that came back with a new vote key. */
export const newVoteKeyFile = "new-vote-key.tx";

/**
 * The transaction by which a restored validator's old vote key names its successor: the last thing that
 * the old key ever signs, and no vote. The nonce must be above every earlier one of the old key, of
 * which the backup may not know; wall time in ms is.
 */
export function newVoteKeyTransaction(options: {
  chainId: Uint8Array;
  from: Signer;
  to: Signer;
  nonce: number;
}): Uint8Array {
  const { chainId, from, nonce } = options;
  return signTransaction({
    chainId,
    module: moduleNumber.validators,
    action: validatorAction.succeed,
    nonce,
    payload: encodeSuccession(signSuccession(options)),
    signer: from,
  });
}

/** What the data folder holds of a new vote key; NEW_VOTE_KEY_DAMAGED where it does not read. */
export function loadNewVoteKey(dataDir: string): NewVoteKey | undefined {
  const path = join(dataDir, newVoteKeyFile);
  if (!existsSync(path)) return undefined;
  const transaction = new Uint8Array(readFileSync(path));
  const decoded = decodeTransaction(transaction);
  const succession = decoded.ok ? decodeSuccession(decoded.value.payload) : undefined;
  if (succession?.ok) return { transaction, succession: succession.value };
  throw new CodedError({
    code: "NEW_VOTE_KEY_DAMAGED",
    message: `${path} is damaged`,
    remedy: "restore this validator from its backup again",
  });
}
