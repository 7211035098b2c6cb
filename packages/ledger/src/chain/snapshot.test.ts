import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createConsortium, finalise } from "../testing/consortium.ts";
import { Chain } from "./chain.ts";
import { decodeSnapshot, encodeSnapshot } from "./snapshot.ts";

const consortium = createConsortium({ crypto });
const { genesis } = consortium;
const chain = Chain.fromGenesis({ genesis, crypto });
finalise({ consortium, chain, transactions: [] });
const whole = chain.snapshot();

const decode = (bytes: Uint8Array) => decodeSnapshot({ bytes, genesis, crypto });

describe("a snapshot's decoder", () => {
  it("gives back what was written, in its one encoding", () => {
    const decoded = decode(whole);
    expect(decoded.ok && encodeSnapshot(decoded.value)).toEqual(whole);
  });

  it("never throws on arbitrary bytes, and takes none of them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(decode(bytes).ok).toBe(false);
        expect(decode(Uint8Array.of(1, ...bytes)).ok).toBe(false);
      }),
    );
  });

  it("takes no snapshot with a few bytes changed, cut off or added", () => {
    const place = fc.nat(whole.length - 1);
    const change = fc.tuple(place, fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(
        fc.uniqueArray(change, { minLength: 1, maxLength: 4, selector: ([at]) => at }),
        place,
        fc.uint8Array({ minLength: 1, maxLength: 8 }),
        (changes, length, more) => {
          const changed = whole.slice();
          for (const [at, bits] of changes) changed[at] = (changed[at] ?? 0) ^ bits;
          expect(decode(changed).ok).toBe(false);
          expect(decode(whole.subarray(0, length)).ok).toBe(false);
          expect(decode(Uint8Array.of(...whole, ...more)).ok).toBe(false);
        },
      ),
    );
  });
});
