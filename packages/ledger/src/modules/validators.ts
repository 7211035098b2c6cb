import { accepted, equalBytes } from "@voltfog/runtime";
import { succeeded } from "../chain/validator-set.ts";
import type { Genesis, Validator } from "../genesis/genesis.ts";
import { deviceName, keyName, successionName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { keyIdOf } from "./device-record.ts";
import {
  decodeSuccession,
  encodeSuccession,
  type KeySuccession,
  successionsIn,
  successionsMax,
  verifySuccession,
} from "./key-succession.ts";
import {
  type LedgerModule,
  moduleNumber,
  type TransactionContext,
  type Verdict,
} from "./module.ts";

export const validatorAction = { succeed: 1 } as const;

/** Vote keys: a validator that came back from a backup votes with a new one, and never with the old. */
export const validatorsModule: LedgerModule = {
  number: moduleNumber.validators,
  name: "validators",
  prepare(action, payload) {
    if (action !== validatorAction.succeed) return undefined;
    const decoded = decodeSuccession(payload);
    if (!decoded.ok) return decoded;
    return accepted((state, context) => succeed({ state, context, succession: decoded.value }));
  },
};

/**
 * From the next height on the new key stands in the old one's place. The old key, the current one of its
 * place, says so itself, so nobody else can; whoever sends it only carries it.
 */
function succeed(request: {
  readonly state: StateTree;
  readonly context: TransactionContext;
  readonly succession: KeySuccession;
}): Verdict {
  const { state, context, succession } = request;
  const { genesis, crypto, roster } = context;
  const taken = successionsIn(state, roster.successions);
  const current = taken
    .slice(roster.successions.length)
    .reduce<readonly Validator[]>((seats, one) => succeeded(seats, one) ?? seats, roster.seats);
  const validator = current.find(({ voteKey }) => equalBytes(voteKey, succession.oldKey));
  if (validator === undefined) return { code: "VALIDATOR_UNKNOWN" };
  if (!isAuthorised(context, validator)) return { code: "NOT_AUTHORISED" };
  if (taken.length >= successionsMax) return { code: "SUCCESSIONS_FULL" };
  const { newKey } = succession;
  const isDevice = state.get(deviceName(keyIdOf(newKey, crypto))) !== undefined;
  if (isDevice || isVoteKey({ state, genesis, key: newKey })) return { code: "KEY_TAKEN" };
  if (!verifySuccession({ succession, chainId: genesis.chainId, crypto })) {
    return { code: "SIGNATURE_INVALID" };
  }
  const data = encodeSuccession(succession);
  return { code: "OK", state: state.with(successionName(taken.length + 1), data), data };
}

/** Any validator, or a unit of the validator's organisation. */
function isAuthorised({ sender }: TransactionContext, { organisation }: Validator): boolean {
  return sender.validator !== undefined || sender.unit?.organisation === organisation;
}

/** Whether a key is or was a validator's, to vote or to cosign; such a key never gets another role. */
export function isVoteKey(options: {
  state: StateTree;
  genesis: Genesis;
  key: Uint8Array;
}): boolean {
  const { key } = options;
  return (
    options.state.get(keyName(key)) !== undefined ||
    options.genesis.validators.some(({ voteKey }) => equalBytes(voteKey, key)) ||
    successionsIn(options.state).some(({ newKey }) => equalBytes(newKey, key))
  );
}
