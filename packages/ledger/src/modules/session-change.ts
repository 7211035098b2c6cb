import { concatBytes, equalBytes } from "@voltfog/runtime";
import { sessionName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { TransactionContext, Verdict } from "./module.ts";
import { encodeSession, type SessionRecord, sessionOf } from "./session-record.ts";

/** What an action made of one session; the record is not written yet. */
export interface SessionChange {
  readonly state: StateTree;
  readonly sessionId: Uint8Array;
  readonly session: SessionRecord;
}

/** What an action does, or the code of its refusal. */
export type SessionRun<T> = (
  state: StateTree,
  context: TransactionContext,
  order: T,
) => SessionChange | string;

/** Writes the record once and tells it, with the session's id, as the data of the result. */
export function told<T>(
  run: SessionRun<T>,
): (state: StateTree, context: TransactionContext, order: T) => Verdict {
  return (state, context, order) => {
    const change = run(state, context, order);
    if (typeof change === "string") return { code: change };
    const { sessionId, session } = change;
    const record = encodeSession(session);
    return {
      code: "OK",
      state: change.state.with(sessionName(sessionId), record),
      data: concatBytes(sessionId, record),
    };
  };
}

/** The session that its own charge point speaks of; the code where another one does. */
export function sessionAtPoint(
  state: StateTree,
  { sender }: TransactionContext,
  sessionId: Uint8Array,
): SessionRecord | "SESSION_UNKNOWN" | "OTHER_CHARGE_POINT" {
  const session = sessionOf(state, sessionId);
  if (session === undefined) return "SESSION_UNKNOWN";
  return equalBytes(session.chargePoint, sender.key) ? session : "OTHER_CHARGE_POINT";
}

/** Why a session takes no more readings; undefined while it is open. */
export function closedCode({ state }: SessionRecord): string | undefined {
  if (state === "authorised" || state === "charging") return undefined;
  return state === "cancelled" || state === "expired" ? "SESSION_CLOSED" : "ALREADY_SETTLED";
}
