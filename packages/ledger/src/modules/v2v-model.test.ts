import { equalBytes } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { Chain } from "../chain/chain.ts";
import { StateTree } from "../state/state-tree.ts";
import { type ModelOrder, PlainV2v } from "../testing/plain-v2v.ts";
import { at } from "../testing/transactions.ts";
import { type Driver, V2vSite } from "../testing/v2v-site.ts";
import { balanceOf, platformPot, supplyOf } from "./account-money.ts";
import { withBook } from "./v2v-book.ts";
import { orderIndexAt } from "./v2v-open-orders.ts";
import { encodeTradeResolution, encodeV2vId, v2vAction } from "./v2v-orders.ts";
import { decodePlacedOrder, type TradeRecord } from "./v2v-records.ts";
import { openOrdersOf, v2vTradeOf } from "./v2v-state.ts";

// Every step is a block with its signatures.
vi.setConfig({ testTimeout: 300_000 });

const people = 10;
const start = 8_000_000;

const order = fc.record({
  kind: fc.constant("place" as const),
  name: fc.nat(400).map((n) => `order-${n}`),
  side: fc.constantFrom("buy" as const, "sell" as const),
  who: fc.nat(people - 1),
  energy_Wh: fc.constantFrom(1, 999, 2000, 2000, 5000),
  price: fc.constantFrom(0, 20_001, 300_000, 400_000, 400_000, 500_000),
  own: fc.constantFrom(0, 200_000, 200_000, 3_000_000),
  x: fc.constantFrom(0, 3_000_000, 5_000_000, 12_000_000),
  funds: fc.constantFrom(50_000, 2_600_000, 2_600_000, 2_600_000, 9_000_000),
  spare_Wh: fc.constantFrom(900, 20_000, 20_000, 20_000, 20_000),
});

const step = fc.oneof(
  { weight: 12, arbitrary: order },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("cancel" as const), who: fc.nat(people - 1), place: fc.nat(6) }) }, // biome-ignore format: one line
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("deliver" as const), trade: fc.nat(2), side: fc.constantFrom("given" as const, "received" as const), share: fc.constantFrom(1, 1, 0.9, 0.5) }) }, // biome-ignore format: one line
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("resolve" as const), trade: fc.nat(2), share: fc.constantFrom(0, 0.3, 1, 1.1) }) }, // biome-ignore format: one line
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("expire" as const), trade: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("waste" as const), order }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("forget" as const) }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The module on a chain and the plain model, side by side. */
class Pair {
  readonly site: V2vSite = new V2vSite({ crypto, vehicles: people });
  readonly model: PlainV2v = new PlainV2v(new Array<number>(people).fill(start));
  readonly drivers: Driver[];
  readonly trades: TradeRecord[] = [];
  #forgotten = 0;

  constructor() {
    this.site.namePoints();
    this.drivers = Array.from({ length: people }, (_, i) => this.site.driver(`driver-${i}`, start));
  }

  run(step: Step): void {
    if (step.kind === "place") this.#place(step);
    else if (step.kind === "cancel") {
      // Of one of the first open orders, often somebody else's, or of one that never was.
      const open = this.model.open[step.place];
      const who = step.who === 0 ? 0 : (open?.who ?? 1);
      const name = open?.name ?? "never";
      const code = this.site.cancel(at(this.drivers, who), name).code;
      expect(code).toBe(this.model.cancel(who, name));
    } else if (step.kind === "waste") this.#waste(step.order);
    else if (step.kind === "forget") this.#forget();
    else this.#tell(step);
    this.#compare();
  }

  #place(drawn: ModelOrder): void {
    // Mostly somebody whose vehicle is free, since few others are.
    const free = drawn.spare_Wh === 900 ? drawn.who : this.model.freeFrom(drawn.who);
    const order = { ...drawn, who: free };
    const asked = { ...order, price: order.side === "sell" ? order.price || 1 : order.price };
    const driver = at(this.drivers, order.who);
    const { funds: _none, ...offer } = asked;
    const outcome =
      order.side === "buy" ? this.site.buy(driver, asked) : this.site.sell(driver, offer);
    const funds = order.side === "buy" ? order.funds : 0;
    expect(outcome.code).toBe(this.model.place({ ...asked, funds }));
    const placed = decodePlacedOrder(outcome.data);
    if (placed.ok && placed.value.trade !== undefined) this.trades.push(placed.value.trade);
  }

  /** Of one of the newest trades, counted from the end. */
  #tell(step: Exclude<Step, { kind: "place" | "cancel" | "waste" | "forget" }>): void {
    const count = Math.max(1, Math.min(this.trades.length, 3));
    const place = this.trades.length - 1 - (step.trade % count);
    const trade = this.trades[place];
    if (trade === undefined) return;
    const driverOf = (key: Uint8Array): Driver =>
      at(
        this.drivers.filter(({ person }) => equalBytes(person.signer.publicKey, key)),
        0,
      );
    if (step.kind === "deliver") {
      const { side } = step;
      const energy_Wh = Math.floor(trade.energy_Wh * step.share);
      const driver = driverOf(side === "given" ? trade.provider : trade.consumer);
      const code = this.site.deliver(driver, trade, { side, energy_Wh }).code;
      expect(code).toBe(this.#isLate(trade) ? "TRADE_EXPIRED" : this.model.deliver(place, side, energy_Wh)); // biome-ignore format: one line
    } else if (step.kind === "resolve") {
      const refund = Math.floor((trade.energyCost + trade.fee) * step.share);
      const resolution = { tradeId: trade.id, refund, reasonHash: new Uint8Array(32) };
      const payload = encodeTradeResolution(resolution);
      const { code } = this.site.v2v(this.site.authority, v2vAction.resolve, payload);
      expect(code).toBe(this.model.resolve(place, refund));
    } else {
      const now_ms = this.site.chain.head.header.time_ms;
      this.site.passTo(Math.max(now_ms, trade.expires_ms) + 1);
      const { code } = this.site.v2v(this.site.authority, v2vAction.expire, encodeV2vId(trade.id));
      expect(code).toBe(this.model.expire(place));
    }
  }

  #isLate(trade: TradeRecord): boolean {
    const isOpen = v2vTradeOf(this.site.state, trade.id)?.state === "open";
    return isOpen && this.site.chain.head.header.time_ms > trade.expires_ms;
  }

  /** A proposal that is executed and thrown away. */
  #waste(order: ModelOrder): void {
    const before = this.site.state.root();
    this.site.propose((site) => {
      const driver = at(this.drivers, order.who);
      if (order.side === "buy") site.buy(driver, order);
      else site.sell(driver, { ...order, price: order.price || 1 });
    });
    expect(this.site.state.root()).toEqual(before);
  }

  /** Other books push this one's index out, so that it has to be built again. */
  #forget(): void {
    for (let i = 0; i < 2; i++) {
      const hash = crypto.sha256(Uint8Array.of(++this.#forgotten));
      orderIndexAt(withBook(StateTree.empty(crypto), { hash }));
    }
  }

  #compare(): void {
    const { state } = this.site;
    const { model } = this;
    const balances = this.drivers.map(({ person }) => balanceOf(state, person.signer.publicKey));
    const open = [...openOrdersOf(state)].map(({ id }) => id.join());
    expect(balances).toEqual(model.balances);
    expect(balanceOf(state, platformPot)).toBe(model.platform);
    expect(open.toSorted()).toEqual(model.open.map(({ name }) => this.site.idOf(name).join()).toSorted()); // biome-ignore format: one line
    expect(model.total).toBe(people * start);
    expect(supplyOf(state)).toBe(people * start);
    expect(Math.min(...balances)).toBeGreaterThanOrEqual(0);
    for (const { id } of this.trades) {
      const trade = v2vTradeOf(state, id);
      if (trade?.state !== "paid") continue;
      const { given, received } = trade;
      expect(received?.energy_Wh ?? 0).toBeLessThanOrEqual(1.02 * (given?.energy_Wh ?? 0));
    }
  }
}

it("does what a plain model does, whatever is sent, thrown away or forgotten; a replay has the same root", () => {
  let trades = 0;
  fc.assert(
    fc.property(fc.noBias(fc.array(step, { minLength: 60, maxLength: 80 })), (steps) => {
      const pair = new Pair();
      for (const one of steps) pair.run(one);
      trades += pair.trades.length;
      const { site } = pair;
      const { genesis } = site.consortium;
      const replayed = Chain.fromGenesis({ genesis, crypto });
      for (const block of site.blocks) expect(replayed.follow(block).ok).toBe(true);
      expect(replayed.head.header.stateRoot).toEqual(site.chain.head.header.stateRoot);
      const copy = Chain.fromSnapshot({ genesis, crypto, bytes: site.chain.snapshot() });
      expect(copy.ok && copy.value.state.root()).toEqual(site.state.root());
    }),
    { numRuns: 6, seed: 20_261_121 },
  );
  expect(trades).toBeGreaterThan(20);
});
