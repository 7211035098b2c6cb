import { ByteWriter, decodeBytes, equalBytes } from "@voltfog/runtime";
import { changeName, changesName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import type { ConsortiumChange } from "./consortium-change.ts";
import { changeProblem, decided, isSetChange } from "./consortium-effects.ts";
import {
  type ChangeRecord,
  changeIdOf,
  changeLife,
  changeRecordOf,
  encodeChangeRecord,
  isQuarantined,
  pendingSetChange,
} from "./consortium-records.ts";
import { votesNeeded } from "./consortium-rules.ts";
import type { TransactionContext, Verdict } from "./module.ts";

/** Changes of one validator that wait for votes at a time. */
export const waitingChangesMax = 16;

/** Opens a change with its proposer's vote; a registration is done at once. */
export function propose(request: {
  readonly state: StateTree;
  readonly context: TransactionContext;
  readonly change: ConsortiumChange;
}): Verdict {
  const { state, context, change } = request;
  const voter = voterOf(request);
  if (voter === undefined) return { code: "NOT_AUTHORISED" };
  const problem = changeProblem(request);
  if (problem !== undefined) return { code: problem };
  const id = changeIdOf({ change, ...context });
  if (change.kind === "register") {
    return { code: "OK", state: decided(request), data: votedData(id, true) };
  }
  const opened = withOpened({ state, owner: voter, id, height: context.height });
  if (opened === undefined) return { code: "CHANGES_FULL" };
  const record = {
    change,
    proposedHeight: context.height,
    decidedHeight: undefined,
    approvals: [voter],
  };
  return settled({ state: opened, context, id, record });
}

/** Adds a validator's vote. Who voted already may ask again: fewer votes may be needed by now. */
export function approve(request: {
  readonly state: StateTree;
  readonly context: TransactionContext;
  readonly id: Uint8Array;
}): Verdict {
  const { state, context, id } = request;
  const voter = voterOf(request);
  if (voter === undefined) return { code: "NOT_AUTHORISED" };
  const record = changeRecordOf(state, id);
  if (record === undefined) return { code: "CHANGE_UNKNOWN" };
  if (record.decidedHeight !== undefined) return { code: "CHANGE_DECIDED" };
  if (isExpired(record, context.height)) return { code: "CHANGE_EXPIRED" };
  const problem = changeProblem({ change: record.change, state, context });
  if (problem !== undefined) return { code: problem };
  const isNew = !record.approvals.includes(voter);
  const approvals = isNew ? [...record.approvals, voter] : record.approvals;
  const verdict = settled({ state, context, id, record: { ...record, approvals } });
  const isDecided = verdict.data?.at(-1) === 1;
  return isNew || isDecided || verdict.code !== "OK" ? verdict : { code: "ALREADY_APPROVED" };
}

/** A removal that nobody has voted for yet, opened by the chain's own rules. */
export function withRemoval(options: {
  readonly state: StateTree;
  readonly context: TransactionContext;
  readonly accused: string;
  readonly id: Uint8Array;
}): StateTree {
  const { state, context, accused, id } = options;
  const { height } = context;
  const listed = withOpened({ state, owner: accused, id, height, limit: waitingChangesMax + 1 });
  const record = {
    change: { kind: "remove-validator", id: accused } as const,
    proposedHeight: height,
    decidedHeight: undefined,
    approvals: [],
  };
  return (listed ?? state).with(changeName(id), encodeChangeRecord(record));
}

/** The sending validator's id, where it may vote. */
function voterOf(request: {
  readonly state: StateTree;
  readonly context: TransactionContext;
}): string | undefined {
  const id = request.context.sender.validator?.id;
  return id === undefined || isQuarantined(request.state, id) ? undefined : id;
}

export function isExpired({ proposedHeight }: ChangeRecord, height: number): boolean {
  return height > proposedHeight + changeLife;
}

/** Keeps a change with its votes, and does it where they are enough. */
function settled(request: {
  readonly state: StateTree;
  readonly context: TransactionContext;
  readonly id: Uint8Array;
  readonly record: ChangeRecord;
}): Verdict {
  const { state, context, id, record } = request;
  const { change, approvals } = record;
  const { height, roster } = context;
  const votes = roster.seats.filter(
    (seat) => approvals.includes(seat.id) && !isQuarantined(state, seat.id),
  );
  const name = changeName(id);
  if (votes.length < votesNeeded({ change, state, roster })) {
    const data = votedData(id, false);
    return { code: "OK", state: state.with(name, encodeChangeRecord(record)), data };
  }
  if (isSetChange(change) && pendingSetChange(state) !== undefined) {
    return { code: "CHANGE_PENDING" };
  }
  const kept = state.with(name, encodeChangeRecord({ ...record, decidedHeight: height }));
  const done = decided({ change, state: kept, context });
  return { code: "OK", state: done, data: votedData(id, true) };
}

/** raw32 changeId · u8 whether it is decided. */
function votedData(id: Uint8Array, isDecided: boolean): Uint8Array {
  return new ByteWriter()
    .raw(id)
    .u8(isDecided ? 1 : 0)
    .finish();
}

/** The state with one more change in its owner's list; undefined where the list is full. */
function withOpened(options: {
  readonly state: StateTree;
  readonly owner: string;
  readonly id: Uint8Array;
  readonly height: number;
  readonly limit?: number;
}): StateTree | undefined {
  const { state, owner, id, height } = options;
  const open = waitingChangesOf({ state, owner, height }).filter((one) => !equalBytes(one, id));
  if (open.length >= (options.limit ?? waitingChangesMax)) return undefined;
  const writer = new ByteWriter().u8(1).u32(open.length + 1);
  for (const one of [...open, id]) writer.raw(one);
  return state.with(changesName(owner), writer.finish());
}

/** Ids of a validator's changes that may still be decided at a height, the oldest first. */
export function waitingChangesOf(options: {
  readonly state: StateTree;
  readonly owner: string;
  readonly height: number;
}): readonly Uint8Array[] {
  const { state, height } = options;
  const value = state.get(changesName(options.owner));
  if (value === undefined) return [];
  const decoded = decodeBytes(value, (reader) => {
    if (reader.u8() !== 1) reader.fail("unknown version");
    return reader.list({ limit: waitingChangesMax + 1, read: (inner) => inner.raw(32) });
  });
  if (!decoded.ok) return [];
  return decoded.value.filter((id) => {
    const record = changeRecordOf(state, id);
    return (
      record?.decidedHeight === undefined && record !== undefined && !isExpired(record, height)
    );
  });
}
