import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Member } from "../testing/consortium.ts";
import { at } from "../testing/transactions.ts";
import { type Driver, tradeIn, V2vSite } from "../testing/v2v-site.ts";
import { balanceOf, platformPot, supplyOf } from "./account-money.ts";
import { accountAction, encodeSuspension } from "./account-orders.ts";
import {
  encodeMeetingPoints,
  encodeOrderRemoval,
  encodeTradeResolution,
  encodeV2vId,
  encodeV2vRules,
  v2vAction,
} from "./v2v-orders.ts";
import type { TradeRecord } from "./v2v-records.ts";
import {
  linkedVehicleOf,
  openOrdersOf,
  v2vBookOf,
  v2vOrderOf,
  v2vRulesDefault,
  v2vTradeOf,
  vehiclesOf,
} from "./v2v-state.ts";

vi.setConfig({ testTimeout: 60_000 });

const reasonHash = new Uint8Array(32).fill(3);

let site: V2vSite;
let ada: Driver;
let ben: Driver;
let cem: Driver;

beforeEach(() => {
  site = new V2vSite({ crypto, vehicles: 4 });
  site.namePoints();
  ada = site.driver("ada", 10_000_000);
  ben = site.driver("ben", 10_000_000);
  cem = site.driver("cem", 10_000_000);
});

const balance = ({ person }: Driver): number => balanceOf(site.state, person.signer.publicKey);
const tradeNow = ({ id }: TradeRecord): TradeRecord | undefined => v2vTradeOf(site.state, id);

/** Ada buys 10 kWh of Ben at 0.4, both at the first meeting point. */
function matched(): TradeRecord {
  expect(site.sell(ben, { name: "sell" }).code).toBe("OK");
  return tradeIn(site.buy(ada, { name: "buy" }));
}

describe("a match", () => {
  it("locks energy and fee, gives the rest of the funds back and keeps both vehicles busy", () => {
    const trade = matched();
    expect(trade).toMatchObject({ energyCost: 4_000_000, fee: 100_000, meetingPoint: 1 });
    expect(trade).toMatchObject({ unitCost: 410_000, unitProfit: 390_000, state: "open" });
    expect(balance(ada)).toBe(5_900_000);
    expect(v2vOrderOf(site.state, trade.sellOrder)?.state).toBe("matched");
    expect(v2vBookOf(site.state)).toMatchObject({ openBuys: 0, openSells: 0, trades: 1 });
    expect(site.sell(ben, { name: "again" }).code).toBe("VEHICLE_BUSY");
    expect(site.cancel(ben, "sell").code).toBe("ORDER_CLOSED");
  });

  it("is the cheapest for the buyer, whoever came first, and never the provider's loss", () => {
    site.sell(ben, { name: "dear", price: 500_000 });
    site.sell(cem, { name: "cheap", price: 450_000, x: 1000 });
    expect(tradeIn(site.buy(ada, { name: "buy" })).pricePerKWh).toBe(450_000);
    // Selling 1 kWh does not pay for 5 km there: 1 kWh at 0.5 less the fee, against 0.2 kWh at 2.5 each.
    const far = { energy_Wh: 1000, price: 500_000, own: 2_500_000, x: 5_000_000 };
    site.cancel(ben, "dear");
    site.sell(ben, { name: "far", ...far });
    const dan = site.driver("dan", 1_000_000);
    expect(site.buy(dan, { name: "small", energy_Wh: 1000, funds: 1_000_000 }).code).toBe("OK");
    expect([...openOrdersOf(site.state)]).toHaveLength(2);
  });
});

describe("the escrow", () => {
  it("pays once both vehicles say the same, and each fee goes to the platform", () => {
    const trade = matched();
    expect(site.deliver(ben, trade, { side: "given", energy_Wh: 10_000 }).code).toBe("OK");
    expect(balance(ben)).toBe(10_000_000);
    expect(site.deliver(ben, trade, { side: "given", energy_Wh: 10_000 }).code).toBe(
      "STATEMENT_KNOWN",
    );
    expect(site.deliver(ada, trade, { side: "received", energy_Wh: 9000 }).code).toBe("OK");
    expect(tradeNow(trade)).toMatchObject({ state: "paid", paid: 3_900_000, toPlatform: 200_000 });
    expect(balance(ben)).toBe(13_900_000);
    expect(balanceOf(site.state, platformPot)).toBe(200_000);
    expect(supplyOf(site.state)).toBe(30_000_000);
    expect(site.sell(ben, { name: "next" }).code).toBe("OK");
  });

  it.each([
    [10_000, 8499],
    [10_000, 10_201],
    [9799, 9799],
    [10_201, 9500],
    [0, 0],
  ])("is in dispute where %i Wh were given and %i Wh received", (given, received) => {
    const trade = matched();
    site.deliver(ada, trade, { side: "received", energy_Wh: received });
    expect(site.deliver(ben, trade, { side: "given", energy_Wh: given }).code).toBe("OK");
    expect(tradeNow(trade)?.state).toBe("disputed");
    expect(v2vBookOf(site.state).disputes).toBe(1);
    expect(site.deliver(ben, trade, { side: "given", energy_Wh: 10_000 }).code).toBe(
      "TRADE_CLOSED",
    );
    const resolve = (sender: Member, refund: number): string =>
      site.v2v(sender, v2vAction.resolve, encodeTradeResolution({ tradeId: trade.id, refund, reasonHash })).code; // biome-ignore format: one line
    expect(resolve(ada.person, 0)).toBe("NOT_AUTHORISED");
    expect(resolve(site.authority, 4_100_001)).toBe("REFUND_TOO_LARGE");
    expect(resolve(site.authority, 2_050_000)).toBe("OK");
    expect(resolve(site.authority, 2_050_000)).toBe("TRADE_NOT_DISPUTED");
    expect(tradeNow(trade)).toMatchObject({ refunded: 2_050_000, toPlatform: 100_000 });
    expect(balance(ada) + balance(ben)).toBe(19_900_000);
  });

  it.each([
    [10_000, 8500],
    [10_000, 10_200],
    [9800, 9800],
    [10_200, 8670],
  ])("pays at the edge of the tolerance, %i Wh given and %i Wh received", (given, received) => {
    const trade = matched();
    site.deliver(ada, trade, { side: "received", energy_Wh: received });
    site.deliver(ben, trade, { side: "given", energy_Wh: given });
    expect(tradeNow(trade)?.state).toBe("paid");
  });

  it("takes a statement of the right vehicle only, from a party, for times after the match", () => {
    const trade = matched();
    const given = { side: "given", energy_Wh: 10_000 } as const;
    expect(site.deliver(ada, trade, given).code).toBe("STATEMENT_SIGNATURE_INVALID");
    expect(site.deliver(cem, trade, given).code).toBe("NOT_AUTHORISED");
    expect(site.deliver(ben, { ...trade, matched_ms: 5 }, given).code).toBe("STATEMENT_TIME_WRONG");
    expect(site.deliver(ben, { ...trade, id: reasonHash.slice(16) }, given).code).toBe(
      "TRADE_UNKNOWN",
    );
    const absurd = { ...given, energy_Wh: 1e9 };
    expect(site.deliver(ben, trade, absurd).code).toBe("ENERGY_OUT_OF_RANGE");
    // Either side may bring either vehicle's statement; the vehicle's key decides.
    expect(site.deliver({ ...ada, vehicle: ben.vehicle }, trade, given).code).toBe("OK");
  });

  it("goes back when nobody delivered, and to the authority when one side did", () => {
    const expire = (trade: TradeRecord): string =>
      site.v2v(cem.person, v2vAction.expire, encodeV2vId(trade.id)).code;
    const silent = matched();
    expect(expire(silent)).toBe("TRADE_NOT_EXPIRED");
    site.passTo(silent.expires_ms + 1);
    expect(site.deliver(ben, silent, { side: "given", energy_Wh: 10_000 }).code).toBe(
      "TRADE_EXPIRED",
    );
    expect(expire(silent)).toBe("OK");
    expect(tradeNow(silent)).toMatchObject({ state: "expired", refunded: 4_100_000 });
    expect(expire(silent)).toBe("TRADE_CLOSED");
    expect(balance(ada)).toBe(10_000_000);
    site.sell(ben, { name: "sell 2" });
    const half = tradeIn(site.buy(ada, { name: "buy 2" }));
    site.deliver(ben, half, { side: "given", energy_Wh: 10_000 });
    site.passTo(half.expires_ms + 1);
    expect(expire(half)).toBe("OK");
    expect(tradeNow(half)?.state).toBe("disputed");
  });
});

describe("an order", () => {
  it("needs a linked vehicle, an account, an id of its own, funds and sane numbers", () => {
    const spare = { person: ada.person, vehicle: at(site.consortium.vehicles, 3) };
    expect(site.sell(spare, { name: "a" }).code).toBe("VEHICLE_NOT_LINKED");
    expect(site.sell({ ...ada, vehicle: ben.vehicle }, { name: "a" }).code).toBe(
      "VEHICLE_NOT_LINKED",
    );
    expect(site.sell({ ...ada, person: site.named("nobody") }, { name: "a" }).code).toBe(
      "TX_SENDER_UNKNOWN",
    );
    expect(site.sell({ ...ada, person: site.authority }, { name: "a" }).code).toBe(
      "ACCOUNT_UNKNOWN",
    );
    expect(site.buy(ada, { name: "a", funds: 10_000_001 }).code).toBe("BALANCE_TOO_LOW");
    expect(site.buy(ada, { name: "a", funds: 0 }).code).toBe("FUNDS_OUT_OF_RANGE");
    expect(site.buy(ada, { name: "a", energy_Wh: 0 }).code).toBe("ENERGY_OUT_OF_RANGE");
    expect(site.sell(ada, { name: "a", energy_Wh: 1e12 }).code).toBe("ENERGY_OUT_OF_RANGE");
    expect(site.sell(ada, { name: "a", spare_Wh: 0 }).code).toBe("ENERGY_OUT_OF_RANGE");
    expect(site.sell(ada, { name: "a", price: 0 }).code).toBe("PRICE_OUT_OF_RANGE");
    expect(site.sell(ada, { name: "a", price: 1e12 }).code).toBe("PRICE_OUT_OF_RANGE");
    expect(site.buy(ada, { name: "a", own: 1e12 }).code).toBe("PRICE_OUT_OF_RANGE");
    expect(site.sell(ada, { name: "a" }).code).toBe("OK");
    expect(site.sell(ben, { name: "a" }).code).toBe("ID_TAKEN");
    expect(site.cancel(ben, "a").code).toBe("NOT_AUTHORISED");
    expect(site.cancel(ada, "b").code).toBe("ORDER_UNKNOWN");
    expect(site.cancel(ada, "a").code).toBe("OK");
    expect(site.sell(ada, { name: "a" }).code).toBe("ID_TAKEN");
  });

  it("gives its funds back when it is cancelled, or removed by the authority", () => {
    site.buy(ada, { name: "a" });
    expect(balance(ada)).toBe(5_000_000);
    site.cancel(ada, "a");
    expect(balance(ada)).toBe(10_000_000);
    site.buy(ada, { name: "b" });
    const payload = encodeOrderRemoval({ orderId: site.idOf("b"), reasonHash });
    expect(site.v2v(ben.person, v2vAction.removeOrder, payload).code).toBe("NOT_AUTHORISED");
    expect(site.v2v(site.authority, v2vAction.removeOrder, payload).code).toBe("OK");
    expect(site.v2v(site.authority, v2vAction.removeOrder, payload).code).toBe("ORDER_CLOSED");
    expect(v2vOrderOf(site.state, site.idOf("b"))?.state).toBe("removed");
    expect(balance(ada)).toBe(10_000_000);
  });

  it("waits while its owner is suspended, who may send nothing", () => {
    site.sell(ben, { name: "sell", price: 300_000 });
    site.sell(cem, { name: "dearer", price: 400_000 });
    const suspension = encodeSuspension({ key: ben.person.signer.publicKey, reasonHash });
    const suspend = { sender: site.authority, module: "accounts", payload: suspension } as const;
    expect(site.send({ ...suspend, action: accountAction.suspend }).code).toBe("OK");
    expect(site.cancel(ben, "sell").code).toBe("SUSPENDED");
    expect(tradeIn(site.buy(ada, { name: "buy" })).provider).toEqual(cem.person.signer.publicKey);
  });
});

describe("the authority", () => {
  it("alone sets meeting points and rules, within their ranges", () => {
    const set = (sender: Member, change: object): string =>
      site.v2v(sender, v2vAction.rules, encodeV2vRules({ ...v2vRulesDefault, ...change })).code;
    expect(set(ada.person, {})).toBe("NOT_AUTHORISED");
    expect(set(site.authority, { feePerKWh: 1_000_000 })).toBe("RULES_OUT_OF_RANGE");
    expect(set(site.authority, { feePerKWh: 50_000 })).toBe("OK");
    expect(matched().fee).toBe(500_000);
    const none = encodeMeetingPoints([]);
    expect(site.v2v(ada.person, v2vAction.meetingPoints, none).code).toBe("NOT_AUTHORISED");
    site.sell(cem, { name: "open" });
    expect(site.v2v(site.authority, v2vAction.meetingPoints, none).code).toBe("BOOK_NOT_EMPTY");
    const earth = [{ id: 1, name: "A", position: { kind: "earth", east: 1, north: 2 } }] as const;
    const payload = encodeMeetingPoints(earth);
    expect(site.v2v(site.authority, v2vAction.meetingPoints, payload).code).toBe(
      "POSITION_KIND_WRONG",
    );
    site.cancel(cem, "open");
    expect(site.v2v(site.authority, v2vAction.meetingPoints, payload).code).toBe("OK");
    expect(site.sell(cem, { name: "plane" }).code).toBe("POSITION_KIND_WRONG");
  });

  it("lets a vehicle belong to one account, by the vehicle's own word", () => {
    expect(site.link({ person: ben.person, vehicle: ada.vehicle }).code).toBe("VEHICLE_TAKEN");
    expect(site.link(ada).code).toBe("OK");
    expect(vehiclesOf(site.state, ada.person.signer.publicKey)).toHaveLength(1);
    const unit = { ...at(site.consortium.units, 0), salt: reasonHash };
    expect(site.link({ person: ben.person, vehicle: unit }).code).toBe("VEHICLE_NOT_VALID");
    const spare = at(site.consortium.vehicles, 3);
    const signer = { ...ada.vehicle.signer, publicKey: spare.signer.publicKey };
    const forged = { ...spare, signer };
    expect(site.link({ person: ben.person, vehicle: forged }).code).toBe(
      "PROOF_OF_POSSESSION_INVALID",
    );
    site.sell(ada, { name: "a" });
    expect(linkedVehicleOf(site.state, ada.vehicle.signer.publicKey)?.order).toEqual(
      site.idOf("a"),
    );
    expect(site.link(ada).code).toBe("VEHICLE_BUSY");
  });
});
