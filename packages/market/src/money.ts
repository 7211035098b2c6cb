import { assert } from "@voltfog/runtime";

/**
 * a · b / divisor, rounded down, exact however large the product. All are whole and not negative, the
 * divisor above 0; the result must be below 2^53.
 */
export function mulDiv(a: number, b: number, divisor: number): number {
  const product = a * b;
  if (Number.isSafeInteger(product)) return (product - (product % divisor)) / divisor;
  const exact = (BigInt(a) * BigInt(b)) / BigInt(divisor);
  assert(exact <= BigInt(Number.MAX_SAFE_INTEGER), "an amount is below 2^53");
  return Number(exact);
}

/** What so much energy costs [millionths], at a price per kilowatt-hour [millionths], rounded down. */
export function costOf(trade: { energy_Wh: number; pricePerKWh: number }): number {
  return mulDiv(trade.energy_Wh, trade.pricePerKWh, 1000);
}
