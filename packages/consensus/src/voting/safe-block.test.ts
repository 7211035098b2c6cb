import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RoundChangeClaim } from "./message.ts";
import { type SafeBlock, safeBlockOf } from "./safe-block.ts";

type Held = readonly [round: number, block: number];

const digest = (block: number): Uint8Array => new Uint8Array(32).fill(block);
const held = (at: Held | undefined) => at && { round: at[0], digest: digest(at[1]) };

/** Claims for round 9: what each voter holds prepared, and what it gave its last share for. */
function claimsOf(
  voters: readonly { readonly prepared?: Held; readonly fast?: Held }[],
): RoundChangeClaim[] {
  return voters.map(({ prepared, fast }, voter) => {
    const shared = held(fast);
    return {
      height: 1,
      round: 9,
      voter,
      prepared: held(prepared),
      ...(shared === undefined ? {} : { fast: shared }),
      signature: new Uint8Array(64),
    };
  });
}

const fastBlock = (block: number): SafeBlock => ({ kind: "fast", digest: digest(block) });

describe("the block that a changed round may have", () => {
  it("is any where nobody holds one, and the highest prepared one where somebody does", () => {
    expect(safeBlockOf(claimsOf([{}, {}, {}]), 2)).toEqual({ kind: "any" });
    const claims = claimsOf([{ prepared: [0, 1] }, { prepared: [3, 2] }, {}]);
    expect(safeBlockOf(claims, undefined)).toEqual({ kind: "prepared", round: 3 });
  });

  it("is the one that f + c + 1 voters gave shares for, and not with one fewer", () => {
    const claims = claimsOf([{ fast: [0, 1] }, { fast: [0, 1] }, {}]);
    expect(safeBlockOf(claims, 2)).toEqual(fastBlock(1));
    expect(safeBlockOf(claims, 3)).toEqual({ kind: "any" });
    expect(safeBlockOf(claims, undefined)).toEqual({ kind: "any" });
  });

  it("is the prepared one unless the shares are of a higher round than it", () => {
    const shares = { fast: [2, 1] } as const;
    const mixed = (round: number) => claimsOf([{ ...shares, prepared: [round, 2] }, shares, {}]);
    expect(safeBlockOf(mixed(1), 2)).toEqual(fastBlock(1));
    expect(safeBlockOf(mixed(2), 2)).toEqual({ kind: "prepared", round: 2 });
    expect(safeBlockOf(mixed(3), 2)).toEqual({ kind: "prepared", round: 3 });
  });

  it("counts shares of a block in several rounds, and dates them by the last that is needed", () => {
    const claims = claimsOf([{ fast: [5, 1] }, { fast: [1, 1] }, { prepared: [3, 2] }]);
    expect(safeBlockOf(claims, 2)).toEqual({ kind: "prepared", round: 3 });
    const later = claimsOf([{ fast: [5, 1] }, { fast: [4, 1] }, { prepared: [3, 2] }]);
    expect(safeBlockOf(later, 2)).toEqual(fastBlock(1));
  });

  it("is not of the fast path where two blocks have shares enough: neither was decided by it", () => {
    const two = [{ fast: [0, 1] }, { fast: [0, 1] }, { fast: [1, 2] }, { fast: [1, 2] }] as const;
    expect(safeBlockOf(claimsOf(two), 2)).toEqual({ kind: "any" });
    expect(safeBlockOf(claimsOf([...two, { prepared: [0, 3] }]), 2)).toEqual({
      kind: "prepared",
      round: 0,
    });
  });

  it("is the one decided in one phase, whatever the faulty claim and whoever is not heard", () => {
    // f = 1, c = 1: six voters, five shares decide, five claims change a round, three are evidence.
    const faulty = fc.record({ round: fc.nat(8), block: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.record({ missing: fc.nat(5), silent: fc.nat(5), liar: fc.nat(5), lie: faulty }),
        fc.record({ decided: fc.integer({ min: 1, max: 7 }), before: faulty }),
        ({ missing, silent, liar, lie }, { decided, before }) => {
          const earlier: Held = [Math.min(before.round, decided - 1), before.block];
          const claims = claimsOf(
            Array.from({ length: 6 }, (_, voter) => {
              if (voter === liar) return { fast: [lie.round, lie.block] as const };
              if (voter === missing) return { fast: earlier, prepared: earlier };
              return { fast: [decided, 9] as const, prepared: earlier };
            }),
          ).filter(({ voter }) => voter !== silent);
          expect(safeBlockOf(claims, 3)).toEqual(fastBlock(9));
        },
      ),
    );
  });
});
