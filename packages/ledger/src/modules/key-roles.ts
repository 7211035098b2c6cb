import type { Crypto } from "@voltfog/runtime";
import type { Genesis } from "../genesis/genesis.ts";
import { accountHolderName } from "../state/money-names.ts";
import { deviceName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { chargePointName } from "../state/union-names.ts";
import { keyIdOf } from "./device-record.ts";
import { isVoteKey } from "./validators.ts";

/** Whether a key has or had a role that no other may be added to: account, charge point, device or vote key. */
export function hasRole(options: {
  state: StateTree;
  genesis: Genesis;
  key: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { state, key, crypto } = options;
  return (
    state.get(accountHolderName(key)) !== undefined ||
    state.get(chargePointName(key)) !== undefined ||
    state.get(deviceName(keyIdOf(key, crypto))) !== undefined ||
    isVoteKey(options)
  );
}
