import {
  accepted,
  ByteWriter,
  decodeBytes,
  type MalformedProblem,
  type Outcome,
} from "@voltfog/runtime";
import { quarantineName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { type ConsortiumChange, encodeChange, readChange } from "./consortium-change.ts";
import { quarantined } from "./consortium-effects.ts";
import {
  changeIdOf,
  decodeQuarantine,
  isQuarantined,
  validatorRecordOf,
} from "./consortium-records.ts";
import { approve, propose, withRemoval } from "./consortium-votes.ts";
import { contradictedHeight, decodeEquivocation, type Equivocation } from "./equivocation.ts";
import {
  type LedgerModule,
  moduleNumber,
  type TransactionContext,
  type Verdict,
} from "./module.ts";

export const consortiumAction = { propose: 1, approve: 2, accuse: 3 } as const;

/** u8 version · change: the payload of consortium/propose. */
export function encodeProposal(change: ConsortiumChange): Uint8Array {
  return new ByteWriter().u8(1).raw(encodeChange(change)).finish();
}

export function decodeProposal(bytes: Uint8Array): Outcome<ConsortiumChange, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const version = reader.u8();
    if (version !== 1) reader.fail(`proposal version ${version}, this reads 1`);
    return readChange(reader);
  });
}

/** raw32 changeId · u8 whether it is decided: data of an OK result of consortium/propose and /approve. */
export function decodeVoted(
  bytes: Uint8Array,
): Outcome<{ readonly changeId: Uint8Array; readonly decided: boolean }, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    const changeId = reader.raw(32);
    const flag = reader.u8();
    if (flag > 1) reader.fail(`decided is ${flag}`);
    return { changeId, decided: flag === 1 };
  });
}

/** Who the consortium is and what rules hold, by votes of its validators; and who broke the first of them. */
export const consortiumModule: LedgerModule = {
  number: moduleNumber.consortium,
  name: "consortium",
  prepare(action, payload) {
    if (action === consortiumAction.propose) {
      const change = decodeProposal(payload);
      if (!change.ok) return change;
      return accepted((state, context) => propose({ state, context, change: change.value }));
    }
    if (action === consortiumAction.approve) {
      const id = decodeBytes(payload, (reader) => reader.raw(32));
      if (!id.ok) return id;
      return accepted((state, context) => approve({ state, context, id: id.value }));
    }
    if (action !== consortiumAction.accuse) return undefined;
    const decoded = decodeEquivocation(payload);
    if (!decoded.ok) return decoded;
    return accepted((state, context) => accuse({ state, context, equivocation: decoded.value }));
  },
};

/**
 * Anyone may show that a validator contradicted itself; what it shows is proof enough. The validator
 * proposes nothing from the next height on, its votes still count, and its removal waits for votes.
 */
function accuse(request: {
  readonly state: StateTree;
  readonly context: TransactionContext;
  readonly equivocation: Equivocation;
}): Verdict {
  const { state, context, equivocation } = request;
  const { genesis, crypto, roster } = context;
  const accused = roster.ownerOf(equivocation.voteKey)?.id;
  if (accused === undefined || !roster.seats.some(({ id }) => id === accused)) {
    return { code: "VALIDATOR_UNKNOWN" };
  }
  if (isQuarantined(state, accused)) return { code: "ALREADY_QUARANTINED" };
  const { chainId } = genesis;
  const height = contradictedHeight({ equivocation, chainId, crypto });
  // What came before a release or an admission was settled by it.
  const settled = decodeQuarantine(state.get(quarantineName(accused)))?.releasedHeight ?? 0;
  const admitted = validatorRecordOf({ state, genesis, id: accused })?.admittedHeight ?? 0;
  if (height === undefined || height > context.height || height <= Math.max(settled, admitted)) {
    return { code: "EVIDENCE_INVALID" };
  }
  const change = { kind: "remove-validator", id: accused } as const;
  const changeId = changeIdOf({ change, ...context });
  const opened = withRemoval({ state, context, accused, id: changeId });
  return {
    code: "OK",
    state: quarantined({ state: opened, id: accused, changeId, context }),
    data: new ByteWriter().text(accused).raw(changeId).finish(),
  };
}
