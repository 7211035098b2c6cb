import { type CommitCertificate, slotOf } from "./message.ts";
import { validBlock } from "./state.ts";
import type { Turn } from "./turn.ts";

/**
 * As the collector of what decides: shows it to everybody, or holds it back for this voter's own proposal of
 * the next height, where the flow has it so. [C3]
 */
export function showOrHold(turn: Turn, certificate: CommitCertificate): void {
  if (isNextProposer(turn, certificate)) turn.set({ unshown: certificate });
  else turn.broadcast(certificate);
}

/** Whether this voter will propose on top of a block, and the block is here, so that it can. */
function isNextProposer(turn: Turn, { digest }: CommitCertificate): boolean {
  const { flow } = turn.context;
  if (!flow.isDecisionProposed || validBlock(turn.state, digest) === undefined) return false;
  const next = { ...turn.place(0), height: turn.state.height + 1 };
  return flow.proposer(next) === turn.state.self;
}

/**
 * At the height after a decision that was held back: it waits for this voter's proposal if that can come
 * within the time to hold it, and goes alone otherwise. [C3]
 */
export function holdOn(turn: Turn, { earliest_ms }: { earliest_ms: number }): void {
  const { unshown, self, round, due } = turn.state;
  if (unshown === undefined) return;
  const hold_ms = turn.context.timing.hold_ms ?? 5;
  const isSoon = due || earliest_ms <= hold_ms;
  if (isSoon && round === 0 && self !== undefined && turn.proposer() === self) {
    turn.emit({ type: "set-timer", timer: "show", delay_ms: hold_ms });
  } else {
    showHeld(turn);
  }
}

/** It has waited long enough. */
export function showHeld(turn: Turn): void {
  const { unshown } = turn.state;
  if (unshown === undefined) return;
  turn.set({ unshown: undefined });
  turn.broadcast(unshown);
}

/** What a proposal of the next height shows of this one, where the flow has it so and it belongs here. */
export function parentIn(
  turn: Turn,
  message: { readonly parent?: CommitCertificate; readonly height: number },
): CommitCertificate | undefined {
  const { parent, height } = message;
  if (!turn.context.flow.isDecisionProposed || parent === undefined) return undefined;
  const isOfThis = slotOf(parent).height === turn.state.height && height === turn.state.height + 1;
  return isOfThis ? parent : undefined;
}
