import { isRingKey } from "@voltfog/market";
import { compareBytes } from "@voltfog/runtime";
import type { StateTree } from "../../state/state-tree.ts";
import { isOpened } from "../account-holders.ts";
import type { TransactionContext } from "../module.ts";
import { pileGroupName } from "./pile-names.ts";
import { encodeGroupOrder, type GroupOrder } from "./pile-orders.ts";

/** Names who confirms for the sender, or nobody any more. */
export function setGroup(
  state: StateTree,
  { sender }: TransactionContext,
  group: GroupOrder,
): StateTree | string {
  if (!isOpened(state, sender.key)) return "ACCOUNT_UNKNOWN";
  if (!isGroup(group)) return "GROUP_INVALID";
  return state.with(pileGroupName(sender.key), encodeGroupOrder(group));
}

/** None; or two and more different keys, rising, of which one to all must confirm. */
function isGroup({ threshold, keys }: GroupOrder): boolean {
  if (keys.length === 0) return threshold === 0;
  const rises = keys.every((key, i) => i === 0 || compareBytes(keys[i - 1] ?? key, key) < 0);
  const isReached = threshold >= 1 && threshold <= keys.length;
  return keys.length >= 2 && isReached && rises && keys.every(isRingKey);
}
