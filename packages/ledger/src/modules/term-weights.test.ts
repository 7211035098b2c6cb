import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Chain } from "../chain/chain.ts";
import { codecFault } from "../testing/codec-laws.ts";
import { MarketSite } from "../testing/market-site.ts";
import { consortiumAction, decodeVoted, encodeProposal } from "./consortium.ts";
import type { ProposerPolicy } from "./consortium-change.ts";
import { decodeTermWeights, encodeTermWeights } from "./term-weights.ts";
import { encodeDelegation, encodeJoin, encodeTerms, unionAction } from "./union-payloads.ts";
import { signJoin } from "./union-possession.ts";

const termBlocks = 12;
const terms = { rewardPerBlock: 0, promotionSharePpm: 0, poolSharePpm: 0, depositMin: 1 };

/** Of four validators the first and third are north's, the others south's. */
function unionSite(): MarketSite {
  const site = new MarketSite({ crypto, termBlocks });
  const action = unionAction.setTerms;
  site.send({ sender: site.authority, module: "union", action, payload: encodeTerms(terms) });
  return site;
}

function join(site: MarketSite, organisation: "north" | "south", deposit: number): void {
  const { signer } = site.person(`${organisation}-operator`, deposit);
  const { chainId } = site.consortium.genesis;
  const payload = encodeJoin(signJoin({ chainId, organisation, deposit, term: 1, signer }));
  const sender = site.validator(organisation === "north" ? 0 : 1);
  expect(site.send({ sender, module: "union", action: unionAction.join, payload }).code).toBe("OK");
}

function vote(site: MarketSite, policy: ProposerPolicy): void {
  const module = "consortium";
  const { propose, approve } = consortiumAction;
  const payload = encodeProposal({ kind: "proposer-policy", policy });
  const sent = site.send({ sender: site.validator(0), module, action: propose, payload });
  const voted = decodeVoted(sent.data);
  if (!voted.ok) throw new Error(sent.code);
  for (const place of [1, 2, 3]) {
    const sender = site.validator(place);
    site.send({ sender, module, action: approve, payload: voted.value.changeId });
  }
}

function endTerm(site: MarketSite): void {
  site.pass(termBlocks - (site.chain.height % termBlocks));
}

const weights = (site: MarketSite): number[] => site.chain.validators.map(({ weight }) => weight);

describe("turns by deposits", () => {
  it("are drawn at the end of a term; an organisation's seats share what it deposited", () => {
    const site = unionSite();
    join(site, "north", 900_000);
    join(site, "south", 450_000);
    vote(site, "stake");
    expect(weights(site)).toEqual([1, 1, 1, 1]);
    endTerm(site);
    expect(weights(site)).toEqual([2, 1, 2, 1]);
  });

  it("never leave one who may be faulty more than a third of the turns, nor a seat without any", () => {
    const site = unionSite();
    join(site, "north", 1_000_000_000);
    vote(site, "stake");
    endTerm(site);
    const [first = 0, second = 0] = weights(site);
    const total = weights(site).reduce((sum, one) => sum + one, 0);
    expect(3 * first).toBeLessThanOrEqual(total);
    expect(second).toBeGreaterThan(0);
  });

  it("are the same on a machine that begins with any snapshot", () => {
    const site = unionSite();
    join(site, "north", 900_000);
    join(site, "south", 300_000);
    vote(site, "stake");
    const { genesis } = site.consortium;
    for (let i = 0; i < 2 * termBlocks; i++) {
      const copy = Chain.fromSnapshot({ genesis, crypto, bytes: site.chain.snapshot() });
      if (!copy.ok) throw new Error(copy.problem.detail);
      expect(copy.value.validators).toEqual(site.chain.validators);
      site.pass(1);
      const block = site.blocks.at(-1);
      expect(block !== undefined && copy.value.follow(block).ok).toBe(true);
      expect(copy.value.validators).toEqual(site.chain.validators);
    }
  });
});

describe("turns by delegated money", () => {
  it("follow what accounts set aside, and are equal again under another policy", () => {
    const site = unionSite();
    join(site, "north", 10_000);
    join(site, "south", 10_000);
    const ada = site.person("ada", 900_000);
    for (const [organisation, amount] of [
      ["north", 300_000],
      ["south", 600_000],
    ] as const) {
      const payload = encodeDelegation({ organisation, amount });
      const action = unionAction.delegate;
      expect(site.send({ sender: ada, module: "union", action, payload }).code).toBe("OK");
    }
    vote(site, "delegated");
    endTerm(site);
    expect(weights(site)).toEqual([1, 2, 1, 2]);
    vote(site, "stake");
    expect(weights(site)).toEqual([1, 1, 1, 1]);
  });
});

it("the weights of a term have exactly one form", () => {
  const value = fc.record({
    policy: fc.constantFrom("stake" as const, "delegated" as const),
    seats: fc.array(fc.record({ id: fc.string({ maxLength: 20 }), weight: fc.nat({ max: 12 }) })),
  });
  fc.assert(
    fc.property(value, (one) => {
      const bytes = encodeTermWeights(one);
      const laws = { bytes, encode: encodeTermWeights, decode: decodeTermWeights };
      expect(codecFault(laws)).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});
