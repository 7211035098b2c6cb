import type { Random } from "@voltfog/runtime";

const places = 16_384;

const a = [
  -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2,
  -3.066479806614716e1, 2.506628277459239,
] as const;
const b = [
  -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
  -1.328068155288572e1,
] as const;
const c = [
  -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
  4.374664141464968, 2.938163982698783,
] as const;
const d = [
  7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416,
] as const;
const tail = 0.02425;

/**
 * Standard normal draws from a table of 16,384 evenly likely quantiles: one uniform draw each, about
 * 5 ns, and nothing beyond four standard deviations. Quantiles by Acklam's rational approximation,
 * relative error below 1.2e-9.
 */
const quantiles: Float64Array = Float64Array.from({ length: places }, (_, i) =>
  normalQuantile((i + 0.5) / places),
);

export function quickNormal(random: Random): number {
  return quantiles[Math.floor(random.uniform() * places)] ?? 0;
}

function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p >= tail) {
    const q = p - 0.5;
    const r = q * q;
    return (q * polynomial(a, r)) / (polynomial(b, r) * r + 1);
  }
  const q = Math.sqrt(-2 * Math.log(p));
  return polynomial(c, q) / (polynomial(d, q) * q + 1);
}

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
