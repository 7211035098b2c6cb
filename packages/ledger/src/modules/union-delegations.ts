import { decodeBytes } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { delegationName } from "../state/union-names.ts";
import { isOpened } from "./account-holders.ts";
import { moveMoney } from "./account-money.ts";
import type { TransactionContext } from "./module.ts";
import type { Delegation } from "./union-payloads.ts";
import { delegatedPot, operatorOf } from "./union-records.ts";
import { writeVersioned } from "./versioned.ts";

/** What an account has delegated to an organisation. */
export function delegationOf(
  state: StateTree,
  one: { organisation: string; key: Uint8Array },
): number {
  const value = state.get(delegationName(one));
  const decoded = value && decodeBytes(value, (reader) => [reader.u8(), reader.u64()]);
  return decoded?.ok ? (decoded.value[1] ?? 0) : 0;
}

/**
 * Sets money of the sender aside for an organisation: it counts for its turns where the consortium voted
 * for that, and comes back whole when it is taken back.
 */
export function delegate(
  state: StateTree,
  { sender }: TransactionContext,
  { organisation, amount }: Delegation,
): StateTree | string {
  if (!isOpened(state, sender.key)) return "ACCOUNT_UNKNOWN";
  const operator = operatorOf(state, organisation);
  if (operator === undefined || operator.leftHeight !== undefined) return "OPERATOR_UNKNOWN";
  const to = delegatedPot(organisation);
  const paid = moveMoney(state, { from: sender.key, to, amount });
  if (typeof paid === "string") return paid;
  return withDelegation(paid, { organisation, key: sender.key }, amount);
}

/** Also from an organisation that left. */
export function undelegate(
  state: StateTree,
  { sender }: TransactionContext,
  { organisation, amount }: Delegation,
): StateTree | string {
  const one = { organisation, key: sender.key };
  if (delegationOf(state, one) < amount) return "BALANCE_TOO_LOW";
  const paid = moveMoney(state, { from: delegatedPot(organisation), to: sender.key, amount });
  if (typeof paid === "string") return paid;
  return withDelegation(paid, one, -amount);
}

/** u8 1 · u64: the value of a delegation/ name. */
function withDelegation(
  state: StateTree,
  one: { organisation: string; key: Uint8Array },
  change: number,
): StateTree {
  const amount = delegationOf(state, one) + change;
  return state.with(delegationName(one), writeVersioned().u64(amount).finish());
}
