import { assert } from "@voltfog/runtime";

/** What is left of a red envelope: at least one watt-hour for each share. */
export interface EnvelopeRest {
  readonly left_Wh: number;
  readonly sharesLeft: number;
}

/** Bytes of the seed that decide: what the modulus of 128 bits favours is below 2^-64. */
const seed_bytes = 16;

/**
 * The next share [Wh]: from 1 to twice the mean of what is left, each as likely, and the last one takes the
 * rest. So shares sum exactly to the envelope, each is at least 1, and all have nearly the same expectation
 * whoever comes first. The seed is a hash of 32 bytes.
 */
export function drawShare_Wh({ left_Wh, sharesLeft }: EnvelopeRest, seed: Uint8Array): number {
  assert(sharesLeft > 0 && left_Wh >= sharesLeft, "each share has a watt-hour");
  if (sharesLeft === 1) return left_Wh;
  const mean_Wh = Math.floor(left_Wh / sharesLeft);
  const most_Wh = Math.min(2 * mean_Wh, left_Wh - (sharesLeft - 1));
  const chance = seed.subarray(0, seed_bytes).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return 1 + Number((chance * BigInt(most_Wh)) >> BigInt(8 * seed_bytes));
}
