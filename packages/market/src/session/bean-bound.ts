/**
 * The most beans that an operator may have outstanding [Wh]: at its tariff they cost no more than the
 * rewards that it has earned [millionths]. Rounded down; 2^53 − 1 where energy costs nothing.
 */
export function beanBound_Wh(issuer: { earned: number; pricePerKWh: number }): number {
  const { earned, pricePerKWh } = issuer;
  if (pricePerKWh === 0) return Number.MAX_SAFE_INTEGER;
  const bound = (BigInt(earned) * 1000n) / BigInt(pricePerKWh);
  return bound > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(bound);
}
