import { assert, SeededRandom } from "@voltfog/runtime";

/** One fold: whose rows are fitted and whose are predicted. */
export interface Fold {
  readonly fitted: Int32Array;
  readonly leftOut: Int32Array;
}

/**
 * Splits rows into folds so that all rows of a group fall into the same one. Groups are shuffled by the
 * seed and dealt out in turn, so each fold gets as many groups as the others, one more at most.
 */
export function groupedFolds(o: {
  groups: readonly string[];
  folds: number;
  seed: number;
}): readonly Fold[] {
  const random = new SeededRandom(o.seed);
  const order = [...new Set(o.groups)].map((group) => ({ group, at: random.uniform() }));
  order.sort((left, right) => left.at - right.at);
  assert(order.length >= o.folds, "there are at least as many groups as folds");
  const foldOf = new Map(order.map(({ group }, index) => [group, index % o.folds]));
  const rows = o.groups.map((group, row) => ({ row, fold: foldOf.get(group) }));
  return Array.from({ length: o.folds }, (_, fold) => ({
    fitted: Int32Array.from(rows.filter((at) => at.fold !== fold).map(({ row }) => row)),
    leftOut: Int32Array.from(rows.filter((at) => at.fold === fold).map(({ row }) => row)),
  }));
}
