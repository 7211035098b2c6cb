import { ByteWriter, decodeBytes } from "@voltfog/runtime";
import { proposerPolicyName, ruleName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import {
  type ChangeKind,
  type ConsortiumChange,
  changeKinds,
  type ProposerPolicy,
  proposerPolicies,
} from "./consortium-change.ts";
import { isQuarantined } from "./consortium-records.ts";
import type { Roster } from "./module.ts";

/** The share of votes that a change needs. */
export interface Threshold {
  readonly numerator: number;
  readonly denominator: number;
}

const everyone: Threshold = { numerator: 1, denominator: 1 };

/** Whether a threshold of this name can be set: every kind of change that is voted on has one. */
export function isRule(rule: string): rule is Exclude<ChangeKind, "register"> {
  return rule !== "register" && changeKinds.some((kind) => kind === rule);
}

/** u8 1 · u8 numerator · u8 denominator: the value of a rule/ name. */
export function encodeThreshold({ numerator, denominator }: Threshold): Uint8Array {
  return new ByteWriter().u8(1).u8(numerator).u8(denominator).finish();
}

/** All votes, unless the consortium voted on another share for this kind of change. */
export function thresholdOf(state: StateTree, kind: ChangeKind): Threshold {
  const value = state.get(ruleName(kind));
  if (value === undefined) return everyone;
  const decoded = decodeBytes(value, (reader) => {
    if (reader.u8() !== 1) reader.fail("unknown version");
    return { numerator: reader.u8(), denominator: reader.u8() };
  });
  return decoded.ok ? decoded.value : everyone;
}

/** u8 1 · text policy: the value of the name proposer-policy. */
export function encodePolicy(policy: ProposerPolicy): Uint8Array {
  return new ByteWriter().u8(1).text(policy).finish();
}

/** Who gets the turns to propose; quality unless the consortium voted on another. */
export function proposerPolicyIn(state: StateTree): ProposerPolicy {
  const value = state.get(proposerPolicyName);
  const decoded =
    value &&
    decodeBytes(value, (reader) => {
      if (reader.u8() !== 1) reader.fail("unknown version");
      return reader.text();
    });
  const text = decoded?.ok ? decoded.value : undefined;
  return proposerPolicies.find((policy) => policy === text) ?? "quality";
}

/**
 * Approvals that decide a change now. The kind's share is of those who may vote on it: no quarantined
 * validator and, since nobody can be made to agree to it, not the one that is to leave. It is never less
 * than most of all validators, so that a few cannot vote the others out one by one.
 */
export function votesNeeded(options: {
  change: ConsortiumChange;
  state: StateTree;
  roster: Pick<Roster, "seats">;
}): number {
  const { change, state, roster } = options;
  const leaving = change.kind === "remove-validator" ? change.id : undefined;
  const voters = roster.seats.filter(({ id }) => id !== leaving && !isQuarantined(state, id));
  const { numerator, denominator } = thresholdOf(state, change.kind);
  const share = Math.ceil((voters.length * numerator) / denominator);
  return Math.max(share, Math.floor(roster.seats.length / 2) + 1);
}
