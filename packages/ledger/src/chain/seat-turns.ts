import type { Genesis, Validator } from "../genesis/genesis.ts";
import { isQuarantined, organisationOf } from "../modules/consortium-records.ts";
import { proposerPolicyIn } from "../modules/consortium-rules.ts";
import { decodeQuality, type SeatQuality, termWeightOf } from "../modules/quality.ts";
import { termWeightsIn } from "../modules/term-weights.ts";
import { clampedWeights } from "../modules/turn-weights.ts";
import { qualityName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { faultTolerance } from "./quorum.ts";

/** What a seat has of the turns to propose. */
export interface TurnShare {
  /** 0 while it is quarantined. */
  readonly weight: number;
  /** Who goes first among equals: the lower one. */
  readonly rank: number;
}

/**
 * The turns of those who decide a block, from the state before it: by the service of the last terms or,
 * where the consortium voted for that, by what their organisations deposited or were delegated at the end
 * of the last one, or each one by the English names of their organisations. Clamped.
 */
export function seatTurns(options: {
  state: StateTree;
  genesis: Genesis;
  validators: readonly Validator[];
}): readonly TurnShare[] {
  const { state, validators } = options;
  const policy = proposerPolicyIn(state);
  const records = policy === "quality" ? qualityIn(state) : termWeightsIn(state, policy);
  const weights = clampedWeights({
    weights: validators.map(({ id }) => termWeightOf(id, records)),
    quarantined: validators.map(({ id }) => isQuarantined(state, id)),
    faulty: faultTolerance(validators.length),
  });
  const ranks = policy === "turn" ? ranksByName(options) : [...validators.keys()];
  return weights.map((weight, place) => ({ weight, rank: ranks[place] ?? place }));
}

/** Whether weights change with this block; never on a chain whose genesis file names no term. */
export function isTermEnd({ termBlocks }: Genesis, height: number): boolean {
  return termBlocks !== undefined && height % termBlocks === 0;
}

/** As the last block left it; empty before the first, and on a chain without terms. */
export function qualityIn(state: StateTree): readonly SeatQuality[] {
  const value = state.get(qualityName);
  const decoded = value && decodeQuality(value);
  return decoded?.ok ? decoded.value : [];
}

/** Places in the order of the organisations' names and, within one, of the ids; by code units, the same everywhere. */
function ranksByName(options: {
  state: StateTree;
  genesis: Genesis;
  validators: readonly Validator[];
}): number[] {
  const { state, genesis, validators } = options;
  const keys = validators.map(({ id, organisation }) => {
    const name = organisationOf({ state, genesis, id: organisation })?.name ?? organisation;
    return `${name}\n${id}`;
  });
  const sorted = [...keys].sort();
  return keys.map((key) => sorted.indexOf(key));
}
