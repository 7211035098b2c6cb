import { accepted, type MalformedProblem, type Outcome } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import type { PreparedAction, TransactionContext, Verdict } from "./module.ts";

/** One action of a module: from a payload's bytes to what it does. */
export type PrepareAction = (payload: Uint8Array) => Outcome<PreparedAction, MalformedProblem>;

/** An action that reads its payload's form first. */
export function prepared<T>(
  decode: (payload: Uint8Array) => Outcome<T, MalformedProblem>,
  run: (state: StateTree, context: TransactionContext, order: T, payload: Uint8Array) => Verdict,
): PrepareAction {
  return (payload) => {
    const order = decode(payload);
    if (!order.ok) return order;
    return accepted((state, context) => run(state, context, order.value, payload));
  };
}

/** An action that gives the state after it or a refusal's code; the data of its result are its payload. */
export function echoed<T>(
  run: (state: StateTree, context: TransactionContext, order: T) => StateTree | string,
): (state: StateTree, context: TransactionContext, order: T, payload: Uint8Array) => Verdict {
  return (state, context, order, data) => {
    const after = run(state, context, order);
    return typeof after === "string" ? { code: after } : { code: "OK", state: after, data };
  };
}
