import {
  type ConsortiumChange,
  consortiumAction,
  decodeProposal,
  decodeTransaction,
  decodeVoted,
  type Result,
} from "@voltfog/ledger";
import type { ApprovalView, ChangeView } from "@voltfog/messages";
import { type ByteReader, decodeBytes, toHex } from "@voltfog/runtime";
import type { Consortium } from "../finality/consortium.ts";
import { changeFields, changeSentence } from "./change-words.ts";

/** A transaction of the consortium module that was not refused, with its bytes. */
export interface ConsortiumStep {
  readonly result: Result;
  readonly transaction: Uint8Array;
}

/** Blocks that a change waits for votes (docs/specs/chain.md §3). */
const life = 10_000;

interface Draft {
  readonly change: ConsortiumChange;
  readonly proposedHeight: number;
  readonly proposedBy: string | null;
  readonly transaction: string;
  readonly approvals: ApprovalView[];
  decidedHeight: number | null;
}

/** Every change that was proposed, newest first, with who voted for it. `steps` come oldest first. */
export function changeViews(options: {
  steps: readonly ConsortiumStep[];
  consortium: Consortium;
  height: number;
}): readonly ChangeView[] {
  const { steps, consortium, height } = options;
  const drafts = new Map<string, Draft>();
  for (const step of steps) take(drafts, step, consortium);
  return [...drafts]
    .map(([id, { change, ...draft }]) => ({
      id,
      kind: change.kind,
      sentence: changeSentence(change),
      fields: [...changeFields(change)],
      ...draft,
      expiresHeight: draft.proposedHeight + life,
      state: stateOf(draft, height),
    }))
    .toReversed();
}

function stateOf(
  draft: Pick<Draft, "decidedHeight" | "proposedHeight">,
  height: number,
): ChangeView["state"] {
  if (draft.decidedHeight !== null) return "decided";
  return height > draft.proposedHeight + life ? "expired" : "open";
}

function take(drafts: Map<string, Draft>, step: ConsortiumStep, consortium: Consortium): void {
  const { result } = step;
  if (result.action === consortiumAction.accuse) {
    takeAccusation(drafts, result);
    return;
  }
  const voted = decodeVoted(result.data);
  if (!voted.ok) return;
  const id = toHex(voted.value.changeId);
  if (result.action === consortiumAction.propose) takeProposal(drafts, { step, id, consortium });
  const draft = drafts.get(id);
  if (draft === undefined) return;
  const approver = consortium.nameOf(result.sender);
  // Who voted before may ask again whether fewer votes are enough by now.
  if (draft.approvals.every((one) => one.id !== approver) && draft.change.kind !== "register") {
    const { height } = result;
    draft.approvals.push({ id: approver, height, transaction: toHex(result.txHash) });
  }
  if (voted.value.decided) draft.decidedHeight = result.height;
}

function takeProposal(
  drafts: Map<string, Draft>,
  options: { step: ConsortiumStep; id: string; consortium: Consortium },
): void {
  const { result, transaction } = options.step;
  const decoded = decodeTransaction(transaction);
  const change = decoded.ok ? decodeProposal(decoded.value.payload) : decoded;
  if (!change.ok) return;
  drafts.set(options.id, {
    change: change.value,
    proposedHeight: result.height,
    proposedBy: options.consortium.nameOf(result.sender),
    transaction: toHex(result.txHash),
    approvals: [],
    decidedHeight: null,
  });
}

/** The chain itself opens the removal of a validator that contradicted itself; nobody has voted for it yet. */
function takeAccusation(drafts: Map<string, Draft>, result: Result): void {
  const accused = decodeAccused(result.data);
  if (accused === undefined) return;
  drafts.set(accused.changeId, {
    change: { kind: "remove-validator", id: accused.id },
    proposedHeight: result.height,
    proposedBy: null,
    transaction: toHex(result.txHash),
    approvals: [],
    decidedHeight: null,
  });
}

/** Data of an OK result of consortium/accuse: text id · raw 32 changeId. */
export function decodeAccused(
  data: Uint8Array,
): { readonly id: string; readonly changeId: string } | undefined {
  const decoded = decodeBytes(data, (reader: ByteReader) => ({
    id: reader.text(),
    changeId: toHex(reader.raw(32)),
  }));
  return decoded.ok ? decoded.value : undefined;
}
