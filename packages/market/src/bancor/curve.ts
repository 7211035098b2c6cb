import { ceilRoot } from "./integer-root.ts";

/**
 * A price curve after Bancor: P = B / (S · CRR), with B the reserve [millionths of the currency], S the
 * supply [Wh] and CRR the reserve's weight [millionths].
 */
export interface PriceCurve {
  readonly reserve: number;
  readonly supply_Wh: number;
  /** A multiple of 50,000 up to 1,000,000. */
  readonly crrPpm: number;
}

/** Weights are twentieths, so that every price is a root of whole numbers and can be computed exactly. */
export const crrStepPpm = 50_000;
const twentieths = 20;
/** Twice as much is still a whole number: prices are doubled at most. */
const max = 2n ** 52n - 1n;

/** The two exponents of (S′/S)^(a/b) = (S′/S)^(1/CRR), without a common divisor. */
function exponent(crrPpm: number): { a: number; b: number } {
  const weight = crrPpm / crrStepPpm;
  const shared = [20, 10, 5, 4, 2, 1].find((one) => twentieths % one === 0 && weight % one === 0);
  return { a: twentieths / (shared ?? 1), b: weight / (shared ?? 1) };
}

/**
 * The reserve once the supply became another: ⌈B · (S′/S)^(1/CRR)⌉, exact. It is the least whole m with
 * m^b · S^a ≥ B^b · S′^a, so no approximation decides.
 */
function reserveAt(curve: PriceCurve, supply_Wh: number): bigint {
  const { a, b } = exponent(curve.crrPpm);
  const power = BigInt(curve.reserve) ** BigInt(b) * BigInt(supply_Wh) ** BigInt(a);
  const divisor = BigInt(curve.supply_Wh) ** BigInt(a);
  return ceilRoot((power + divisor - 1n) / divisor, b);
}

/** Price per kWh [millionths] of the next watt-hour, rounded down, at most 2^52 − 1: nothing is paid by it. */
export function spotPrice({ reserve, supply_Wh, crrPpm }: PriceCurve): number {
  const price = (BigInt(reserve) * 1_000_000_000n) / (BigInt(supply_Wh) * BigInt(crrPpm));
  return Number(price > max ? max : price);
}

/** The curve with so much more or less supply, and what the reserve gained or lost by it. */
export interface Conversion {
  readonly amount: number;
  readonly after: PriceCurve;
}

/**
 * What so much energy [Wh, at least 1] costs: B · ((1 + e/S)^(1/CRR) − 1), rounded up to a whole amount, so
 * the error is below 1 and in the curve's favour. Buying in parts never costs less. undefined where the
 * reserve would pass 2^52 − 1.
 */
export function buyFrom(curve: PriceCurve, energy_Wh: number): Conversion | undefined {
  const supply_Wh = curve.supply_Wh + energy_Wh;
  const reserve = reserveAt(curve, supply_Wh);
  if (reserve > max || !Number.isSafeInteger(supply_Wh)) return undefined;
  const after = { ...curve, reserve: Number(reserve), supply_Wh };
  return { amount: after.reserve - curve.reserve, after };
}

/**
 * What so much energy brings back: B · (1 − (1 − e/S)^(1/CRR)), rounded down, so buying and selling back
 * never gains. The reserve stays above 0. undefined unless something of the supply is left.
 */
export function sellTo(curve: PriceCurve, energy_Wh: number): Conversion | undefined {
  const supply_Wh = curve.supply_Wh - energy_Wh;
  if (supply_Wh < 1) return undefined;
  const after = { ...curve, reserve: Number(reserveAt(curve, supply_Wh)), supply_Wh };
  return { amount: curve.reserve - after.reserve, after };
}
