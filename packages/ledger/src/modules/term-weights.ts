import type { MalformedProblem, Outcome } from "@voltfog/runtime";
import type { StateTree } from "../state/state-tree.ts";
import { termWeightsName } from "../state/union-names.ts";
import { type ProposerPolicy, proposerPolicies } from "./consortium-change.ts";
import { weightsByScore } from "./turn-weights.ts";
import { delegatedTo, stakeOf } from "./union-records.ts";
import { readVersioned, writeVersioned } from "./versioned.ts";

/** Weights of a term that follow from money, and the policy by which they were drawn. */
export interface TermWeights {
  readonly policy: ProposerPolicy;
  readonly seats: readonly { readonly id: string; readonly weight: number }[];
}

/** Policies whose weights are drawn from the union's money at the end of each term. */
export type MoneyPolicy = "stake" | "delegated";

const seatsMax = 256;
/** Scores stay below 2^48, so that weights are exact; so much or less of the smallest unit counts as nothing. */
const scoreUnit = 64;

export function isMoneyPolicy(policy: ProposerPolicy): policy is MoneyPolicy {
  return policy === "stake" || policy === "delegated";
}

/** u8 1 · text policy · list of { text id · u8 weight }. */
export function encodeTermWeights({ policy, seats }: TermWeights): Uint8Array {
  const writer = writeVersioned().text(policy).u32(seats.length);
  for (const { id, weight } of seats) writer.text(id).u8(weight);
  return writer.finish();
}

export function decodeTermWeights(bytes: Uint8Array): Outcome<TermWeights, MalformedProblem> {
  return readVersioned(bytes, (reader) => {
    const text = reader.text();
    const policy = proposerPolicies.find((one) => one === text) ?? reader.fail(`policy ${text}`);
    const read = (): TermWeights["seats"][number] => ({ id: reader.text(), weight: reader.u8() });
    return { policy, seats: reader.list({ limit: seatsMax, read }) };
  });
}

/** Those drawn by a policy; none before the first term under it has ended. */
export function termWeightsIn(state: StateTree, policy: ProposerPolicy): TermWeights["seats"] {
  const value = state.get(termWeightsName);
  const decoded = value && decodeTermWeights(value);
  return decoded?.ok && decoded.value.policy === policy ? decoded.value.seats : [];
}

/** At the end of a term: an organisation's money counts once, in equal parts for its seats. */
export function withTermWeights(
  state: StateTree,
  policy: MoneyPolicy,
  seats: readonly { readonly id: string; readonly organisation: string }[],
): StateTree {
  const moneyOf = policy === "stake" ? stakeOf : delegatedTo;
  const scores = seats.map(({ organisation }) => {
    const sharing = seats.filter((one) => one.organisation === organisation).length;
    return Math.floor(moneyOf(state, organisation) / (scoreUnit * sharing));
  });
  const weights = weightsByScore(scores);
  const drawn = seats.map(({ id }, i) => ({ id, weight: weights[i] ?? 1 }));
  return state.with(termWeightsName, encodeTermWeights({ policy, seats: drawn }));
}
