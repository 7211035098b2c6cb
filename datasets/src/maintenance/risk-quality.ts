/** A score beside what became of it. */
export interface Ranked {
  readonly score: number;
  readonly fails: boolean;
}

/** The chance that one that fails scores above one that does not; ties count half. By ranks: n·log n. */
export function auroc(ranked: readonly Ranked[]): number {
  const sorted = [...ranked].sort((left, right) => left.score - right.score);
  let [rankSum, failing] = [0, 0];
  for (let from = 0; from < sorted.length; ) {
    let to = from;
    while (to < sorted.length && sorted[to]?.score === sorted[from]?.score) to++;
    const tied = sorted.slice(from, to).filter(({ fails }) => fails).length;
    // Ranks count from 1; tied ones share their middle.
    rankSum += tied * ((from + to + 1) / 2);
    failing += tied;
    from = to;
  }
  const sound = sorted.length - failing;
  if (failing === 0 || sound === 0) return Number.NaN;
  return (rankSum - (failing * (failing + 1)) / 2) / (failing * sound);
}

/** Mean distance between told and seen shares over equally filled bins of the told chance. */
export function calibrationError(
  told: readonly { readonly chance: number; readonly fails: boolean }[],
  bins = 20,
): number {
  const sorted = [...told].sort((left, right) => left.chance - right.chance);
  let error = 0;
  for (let bin = 0; bin < bins; bin++) {
    const from = Math.floor((bin * sorted.length) / bins);
    const own = sorted.slice(from, Math.floor(((bin + 1) * sorted.length) / bins));
    const chance = own.reduce((sum, one) => sum + one.chance, 0);
    error += Math.abs(chance - own.filter(({ fails }) => fails).length);
  }
  return error / Math.max(1, sorted.length);
}
