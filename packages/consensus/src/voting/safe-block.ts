import { toHex } from "@voltfog/runtime";
import type { RoundChangeClaim } from "./message.ts";

/** Which block may stand in a round that was changed to, where an earlier one may have been decided. */
export type SafeBlock =
  | { readonly kind: "any" }
  /** The block that a quorum prepared in this round, which its PREPAREs must prove. */
  | { readonly kind: "prepared"; readonly round: number }
  /** The block that may have been decided by a fast certificate. */
  | { readonly kind: "fast"; readonly digest: Uint8Array };

const anyBlock: SafeBlock = { kind: "any" };

/**
 * What a quorum's claims leave to propose, as in SBFT (Gueta and others, DSN 2019, view change): a block that
 * `fastClaims` = f + c + 1 voters gave shares for is fast evidence, of the highest round that so many of them
 * reached; the highest prepared block is slow evidence, and wins where its round is not below the fast one's.
 * Of a block decided in one phase, so many honest claims are among max(Q, 2f + 2c + 1), and no other block has
 * as many, so two such blocks are evidence of neither. `fastClaims` is undefined where there is no fast path.
 */
export function safeBlockOf(
  claims: readonly RoundChangeClaim[],
  fastClaims: number | undefined,
): SafeBlock {
  const prepared = highestPrepared(claims);
  const fast = fastClaims === undefined ? undefined : fastEvidence(claims, fastClaims);
  if (fast !== undefined && fast.round > (prepared ?? -1)) {
    return { kind: "fast", digest: fast.digest };
  }
  return prepared === undefined ? anyBlock : { kind: "prepared", round: prepared };
}

/** The highest prepared round among the claims, undefined where none holds anything. */
export function highestPrepared(claims: readonly RoundChangeClaim[]): number | undefined {
  let highest: number | undefined;
  for (const { prepared } of claims) {
    if (prepared !== undefined && prepared.round > (highest ?? -1)) highest = prepared.round;
  }
  return highest;
}

type Shared = NonNullable<RoundChangeClaim["fast"]>;

function fastEvidence(claims: readonly RoundChangeClaim[], fastClaims: number): Shared | undefined {
  const byDigest = new Map<string, Shared[]>();
  for (const { fast } of claims) {
    if (fast === undefined) continue;
    const digest = toHex(fast.digest);
    byDigest.set(digest, [...(byDigest.get(digest) ?? []), fast]);
  }
  const enough = [...byDigest.values()].filter((shares) => shares.length >= fastClaims);
  const [shares] = enough;
  if (shares === undefined || enough.length > 1) return undefined;
  return shares.sort((a, b) => b.round - a.round)[fastClaims - 1];
}
