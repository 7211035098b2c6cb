import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { MarketSite } from "../testing/market-site.ts";
import { PlainUnion, type Step, type StepKind } from "../testing/plain-union.ts";
import { at } from "../testing/transactions.ts";
import { balanceOf, platformPot, supplyOf } from "./account-money.ts";
import {
  accountAction,
  encodeAccountOrder,
  encodeAdjustment,
  encodeWithdrawalOrder,
} from "./account-orders.ts";
import {
  encodeDelegation,
  encodeFunding,
  encodeJoin,
  encodeLeave,
  encodePenalty,
  encodePromotion,
  encodeTerms,
  unionAction,
} from "./union-payloads.ts";
import { signJoin } from "./union-possession.ts";
import {
  delegatedPot,
  depositPot,
  operatorOf,
  promotionPot,
  unionOf,
  unionPool,
} from "./union-records.ts";

// Hundreds of signatures: seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const reasonHash = new Uint8Array(32).fill(5);
const terms = {
  rewardPerBlock: 7,
  promotionSharePpm: 300_000,
  poolSharePpm: 400_000,
  depositMin: 20,
};
const organisations = ["north", "south"] as const;
const kinds: readonly StepKind[] = [
  "deposit",
  "withdraw",
  "transfer",
  "plus",
  "minus",
  "join",
  "leave",
  "penalise",
  "fund",
  "promote",
  "delegate",
  "undelegate",
  "pass",
];

/** A chain and what a plain book of money says of it, led through the same steps. */
class Comparison {
  readonly site = new MarketSite({ crypto });
  readonly people = ["north-op", "south-op", "ada"].map((id) => this.site.person(id));
  readonly model = new PlainUnion({ people: this.people.length, terms });

  constructor() {
    const payload = encodeTerms(terms);
    const action = unionAction.setTerms;
    this.site.send({ sender: this.site.authority, module: "union", action, payload });
  }

  take(step: Step): void {
    const { site, model } = this;
    // The block that holds the step begins with the reward for its parent.
    model.reward((site.chain.height - 1) % 2);
    const taken = model.take(step);
    if (step.kind === "pass") site.pass(1);
    else expect([step, this.#code(step) === "OK"]).toEqual([step, taken]);
  }

  #code(step: Step): string {
    const { site } = this;
    const { amount } = step;
    const person = at(this.people, step.who);
    const account = at(this.people, step.account).signer.publicKey;
    const organisation = at(organisations, step.organisation);
    const operator = at(this.people, step.organisation);
    const accounts = (
      sender: typeof person,
      kind: keyof typeof accountAction,
      payload: Uint8Array,
    ) => site.send({ sender, module: "accounts", action: accountAction[kind], payload }).code;
    const union = (sender: typeof person, kind: keyof typeof unionAction, payload: Uint8Array) =>
      site.send({ sender, module: "union", action: unionAction[kind], payload }).code;
    switch (step.kind) {
      case "deposit":
        return site.pay(person, amount).code;
      case "withdraw":
        return accounts(
          person,
          "withdraw",
          encodeWithdrawalOrder({ amount, goal: { kind: "desk" } }),
        );
      case "transfer":
        return accounts(person, "transfer", encodeAccountOrder({ account, amount }));
      case "plus":
      case "minus":
        return accounts(
          site.authority,
          "adjust",
          encodeAdjustment({ account, sign: step.kind, amount, reasonHash }),
        );
      case "join": {
        const term = (operatorOf(site.state, organisation)?.term ?? 0) + 1;
        const { chainId } = site.consortium.genesis;
        const { signer } = operator;
        const join = signJoin({ chainId, organisation, deposit: amount, term, signer });
        return union(site.validator(step.organisation), "join", encodeJoin(join));
      }
      case "leave":
        return union(operator, "leave", encodeLeave());
      case "penalise":
        return union(
          site.authority,
          "penalise",
          encodePenalty({ organisation, amount, reasonHash }),
        );
      case "fund":
        return union(person, "fund", encodeFunding(amount));
      case "promote":
        return union(site.authority, "promote", encodePromotion({ account, amount, reasonHash }));
      case "delegate":
      case "undelegate":
        return union(person, step.kind, encodeDelegation({ organisation, amount }));
      default:
        throw new Error(step.kind);
    }
  }

  /** Every place where money can be, on the chain and in the book. */
  places(): { readonly chain: readonly number[]; readonly book: readonly number[] } {
    const { state } = this.site;
    const places = [
      ...this.people.map(({ signer }) => signer.publicKey),
      platformPot,
      unionPool,
      promotionPot,
      ...organisations.flatMap((id) => [depositPot(id), delegatedPot(id)]),
    ];
    return { chain: places.map((place) => balanceOf(state, place)), book: this.model.amounts() };
  }
}

it("money in accounts and pots is what a plain book says, whatever happens, and sums to the supply", () => {
  const step = fc.record({
    kind: fc.constantFrom(...kinds),
    who: fc.nat(2),
    account: fc.nat(2),
    organisation: fc.nat(1),
    amount: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 20, max: 400 })),
  });
  const start: Step[] = [0, 1, 2].map((who) => ({
    ...{ kind: "deposit", who, account: 0, organisation: 0, amount: 300 },
  }));
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
      const comparison = new Comparison();
      for (const one of [...start, ...steps]) comparison.take(one);
      const { chain, book } = comparison.places();
      expect(chain).toEqual(book);
      expect(chain.every((amount) => amount >= 0)).toBe(true);
      const { state } = comparison.site;
      expect(supplyOf(state)).toBe(chain.reduce((sum, amount) => sum + amount, 0));
      const { paidBlocks, unpaidBlocks } = unionOf(state);
      expect([paidBlocks, unpaidBlocks]).toEqual(comparison.model.blocks);
    }),
    { numRuns: 12 },
  );
});
