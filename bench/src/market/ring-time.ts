import { exampleRing, verifyRing } from "@voltfog/market";
import { assert, type Clock } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";

/** Members of the ring: who of eight confirmed is not told. */
export const ringSize = 8;

/** Times of so many verifications of one confirmation, in ms. */
export function ringTimes(o: { count: number; clock: Clock }): readonly number[] {
  const { statement, signature } = exampleRing({ size: ringSize, crypto });
  assert(signature !== undefined, "a member signs");
  return Array.from({ length: o.count }, () => {
    const start_ms = o.clock.monotonic_ms();
    assert(verifyRing({ statement, signature, crypto }), "the signature is good");
    return o.clock.monotonic_ms() - start_ms;
  });
}
