import { equalBytes, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Chain } from "../../chain/chain.ts";
import type { Member } from "../../testing/consortium.ts";
import type { Outcome } from "../../testing/market-site.ts";
import { hours, PileSite, zone } from "../../testing/pile-site.ts";
import { at } from "../../testing/transactions.ts";
import { supplyOf } from "../account-money.ts";
import type { PileContractRecord } from "./pile-contract.ts";
import { encodeResolveOrder, pileAction } from "./pile-orders.ts";
import type { PileOrderRecord } from "./pile-records.ts";
import { decodeTradeResult } from "./pile-results.ts";
import { pileContract, pileCurve, pileOf, pileOrder } from "./pile-state.ts";

// A thousand blocks: half a minute on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const paidIn = 30_000_000;
const startReserve = 60_000_000;
const startSupply_Wh = 400_000;

const kinds = [
  "buy",
  "limit-buy",
  "limit-sell",
  "cancel",
  "go-on",
  "confirm",
  "timeout",
  "dispute",
  "resolve",
  "acknowledge",
  "load",
  "relist",
  "wait",
] as const;

interface Step {
  readonly kind: (typeof kinds)[number];
  readonly who: number;
  readonly which: number;
  readonly size: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  // Contracts get somewhere only if most steps bring them on.
  kind: fc.oneof(
    { weight: 2, arbitrary: fc.constant("go-on" as const) },
    fc.constantFrom(...kinds),
  ),
  who: fc.nat(2),
  which: fc.nat(30),
  size: fc.integer({ min: 1, max: 100 }),
});

/** People who try anything, and a plain book of what it must come to. */
class Trial {
  readonly site: PileSite = new PileSite({ crypto });
  readonly people: readonly Member[];
  readonly piles: readonly Member[];
  readonly contracts: Uint8Array[] = [];
  readonly orders: Uint8Array[] = [];

  constructor() {
    this.people = ["ada", "ben", "cem"].map((id) => this.site.market.person(id, paidIn));
    this.piles = this.people.map(({ id }) => this.site.market.named(`pile of ${id}`));
    for (const [i, owner] of this.people.entries()) this.site.list(owner, at(this.piles, i));
    this.site.wait(hours(7.9, 8).from_ms);
  }

  take({ kind, who, which, size }: Step): void {
    const person = at(this.people, who);
    const contractId =
      this.contracts[which % Math.max(1, this.contracts.length)] ?? new Uint8Array(16);
    const orderId = this.orders[which % Math.max(1, this.orders.length)] ?? new Uint8Array(16);
    switch (kind) {
      case "buy":
        this.#note(this.site.buy(person, { energy_Wh: size * 150, orderId: this.#newOrder() }));
        break;
      case "limit-buy":
      case "limit-sell":
        this.#limit(kind === "limit-buy" ? "buy" : "sell", { who, which, size });
        break;
      case "cancel":
        this.site.about(person, "cancel", orderId);
        break;
      case "go-on":
        this.#goOn(contractId, size);
        break;
      case "confirm":
      case "timeout":
        this.site.about(person, kind, contractId);
        break;
      case "dispute":
        this.site.dispute(person, contractId);
        break;
      case "acknowledge":
        this.site.acknowledge(contractId);
        break;
      case "resolve":
        this.#resolve(contractId, { which, size });
        break;
      case "load":
        this.site.load(size * 20_000);
        break;
      case "relist":
        this.#relist(who, size);
        break;
      case "wait":
        this.site.wait(this.site.market.chain.head.header.time_ms + size * 120_000);
        break;
    }
  }

  #limit(side: "buy" | "sell", choice: { who: number; which: number; size: number }): void {
    const { who, which, size } = choice;
    const pile = at(this.piles, who).signer.publicKey;
    const outcome = this.site.limit(at(this.people, who), {
      orderId: this.#newOrder(),
      side,
      energy_Wh: size * 100,
      pricePerKWh: 100_000 + 20_000 * (which % 10),
      expiry_ms: hours(8 + (size % 12), 20).from_ms,
      pileKey: side === "sell" ? pile : undefined,
    });
    this.#note(outcome);
  }

  /** The next step that a contract waits for. */
  #goOn(contractId: Uint8Array, size: number): void {
    const contract = pileContract(this.site.market.state, contractId);
    if (contract === undefined) return;
    const member = (key: Uint8Array): Member =>
      at(
        [...this.people, ...this.piles].filter(({ signer }) => equalBytes(signer.publicKey, key)),
        0,
      );
    const [buyer, owner] = [member(contract.buyer), member(contract.owner)];
    if (contract.state === "proposed") {
      this.site.sign(contract.signed.buyer ? owner : buyer, contractId);
    } else if (contract.state === "signed") {
      this.site.wait(contract.window.from_ms);
      const meter = contract.given_Wh === undefined ? member(contract.pileKey) : buyer;
      const energy_Wh = Math.floor((contract.energy_Wh * (10 + size)) / 100);
      this.site.deliver(meter, contractId, contract.given_Wh ?? energy_Wh);
    } else {
      this.site.about(contract.confirmed.buyer ? owner : buyer, "confirm", contractId);
    }
  }

  #resolve(contractId: Uint8Array, choice: { which: number; size: number }): void {
    const energy_Wh = choice.size * 50;
    const isOwnersFault = choice.which % 2 === 0;
    const reason = new Uint8Array(32);
    const payload = encodeResolveOrder({ contractId, energy_Wh, isOwnersFault, reason });
    this.site.authority(pileAction.resolve, payload);
  }

  #relist(who: number, size: number): void {
    const from_min = 8 * 60 + size;
    const windows = size > 90 ? [] : [{ from_min, to_min: from_min + 5 * size }];
    this.site.list(at(this.people, who), at(this.piles, who), { windows });
  }

  #newOrder(): Uint8Array {
    const orderId = this.site.nextId();
    this.orders.push(orderId);
    return orderId;
  }

  #note(outcome: Outcome): void {
    const trade = decodeTradeResult(outcome.data);
    if (trade.ok) this.contracts.push(...trade.value.contracts.map((one) => one.contractId));
  }

  allContracts(): readonly PileContractRecord[] {
    return this.contracts.map((id) => this.site.contract(id));
  }

  allOrders(): readonly { orderId: Uint8Array; order: PileOrderRecord }[] {
    return this.orders.flatMap((orderId) => {
      const order = pileOrder(this.site.market.state, orderId);
      return order === undefined ? [] : [{ orderId, order }];
    });
  }
}

const isClosed = ({ state }: PileContractRecord): boolean =>
  ["settled", "complete", "void"].includes(state);
const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

/** What the owner must get for a delivery, by the words of the specification. */
function owed(contract: PileContractRecord, delivered_Wh: number): readonly number[] {
  const { energy_Wh, cost, cataloguePricePerKWh } = contract;
  const atCatalogue = (size_Wh: number): number =>
    Number((BigInt(size_Wh) * BigInt(cataloguePricePerKWh)) / 1000n);
  if (delivered_Wh >= energy_Wh) return [cost + atCatalogue(delivered_Wh - energy_Wh)];
  const taken = Number((BigInt(cost) * BigInt(delivered_Wh)) / BigInt(energy_Wh));
  const resold = Math.min(cost - taken, atCatalogue(energy_Wh - delivered_Wh));
  // Where the owner was found to have failed, it keeps nothing of the rest.
  return [cost - resold, taken];
}

/** Money and energy as a plain book has them. */
function expectConserved(trial: Trial): void {
  const { site, people } = trial;
  const contracts = trial.allContracts();
  const orders = trial.allOrders();
  const open = contracts.filter((one) => !isClosed(one));
  expect(site.pot).toBe(
    sum(orders.map(({ order }) => order.locked)) + sum(open.map((one) => one.cost + one.margin)),
  );
  for (const person of people) {
    const isBuyer = ({ buyer }: PileContractRecord): boolean =>
      equalBytes(buyer, person.signer.publicKey);
    const isOwner = ({ owner }: PileContractRecord): boolean =>
      equalBytes(owner, person.signer.publicKey);
    const locked = orders
      .filter(({ order }) => equalBytes(order.account, person.signer.publicKey))
      .map(({ order }) => order.locked);
    const spent = contracts
      .filter((one) => isBuyer(one) && one.state !== "void")
      .map((one) => one.cost + one.margin - (one.settlement?.returned ?? 0));
    const earned = contracts.filter(isOwner).map((one) => one.settlement?.paid ?? 0);
    expect(site.balance(person)).toBe(paidIn - sum(locked) - sum(spent) + sum(earned));
  }
  expect(sum(people.map((one) => site.balance(one))) + site.pot).toBe(supplyOf(site.market.state));
  for (const { orderId, order } of orders) {
    const own = contracts.filter(({ buyOrder, sellOrder }) =>
      equalBytes(order.side === "buy" ? buyOrder : sellOrder, orderId),
    );
    expect(order.filled_Wh).toBe(sum(own.map((one) => one.energy_Wh)));
    expect(order.filled_Wh).toBeLessThanOrEqual(order.energy_Wh);
  }
  for (const contract of contracts) {
    const { settlement, energy_Wh, cost, margin } = contract;
    if (settlement === undefined) continue;
    const { delivered_Wh, toGrid_Wh, fromGrid_Wh, paid, returned } = settlement;
    expect(delivered_Wh + toGrid_Wh - fromGrid_Wh).toBe(energy_Wh);
    expect(paid + returned).toBe(cost + margin);
    expect(owed(contract, delivered_Wh)).toContain(paid);
  }
}

/** No pile is promised twice at one time, and the curve stands where open demand puts it. */
function expectOrder(trial: Trial): void {
  const { state } = trial.site.market;
  const open = trial.allContracts().filter((one) => !isClosed(one));
  for (const pile of trial.piles) {
    const booked = pileOf(state, pile.signer.publicKey)?.bookings ?? [];
    const own = open.filter(({ pileKey }) => equalBytes(pileKey, pile.signer.publicKey));
    expect(booked.map(({ window }) => window)).toEqual(own.map(({ window }) => window));
    const sorted = booked.map(({ window }) => window).toSorted((a, b) => a.from_ms - b.from_ms);
    for (const [i, { from_ms }] of sorted.entries()) {
      expect(from_ms).toBeGreaterThanOrEqual(sorted[i - 1]?.to_ms ?? 0);
    }
  }
  const curve = pileCurve(state, zone);
  const demand_Wh = sum(open.filter((one) => one.curveGeneration > 0).map((one) => one.energy_Wh));
  expect(curve?.supply_Wh).toBe(startSupply_Wh + demand_Wh);
  expect(curve?.reserve).toBeGreaterThanOrEqual(startReserve);
}

describe("whatever people try", () => {
  it("money and energy are as a plain book has them, and the blocks give the same state again", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 60 }), (steps) => {
        const trial = new Trial();
        for (const one of steps) {
          trial.take(one);
          expectOrder(trial);
        }
        expectConserved(trial);
        for (const { state } of trial.allContracts()) seen.add(state);
        for (const { order } of trial.allOrders()) seen.add(order.state);
        const { chain, consortium, blocks } = trial.site.market;
        const again = Chain.fromGenesis({ genesis: consortium.genesis, crypto });
        for (const block of blocks) expect(again.follow(block).ok).toBe(true);
        expect(toHex(again.head.header.stateRoot)).toBe(toHex(chain.head.header.stateRoot));
      }),
      { numRuns: 12 },
    );
    // The trials reach what they are to prove.
    for (const state of ["proposed", "signed", "settled", "filled", "open"]) {
      expect(seen).toContain(state);
    }
  });
});
