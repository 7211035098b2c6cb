/**
 * What a loss q = k·x^p grows by when x grows by dx: dq = k·p·(q/k)^((p−1)/p)·dx, so that k may change
 * from step to step with temperature and voltage. It is singular at q = 0 for p < 1, so the first step
 * is k·dx^p. Step form after BLAST-Lite (NREL).
 */
export function powerLawGrowth(o: {
  loss: number;
  rate: number;
  exponent: number;
  step: number;
}): number {
  const { loss, rate, exponent, step } = o;
  if (step <= 0 || rate <= 0) return 0;
  if (loss <= 0) return rate * step ** exponent;
  return rate * exponent * (loss / rate) ** ((exponent - 1) / exponent) * step;
}

/** The same for q = y·(1 − 2/(1 + exp((k·x)^p))), which ends at y: grown along x from where q stands. */
export function sigmoidGrowth(o: {
  loss: number;
  end: number;
  rate: number;
  exponent: number;
  step: number;
}): number {
  const { end, rate, exponent, step } = o;
  if (step <= 0 || end <= 0) return 0;
  // Past the end (the end fell with temperature) nothing more is lost.
  if (o.loss >= end) return 0;
  const reached = Math.log((end + o.loss) / (end - o.loss)) ** (1 / exponent) / rate;
  const after = end * (1 - 2 / (1 + Math.exp((rate * (reached + step)) ** exponent)));
  return Math.max(0, after - o.loss);
}
