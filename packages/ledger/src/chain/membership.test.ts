import { toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import type { ConsortiumChange } from "../modules/consortium-change.ts";
import { createConsortium } from "../testing/consortium.ts";
import { type Voted, VotingSite } from "../testing/members.ts";
import { at } from "../testing/transactions.ts";
import { Chain } from "./chain.ts";
import { verifyChainEvidence } from "./chain-evidence.ts";

// Thousands of signatures: seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const consortium = createConsortium({ crypto });
const { genesis } = consortium;

/** What somebody does next; numbers choose among those who are there. */
type Action =
  | {
      readonly type: "admit" | "remove" | "approve" | "agree";
      readonly who: number;
      readonly what: number;
    }
  | { readonly type: "threshold"; readonly who: number; readonly what: number }
  | { readonly type: "accuse" | "release"; readonly who: number; readonly what: number }
  | { readonly type: "wait" };

const small = fc.nat({ max: 7 });
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom("approve" as const, "agree" as const),
      who: small,
      what: small,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom("admit" as const, "remove" as const),
      who: small,
      what: small,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom("accuse" as const, "release" as const, "threshold" as const),
      who: small,
      what: small,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("wait" as const) }) },
);

interface OpenChange {
  readonly change: ConsortiumChange;
  readonly approvals: Set<string>;
}

/** The membership as a plain list that says, in a few lines, what the chain must do. */
class Model {
  seats: string[] = genesis.validators.map(({ id }) => id);
  readonly quarantined = new Set<string>();
  readonly open = new Map<string, OpenChange>();
  readonly shares = new Map<string, number>();
  /** Set changes that were decided, and how many blocks ago. */
  coming: { readonly seats: string[]; age: number } | undefined;
  epoch = 0;
  /** That it has seen. */
  blocks = 0;

  /** Votes that a change needs, written down apart from the code: whole parts of the voters, most of the seats. */
  needed(change: ConsortiumChange): number {
    const leaving = change.kind === "remove-validator" ? change.id : "";
    const voters = this.seats.filter((id) => id !== leaving && !this.quarantined.has(id)).length;
    const share = this.shares.get(change.kind) ?? 1;
    let most = 0;
    while (2 * most <= this.seats.length) most++;
    return Math.max(Math.ceil(voters * share - 1e-9), most);
  }

  given({ approvals }: OpenChange): number {
    return this.seats.filter((id) => approvals.has(id) && !this.quarantined.has(id)).length;
  }

  decide(change: ConsortiumChange): void {
    if (change.kind === "admit-validator")
      this.coming = { seats: [...this.seats, change.id], age: 0 };
    if (change.kind === "remove-validator") {
      this.coming = { seats: this.seats.filter((id) => id !== change.id), age: 0 };
    }
    if (change.kind === "rule") this.shares.set(change.rule, change.numerator / change.denominator);
    if (change.kind === "release") this.quarantined.delete(change.id);
  }

  /** One block has become final. */
  block(): void {
    this.blocks++;
    this.#grow();
    if (this.coming !== undefined && this.coming.age > 2) this.coming = undefined;
  }

  #grow(): void {
    if (this.coming === undefined) return;
    this.coming.age++;
    if (this.coming.age !== 2) return;
    this.seats = this.coming.seats;
    this.epoch++;
  }
}

/** The chain and its model, side by side. */
class Run {
  readonly chain = Chain.fromGenesis({ genesis, crypto });
  readonly site = new VotingSite({ consortium, chain: this.chain });
  readonly model = new Model();
  #names = 0;

  perform(action: Action): void {
    this.#act(action);
    while (this.model.blocks < this.site.blocks.length) this.model.block();
    this.#compare();
  }

  #act(action: Action): void {
    const { model } = this;
    if (action.type === "wait") {
      this.site.settle();
      return;
    }
    const who = at(model.seats, action.who % model.seats.length);
    const what = at(model.seats, action.what % model.seats.length);
    const { type } = action;
    if (type === "approve") this.#approve(who, action.what);
    else if (type === "agree") this.#agree(action.what);
    else if (type === "accuse") this.#accuse(what);
    else this.#propose(who, this.#changeOf(type, { what, even: action.what % 2 === 0 }));
  }

  #changeOf(
    type: "admit" | "remove" | "release" | "threshold",
    { what, even }: { what: string; even: boolean },
  ): ConsortiumChange {
    if (type === "admit") return this.site.admission(`member-${++this.#names}`);
    if (type === "remove") return { kind: "remove-validator", id: what };
    if (type === "release") return { kind: "release", id: what };
    const rule = even ? "admit-validator" : "remove-validator";
    return { kind: "rule", rule, numerator: 2, denominator: 3 };
  }

  #propose(who: string, change: ConsortiumChange): void {
    const { model } = this;
    const voted = this.site.propose(who, change);
    if (model.quarantined.has(who)) {
      expect(voted.code).toBe("NOT_AUTHORISED");
      return;
    }
    if (voted.code !== "OK") return;
    const open = { change, approvals: new Set([who]) };
    this.#tally(open, voted);
  }

  #approve(who: string, what: number): void {
    const { model } = this;
    const ids = [...model.open.keys()];
    if (ids.length === 0) return;
    const id = at(ids, what % ids.length);
    const open = model.open.get(id);
    if (open === undefined) return;
    const voted = this.site.approve(who, Buffer.from(id, "hex"));
    if (model.quarantined.has(who)) expect(voted.code).toBe("NOT_AUTHORISED");
    if (voted.code === "CHANGE_PENDING") expect(model.coming).toBeDefined();
    if (voted.code !== "OK") return;
    open.approvals.add(who);
    this.#tally(open, voted);
  }

  /** One validator after the other votes for the same change. */
  #agree(what: number): void {
    const { open, seats } = this.model;
    const count = open.size;
    for (const who of seats) {
      const mayVote = open.size === count && this.model.seats.includes(who);
      if (mayVote) this.#approve(who, what);
      while (this.model.blocks < this.site.blocks.length) this.model.block();
    }
  }

  /** Enough votes decide, fewer never do. */
  #tally(open: OpenChange, voted: Voted): void {
    const { model } = this;
    const id = toHex(voted.changeId);
    expect(voted.decided).toBe(model.given(open) >= model.needed(open.change));
    if (voted.decided) {
      if (/-validator$/.test(open.change.kind)) expect(model.coming?.age ?? 2).toBe(2);
      model.open.delete(id);
      model.decide(open.change);
    } else {
      model.open.set(id, open);
    }
  }

  #accuse(what: string): void {
    const payload = this.site.equivocation(this.site.member(what));
    const sender = at(consortium.units, 0);
    const tx = this.site.tx({ sender, action: "accuse", payload });
    const result = this.site.settle(tx).checked.results[0];
    if (this.model.quarantined.has(what)) expect(result?.code).toBe("ALREADY_QUARANTINED");
    if (result?.code === "OK") this.model.quarantined.add(what);
  }

  #compare(): void {
    const { chain, model } = this;
    expect(chain.validators.map(({ id }) => id)).toEqual(model.seats);
    expect(chain.epoch).toBe(model.epoch);
    for (const seat of chain.validators) {
      expect(seat.quarantined).toBe(model.quarantined.has(seat.id));
    }
    const evidence = chain.evidence({ results: [], names: [] });
    if (evidence === undefined) return;
    expect(evidence.steps.length).toBe(evidence.header.epoch);
    const verdict = verifyChainEvidence({ evidence, genesis, crypto });
    expect(verdict.ok ? "OK" : verdict.problem).toBe("OK");
  }
}

it("any sequence of votes does what a plain model says, and every head is proven by the genesis file", () => {
  let epochs = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 15, maxLength: 50 }), (actions) => {
      const run = new Run();
      for (const one of actions) run.perform(one);
      epochs += run.chain.epoch;
      const replayed = Chain.fromGenesis({ genesis, crypto });
      for (const { bytes } of run.site.blocks) {
        const followed = replayed.follow(bytes);
        expect(followed.ok ? "OK" : followed.problem).toBe("OK");
      }
      expect(replayed.head.hash).toEqual(run.chain.head.hash);
      expect(replayed.validators).toEqual(run.chain.validators);
      if (run.chain.height === 0) return;
      const restored = Chain.fromSnapshot({ genesis, crypto, bytes: run.chain.snapshot() });
      if (!restored.ok) throw new Error(restored.problem.detail);
      expect(restored.value.validators).toEqual(run.chain.validators);
      expect(restored.value.epoch).toBe(run.chain.epoch);
      const next = run.site.settle();
      expect(restored.value.follow(next.bytes).ok).toBe(true);
    }),
    { numRuns: 20, seed: 8, endOnFailure: true },
  );
  expect(epochs).toBeGreaterThan(30);
});
