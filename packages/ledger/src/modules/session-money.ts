import { assert, toHex } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { balanceOf, moveMoney, type Pot } from "./account-money.ts";
import { operatorOf } from "./union-records.ts";

/** Where the money of a session is while it is not settled, and what is disputed of it. */
export function sessionPot(sessionId: Uint8Array): Pot {
  return { pot: `session/${toHex(sessionId)}` };
}

/** Pays what the rules made sure is there. */
export function pay(
  state: StateTree,
  payment: {
    from: Uint8Array | Pot;
    to: Uint8Array | Pot;
    amount: number;
  },
): StateTree {
  const paid = moveMoney(state, payment);
  assert(typeof paid !== "string", "a session's money is where it was put");
  return paid;
}

/** All that a pot still holds. */
export function emptied(state: StateTree, pot: Pot, to: Uint8Array): StateTree {
  return pay(state, { from: pot, to, amount: balanceOf(state, pot) });
}

/** Who is paid for an operator's energy. */
export function payeeOf(state: StateTree, organisation: string): Uint8Array {
  const key = operatorOf(state, organisation)?.key;
  assert(key !== undefined, "an operator's record stays when it leaves");
  return key;
}
