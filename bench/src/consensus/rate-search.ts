/** What a rate was tried with, and whether it met the bound. */
export interface Tried<Result> {
  readonly rate_Hz: number;
  readonly result: Result;
  readonly isGood: boolean;
}

/**
 * The highest rate that is good: doubles from the first one until it is not, halves where the first is not,
 * then tries the middle (by ratio) between the two. At most `stepsMax` tries; undefined where none was good.
 */
export async function searchRate<Result>(options: {
  first_Hz: number;
  stepsMax: number;
  run: (rate_Hz: number) => Promise<Result>;
  isGood: (result: Result) => boolean;
}): Promise<Tried<Result> | undefined> {
  let best: Tried<Result> | undefined;
  let bad_Hz: number | undefined;
  let rate_Hz = options.first_Hz;
  for (let step = 0; step < options.stepsMax; step++) {
    const result = await options.run(rate_Hz);
    const isGood = options.isGood(result);
    if (isGood) best = { rate_Hz, result, isGood };
    else bad_Hz = rate_Hz;
    rate_Hz = nextRate(best?.rate_Hz, bad_Hz);
  }
  return best;
}

function nextRate(good_Hz: number | undefined, bad_Hz: number | undefined): number {
  if (good_Hz === undefined) return Math.max(1, Math.round((bad_Hz ?? 2) / 2));
  if (bad_Hz === undefined) return 2 * good_Hz;
  return Math.max(1, Math.round(Math.sqrt(good_Hz * bad_Hz)));
}
