import { assert } from "@voltfog/runtime";

/**
 * The published sums of one match, exact. Costs are counted in 10^−12 of a millionth of the currency, so that
 * millimetres × milliwatt-hours per kilometre × millionths per kilowatt-hour are whole numbers:
 * TC = distance · use · own price, EC = p · α, F = r · α, CC = EC + TC_C + F, CP = TC_P + F.
 */
export interface MatchTerms {
  readonly energy_Wh: number;
  readonly pricePerKWh: number;
  /** r, in millionths of the currency per kWh. */
  readonly feePerKWh: number;
  readonly consumerWay_mm: number;
  readonly providerWay_mm: number;
  /** Use [mWh per km] × own price [millionths per kWh]. */
  readonly consumerRate: bigint;
  readonly providerRate: bigint;
}

const perThousandth = 1_000_000_000n;

/** CC in 10^−12 millionths. */
export function consumerCostOf(terms: MatchTerms): bigint {
  return paidOf(terms, 1) + BigInt(terms.consumerWay_mm) * terms.consumerRate;
}

/** p · α − CP in 10^−12 millionths; below 0 is a loss. */
export function profitOf(terms: MatchTerms): bigint {
  return paidOf(terms, -1) - BigInt(terms.providerWay_mm) * terms.providerRate;
}

function paidOf({ pricePerKWh, feePerKWh, energy_Wh }: MatchTerms, feeSign: 1 | -1): bigint {
  return BigInt(pricePerKWh + feeSign * feePerKWh) * BigInt(energy_Wh) * perThousandth;
}

/** Below 0 where a's UC is lower, or equal with a higher UP; 0 where both are equal. */
export function compareTerms(a: MatchTerms, b: MatchTerms): number {
  const [ofA, ofB] = [BigInt(a.energy_Wh), BigInt(b.energy_Wh)];
  const cost = consumerCostOf(a) * ofB - consumerCostOf(b) * ofA;
  if (cost !== 0n) return cost < 0n ? -1 : 1;
  const profit = profitOf(b) * ofA - profitOf(a) * ofB;
  if (profit === 0n) return 0;
  return profit < 0n ? -1 : 1;
}

/** A match's amounts. */
export interface MatchAmounts {
  /** UC and UP per kWh. */
  readonly unitCost: number;
  readonly unitProfit: number;
  /** EC, which is also the provider's revenue. */
  readonly energyCost: number;
  /** F, which each side pays. */
  readonly fee: number;
  readonly consumerTravelCost: number;
  readonly providerTravelCost: number;
  /** CC and CP. */
  readonly consumerCost: number;
  readonly providerCost: number;
}

/** Rounded down to millionths of a millionth, for the eye and for comparison. */
export function amountsOf(terms: MatchTerms): MatchAmounts {
  const { energy_Wh, pricePerKWh, feePerKWh } = terms;
  const thousandths = BigInt(energy_Wh) * perThousandth;
  const energyCost = BigInt(pricePerKWh) * thousandths;
  const fee = BigInt(feePerKWh) * thousandths;
  const consumerTravel = BigInt(terms.consumerWay_mm) * terms.consumerRate;
  const providerTravel = BigInt(terms.providerWay_mm) * terms.providerRate;
  const perKWh = (amount: bigint): number => decimalOf((amount * 1000n) / BigInt(energy_Wh));
  return {
    unitCost: perKWh(consumerCostOf(terms)),
    unitProfit: perKWh(profitOf(terms)),
    energyCost: decimalOf(energyCost),
    fee: decimalOf(fee),
    consumerTravelCost: decimalOf(consumerTravel),
    providerTravelCost: decimalOf(providerTravel),
    consumerCost: decimalOf(energyCost + consumerTravel + fee),
    providerCost: decimalOf(providerTravel + fee),
  };
}

/** What a match makes the consumer pay, in whole millionths. */
export interface MatchPayment {
  /** EC rounded up, so that rounding never makes the provider's profit a loss. */
  readonly energyCost: number;
  /** F rounded down, for each side. Both together are never above the exact sum's next whole number. */
  readonly fee: number;
}

export function paymentOf(terms: MatchTerms): MatchPayment {
  const { energy_Wh, pricePerKWh, feePerKWh } = terms;
  const energyCost = (BigInt(pricePerKWh) * BigInt(energy_Wh) + 999n) / 1000n;
  const fee = (BigInt(feePerKWh) * BigInt(energy_Wh)) / 1000n;
  assert(energyCost + fee <= BigInt(Number.MAX_SAFE_INTEGER), "an amount is below 2^53");
  return { energyCost: Number(energyCost), fee: Number(fee) };
}

/** 10^−12 millionths as millionths with six decimals, rounded down. */
function decimalOf(amount: bigint): number {
  return Number(amount / 1_000_000n) / 1_000_000;
}
