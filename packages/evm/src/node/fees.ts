/** What a transaction offers per unit of gas, in wei. */
export interface Fees {
  /** A chain from before EIP-1559, or without fees of that kind: both are the gas price. */
  readonly isLegacy: boolean;
  readonly max: bigint;
  readonly tip: bigint;
}

/**
 * What to offer now. The base fee rises by at most an eighth a block, so twice of it holds for five full
 * blocks.
 */
export function feesNow(o: {
  baseFee: bigint | undefined;
  suggestedTip: bigint;
  limit: bigint;
}): Fees {
  const tip = least(o.suggestedTip, o.limit);
  if (o.baseFee === undefined) return { isLegacy: true, max: tip, tip };
  return { isLegacy: false, max: least(2n * o.baseFee + tip, o.limit), tip };
}

/**
 * What a replacement offers: at least a quarter more of both than the one before, since nodes take none
 * below a tenth more, and at least what is due now. undefined where the limit leaves no room for that.
 */
export function raisedFees(o: { before: Fees; now: Fees; limit: bigint }): Fees | undefined {
  const { before, now, limit } = o;
  const max = most(now.max, quarterMore(before.max));
  const tip = most(now.tip, quarterMore(before.tip));
  return max > limit ? undefined : { isLegacy: now.isLegacy, max, tip: least(tip, max) };
}

function quarterMore(value: bigint): bigint {
  return value + value / 4n + 1n;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
