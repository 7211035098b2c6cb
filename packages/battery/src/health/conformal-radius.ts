/**
 * The half width that holds the asked share of a new group's scores: the quantile of all scores with
 * every group weighing the same, and one group more at infinity (hierarchical conformal prediction:
 * Lee, Barber and Willett, "Distribution-free inference with hierarchical data", 2023). Scores are
 * absolute errors of rows whose group was not fitted. Infinity when there are too few groups for the
 * share, so that nothing is promised that was not seen. Cost: one sort.
 */
export function conformalRadius(o: {
  /** One list of absolute errors per group (cell); empty ones do not count. */
  scores: readonly (readonly number[])[];
  /** 0..1, as 0.9. */
  share: number;
}): number {
  const groups = o.scores.filter((scores) => scores.length > 0);
  const groupWeight = 1 / (groups.length + 1);
  const weighted = groups
    .flatMap((scores) => scores.map((score) => ({ score, weight: groupWeight / scores.length })))
    .sort((left, right) => left.score - right.score);
  let sum = 0;
  for (const { score, weight } of weighted) {
    sum += weight;
    // Weights are sums of thirds and sevenths: what rounding took must not cost one more score.
    if (sum >= o.share - 1e-9) return score;
  }
  return Number.POSITIVE_INFINITY;
}
