import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { expect, test } from "vitest";
import { type Consortium, createConsortium, finalise } from "../testing/consortium.ts";
import { VotingSite } from "../testing/members.ts";
import { Chain } from "./chain.ts";
import type { Seat } from "./seat.ts";

const termBlocks = 40;

function newChain(consortium: Consortium): Chain {
  return Chain.fromGenesis({ genesis: consortium.genesis, crypto });
}

const weights = (chain: Chain): number[] => chain.validators.map(({ weight }) => weight);
const turnsOf = ({ id, weight, rank }: Seat): object => ({ id, weight, rank });

/** A chain on which the last of four validators never seals. */
function grown(options: { blocks: number; termBlocks?: number }): {
  consortium: Consortium;
  chain: Chain;
} {
  const consortium = createConsortium({ crypto, ...options });
  const chain = newChain(consortium);
  for (let i = 0; i < options.blocks; i++) finalise({ consortium, chain });
  return { consortium, chain };
}

test("turns are alike until the first term ends; then who does not seal has fewer, and ever fewer", () => {
  const { consortium, chain } = grown({ blocks: termBlocks - 1, termBlocks });
  expect(weights(chain)).toEqual([1, 1, 1, 1]);
  finalise({ consortium, chain });
  const [first = 0, , , lazy = 0] = weights(chain);
  expect(lazy / first).toBeLessThan(0.75);
  for (let i = 0; i < 6 * termBlocks; i++) finalise({ consortium, chain });
  expect(weights(chain)).toEqual([12, 12, 12, 1]);
});

test("a chain whose genesis file names no term keeps equal turns, and the state that it had", () => {
  const { chain } = grown({ blocks: 60 });
  expect(weights(chain)).toEqual([1, 1, 1, 1]);
  expect(chain.stateProof("quality").value).toBeUndefined();
});

test("a validator that starts from a snapshot at any height counts turns like one that never stopped", () => {
  const { consortium, chain } = grown({ blocks: termBlocks - 3, termBlocks });
  for (let i = 0; i < 6; i++) {
    const restarted = Chain.fromSnapshot({
      genesis: consortium.genesis,
      crypto,
      bytes: chain.snapshot(),
    });
    if (!restarted.ok) throw new Error(restarted.problem.detail);
    expect(restarted.value.validators.map(turnsOf)).toEqual(chain.validators.map(turnsOf));
    const { bytes } = finalise({ consortium, chain });
    expect(restarted.value.follow(bytes).ok).toBe(true);
    expect(restarted.value.validators.map(turnsOf)).toEqual(chain.validators.map(turnsOf));
  }
});

test("one that contradicted itself has no turn from the next height on, and others share its turns", () => {
  const consortium = createConsortium({ crypto, termBlocks });
  const site = new VotingSite({ consortium, chain: newChain(consortium) });
  site.settle();
  const accused = site.member("validator-2");
  const payload = site.equivocation(accused);
  const sender = site.member("validator-1");
  site.settle(site.tx({ sender, action: "accuse", payload }));
  expect(weights(site.chain)).toEqual([1, 0, 1, 1]);
});

test("by the turn policy the organisations' English names say who is first", () => {
  const consortium = createConsortium({ crypto, termBlocks });
  const site = new VotingSite({ consortium, chain: newChain(consortium) });
  site.carry({ kind: "proposer-policy", policy: "turn" });
  // North Grid has validators 1 and 3, South Roads 2 and 4.
  expect(site.chain.validators.map(({ rank }) => rank)).toEqual([0, 2, 1, 3]);
});

test("a policy by money is refused where no term ends or no union has terms", () => {
  for (const [termBlocksOr, code] of [
    [termBlocks, "TERMS_UNKNOWN"],
    [undefined, "RULE_UNKNOWN"],
  ] as const) {
    const consortium = createConsortium({
      crypto,
      ...(termBlocksOr === undefined ? {} : { termBlocks: termBlocksOr }),
    });
    const site = new VotingSite({ consortium, chain: newChain(consortium) });
    for (const policy of ["stake", "delegated"] as const) {
      expect(site.carry({ kind: "proposer-policy", policy }).code).toBe(code);
    }
  }
});
