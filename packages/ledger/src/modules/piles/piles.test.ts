import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Member } from "../../testing/consortium.ts";
import { contractOf, hours, idOf, PileSite, tradeOf, zone } from "../../testing/pile-site.ts";
import { at } from "../../testing/transactions.ts";
import { accountAction, encodeSuspension } from "../account-orders.ts";
import {
  type CurveOrder,
  encodeCurveOrder,
  encodeLoadOrder,
  encodeResolveOrder,
  encodeSignOrder,
  pileAction,
} from "./pile-orders.ts";
import { pileCurve, pileOf, zonePiles } from "./pile-state.ts";

// Hundreds of signatures: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let site: PileSite;
let owner: Member;
let other: Member;
let buyer: Member;
let pile: Member;

beforeEach(() => {
  site = new PileSite({ crypto });
  owner = site.market.person("owner");
  other = site.market.person("other");
  buyer = site.market.person("buyer", 50_000_000);
  pile = site.market.named("pile");
});

/** A contract over 10 kWh that both signed, its window begun. */
function signedContract(): Uint8Array {
  site.list(owner, pile);
  site.wait(hours(7.9, 0).from_ms);
  const { contractId, contract } = contractOf(site.buy(buyer));
  expect([site.sign(buyer, contractId).code, site.sign(owner, contractId).code]).toEqual([
    "OK",
    "OK",
  ]);
  site.wait(contract.window.from_ms);
  return contractId;
}

function meteredContract(): Uint8Array {
  const contractId = signedContract();
  expect(site.deliver(pile, contractId, 10_000).code).toBe("OK");
  expect(site.deliver(buyer, contractId, 9990).code).toBe("OK");
  return contractId;
}

describe("a contract", () => {
  it("is signed, metered, confirmed by both, paid, and complete once its export is acknowledged", () => {
    const contractId = meteredContract();
    const { cost, margin } = site.contract(contractId);
    expect(site.pot).toBe(cost + margin);
    expect(site.acknowledge(contractId).code).toBe("NOT_SETTLED");
    expect(site.about(buyer, "confirm", contractId).code).toBe("OK");
    expect(site.about(buyer, "confirm", contractId).code).toBe("ALREADY_CONFIRMED");
    expect(site.contract(contractId).state).toBe("metered");
    expect(site.about(owner, "confirm", contractId).code).toBe("OK");
    const { state, settlement } = site.contract(contractId);
    expect(state).toBe("settled");
    expect(settlement).toMatchObject({ delivered_Wh: 9990, toGrid_Wh: 10, fromGrid_Wh: 0 });
    expect(site.balance(owner)).toBe(settlement?.paid);
    expect(site.balance(buyer)).toBe(50_000_000 - (settlement?.paid ?? 0));
    expect(site.pot).toBe(0);
    expect(site.acknowledge(contractId).code).toBe("OK");
    expect(site.contract(contractId)).toMatchObject({
      state: "complete",
      rowHash: new Uint8Array(32).fill(4),
    });
    expect(site.acknowledge(contractId).code).toBe("ALREADY_COMPLETE");
    expect(site.about(owner, "confirm", contractId).code).toBe("ALREADY_CONFIRMED");
    expect(site.dispute(buyer, contractId).code).toBe("CONTRACT_CLOSED");
  });

  it("is signed under its own terms only, once, by its parties and in time", () => {
    site.list(owner, pile);
    const { contractId } = contractOf(site.buy(buyer));
    const payload = encodeSignOrder({ contractId, termsHash: new Uint8Array(32) });
    expect(site.send(buyer, pileAction.sign, payload).code).toBe("TERMS_DIFFER");
    expect(site.sign(other, contractId).code).toBe("NOT_AUTHORISED");
    expect(site.sign(buyer, contractId).code).toBe("OK");
    expect(site.sign(buyer, contractId).code).toBe("ALREADY_SIGNED");
    expect(site.deliver(buyer, contractId, 5).code).toBe("NOT_SIGNED");
    expect(site.about(other, "timeout", contractId).code).toBe("TOO_EARLY");
    site.wait(site.contract(contractId).made_ms + 1_800_001);
    expect(site.sign(owner, contractId).code).toBe("CONTRACT_EXPIRED");
    expect(site.about(other, "timeout", contractId).code).toBe("OK");
    expect(site.contract(contractId).state).toBe("void");
    expect([site.balance(buyer), site.pot]).toEqual([50_000_000, 0]);
    expect(pileOf(site.market.state, pile.signer.publicKey)?.bookings).toEqual([]);
    expect(site.about(other, "timeout", contractId).code).toBe("CONTRACT_CLOSED");
  });

  it("counts what both meters say, each once, in its time and within reason", () => {
    site.list(owner, pile);
    const { contractId } = contractOf(site.buy(buyer, { window: hours(10, 12) }));
    site.sign(buyer, contractId);
    site.sign(owner, contractId);
    expect(site.deliver(pile, contractId, 5).code).toBe("TOO_EARLY");
    site.wait(hours(10, 12).from_ms);
    expect(site.deliver(pile, contractId, 11_001).code).toBe("ENERGY_ABSURD");
    expect(site.deliver(owner, contractId, 5).code).toBe("NOT_AUTHORISED");
    expect(site.deliver(pile, contractId, 11_000).code).toBe("OK");
    expect(site.deliver(pile, contractId, 11_000).code).toBe("ALREADY_METERED");
    expect(site.about(buyer, "confirm", contractId).code).toBe("NOT_METERED");
    site.wait(hours(10, 14).to_ms);
    expect(site.deliver(buyer, contractId, 9990).code).toBe("CONTRACT_EXPIRED");
  });

  it("with meters that differ is the authority's to decide", () => {
    const contractId = signedContract();
    site.deliver(pile, contractId, 10_000);
    expect(site.deliver(buyer, contractId, 4000).code).toBe("OK");
    expect(site.contract(contractId).state).toBe("disputed");
    expect(site.about(buyer, "confirm", contractId).code).toBe("DISPUTED");
    expect(site.about(buyer, "timeout", contractId).code).toBe("DISPUTED");
    const reason = new Uint8Array(32).fill(1);
    const payload = encodeResolveOrder({
      contractId,
      energy_Wh: 4000,
      isOwnersFault: true,
      reason,
    });
    expect(site.send(buyer, pileAction.resolve, payload).code).toBe("NOT_AUTHORISED");
    expect(site.authority(pileAction.resolve, payload).code).toBe("OK");
    const { settlement, cost, margin } = site.contract(contractId);
    expect(settlement).toMatchObject({ delivered_Wh: 4000, toGrid_Wh: 6000 });
    expect(settlement?.paid).toBe(Math.floor((cost * 4000) / 10_000));
    expect((settlement?.paid ?? 0) + (settlement?.returned ?? 0)).toBe(cost + margin);
    expect(site.authority(pileAction.resolve, payload).code).toBe("NOT_DISPUTED");
  });

  it("ends by the timeout's rule where a party is silent", () => {
    const contractId = signedContract();
    site.deliver(pile, contractId, 10_000);
    const { window } = site.contract(contractId);
    site.wait(window.to_ms + 3_600_001);
    // One reading stands for both; a day is left to dispute it.
    expect(site.about(other, "timeout", contractId).code).toBe("OK");
    expect(site.contract(contractId)).toMatchObject({ state: "metered", received_Wh: 10_000 });
    expect(site.about(other, "timeout", contractId).code).toBe("TOO_EARLY");
    site.wait(window.to_ms + 90_000_001);
    expect(site.about(buyer, "confirm", contractId).code).toBe("CONTRACT_EXPIRED");
    expect(site.about(other, "timeout", contractId).code).toBe("OK");
    expect(site.contract(contractId).state).toBe("settled");
    expect(site.balance(owner)).toBeGreaterThan(0);
  });

  it("costs nothing where no meter says that anything was delivered", () => {
    const contractId = signedContract();
    site.wait(site.contract(contractId).window.to_ms + 3_600_001);
    expect(site.about(buyer, "timeout", contractId).code).toBe("OK");
    expect(site.contract(contractId).state).toBe("void");
    expect(site.balance(buyer)).toBe(50_000_000);
  });
});

describe("a market order", () => {
  it("takes several suppliers, each in its idle time, and the price climbs", () => {
    site.list(owner, pile, { windows: [{ from_min: 8 * 60, to_min: 9 * 60 }] });
    site.list(other, site.market.named("pile-2"));
    const bought = tradeOf(site.buy(buyer, { energy_Wh: 12_000 }));
    expect(bought.contracts.map(({ contract }) => contract.energy_Wh)).toEqual([7000, 5000]);
    const [first, second] = bought.contracts.map(({ contract }) => contract);
    expect(first?.window).toEqual(hours(8, 9));
    const price = (one = first): number => (one?.cost ?? 0) / (one?.energy_Wh ?? 1);
    expect(price(second)).toBeGreaterThan(price(first));
    expect(site.pot).toBe(
      bought.contracts.reduce((sum, { contract }) => sum + contract.cost + contract.margin, 0),
    );
  });

  it("never books a pile twice, nor outside its idle windows", () => {
    site.list(owner, pile, { windows: [{ from_min: 8 * 60, to_min: 10 * 60 }] });
    expect(contractOf(site.buy(buyer, { energy_Wh: 7000 })).contract.window).toEqual(hours(8, 9));
    expect(site.buy(buyer, { energy_Wh: 7001 }).code).toBe("SUPPLY_TOO_LOW");
    expect(contractOf(site.buy(buyer, { energy_Wh: 7000 })).contract.window).toEqual(hours(9, 10));
    expect(site.buy(buyer, { energy_Wh: 1 }).code).toBe("SUPPLY_TOO_LOW");
    expect(site.buy(buyer, { window: hours(10, 12) }).code).toBe("SUPPLY_TOO_LOW");
  });

  it("raises the price, and the price is as before once its contract ended", () => {
    site.list(owner, pile);
    const before = pileCurve(site.market.state, zone);
    const { contractId } = contractOf(site.buy(buyer));
    const during = pileCurve(site.market.state, zone);
    expect(during?.supply_Wh).toBe((before?.supply_Wh ?? 0) + 10_000);
    expect(during?.reserve).toBeGreaterThan(before?.reserve ?? 0);
    site.wait(site.contract(contractId).made_ms + 1_800_001);
    site.about(other, "timeout", contractId);
    const after = pileCurve(site.market.state, zone);
    expect(after?.supply_Wh).toBe(before?.supply_Wh);
    expect((after?.reserve ?? 0) - (before?.reserve ?? 0)).toBeLessThanOrEqual(1);
  });

  it("costs more while the grid is loaded, and less while it is idle", () => {
    site.list(owner, pile);
    site.load(0);
    const idle = contractOf(site.buy(buyer, { energy_Wh: 1000 })).contract.cost;
    site.load(1_000_000);
    const loaded = contractOf(site.buy(buyer, { energy_Wh: 1000 })).contract.cost;
    expect(loaded).toBeGreaterThan(2.9 * idle);
    expect(site.load(4_000_001).code).toBe("LOAD_ABSURD");
  });

  it("is refused with the reason", () => {
    site.list(owner, pile);
    const poor = site.market.person("poor", 10);
    expect(site.buy(poor).code).toBe("BALANCE_TOO_LOW");
    expect(site.buy(buyer, { maxCost: 100 }).code).toBe("COST_ABOVE_MAX");
    expect(site.buy(buyer, { energy_Wh: 0 }).code).toBe("ENERGY_ABSURD");
    expect(site.buy(buyer, { energy_Wh: 1_000_001 }).code).toBe("ENERGY_ABSURD");
    expect(site.buy(buyer, { zone: 8 }).code).toBe("ZONE_UNKNOWN");
    expect(site.buy(buyer, { window: hours(12, 12) }).code).toBe("WINDOW_INVALID");
    expect(site.buy(buyer, { window: hours(20, 28) }).code).toBe("WINDOW_INVALID");
    expect(site.buy(buyer, { window: hours(800, 801) }).code).toBe("WINDOW_INVALID");
    expect(site.buy(buyer, { window: hours(-48, -47) }).code).toBe("ORDER_EXPIRED");
    expect(site.buy(site.market.named("nobody")).code).toBe("TX_SENDER_UNKNOWN");
    const orderId = idOf(9000);
    expect(site.buy(buyer, { orderId }).code).toBe("OK");
    expect(site.buy(buyer, { orderId }).code).toBe("ID_TAKEN");
    expect(site.list(owner, pile, { floorPricePerKWh: 900_000 }).code).toBe("OK");
    expect(site.buy(buyer).code).toBe("SUPPLY_TOO_LOW");
    expect(site.list(buyer, site.market.named("pile-3")).code).toBe("OK");
    // Nobody buys from himself.
    expect(site.buy(buyer).code).toBe("SUPPLY_TOO_LOW");
  });
});

describe("whose account is suspended", () => {
  it("sells and buys nothing, and makes room for others", () => {
    const suspend = (who: Member): string =>
      site.market.send({
        sender: site.market.authority,
        module: "accounts",
        action: accountAction.suspend,
        payload: encodeSuspension({
          key: who.signer.publicKey,
          reasonHash: new Uint8Array(32).fill(1),
        }),
      }).code;
    site.list(owner, pile);
    site.limit(owner, {
      ...{ side: "sell", pricePerKWh: 1, energy_Wh: 500 },
      pileKey: pile.signer.publicKey,
    });
    site.limit(buyer, { energy_Wh: 500, window: hours(8, 9), expiry_ms: hours(8, 9).from_ms });
    for (let i = 0; i < 63; i++) site.list(owner, site.market.named(`pile ${i}`));
    const late = site.market.named("late");
    expect(site.list(other, late).code).toBe("ZONE_FULL");
    expect(suspend(owner)).toBe("OK");
    expect(site.about(owner, "cancel", idOf(1)).code).toBe("SUSPENDED");
    expect(site.buy(buyer).code).toBe("SUPPLY_TOO_LOW");
    expect(site.list(other, late).code).toBe("OK");
    expect(zonePiles(site.market.state, zone)).toEqual([late.signer.publicKey]);
    site.limit(buyer, { energy_Wh: 700, pricePerKWh: 200_000 });
    expect(suspend(buyer)).toBe("OK");
    const sold = site.limit(other, {
      ...{ side: "sell", pricePerKWh: 1, energy_Wh: 500 },
      pileKey: late.signer.publicKey,
    });
    expect(tradeOf(sold).contracts).toEqual([]);
  });
});

describe("a curve", () => {
  it("is the authority's, with sense; and one at its limits refuses what it cannot say", () => {
    const order = {
      zone: 9,
      reserve: 10 ** 15,
      supply_Wh: 1000,
      crrPpm: 50_000,
      catalogue: {
        valleyPricePerKWh: 10 ** 9,
        peakPricePerKWh: 10 ** 9,
        peakFrom_min: 0,
        peakTo_min: 1440,
      },
      template: new Uint8Array(32),
    };
    const set = (over: Partial<CurveOrder>): string =>
      site.authority(pileAction.curve, encodeCurveOrder({ ...order, ...over })).code;
    expect(site.send(owner, pileAction.curve, encodeCurveOrder(order)).code).toBe("NOT_AUTHORISED");
    expect(set({ crrPpm: 55_000 })).toBe("CURVE_ABSURD");
    expect(set({ crrPpm: 0 })).toBe("CURVE_ABSURD");
    expect(set({ reserve: 0 })).toBe("CURVE_ABSURD");
    expect(set({ supply_Wh: 999 })).toBe("CURVE_ABSURD");
    expect(set({ catalogue: { ...order.catalogue, peakTo_min: 1441 } })).toBe("CURVE_ABSURD");
    expect(set({})).toBe("OK");
    const load = encodeLoadOrder({ zone: 9, loadPpm: 4_000_000 });
    expect(site.authority(pileAction.load, load).code).toBe("OK");
    for (const name of ["a", "b", "c"]) {
      site.list(owner, site.market.named(name), { zone: 9, power_W: 1_000_000 });
    }
    const ask = (energy_Wh: number): string =>
      site.buy(buyer, { zone: 9, energy_Wh, maxCost: Number.MAX_SAFE_INTEGER }).code;
    expect(ask(1_000_000)).toBe("SUPPLY_TOO_LOW");
    expect(ask(70)).toBe("BALANCE_TOO_LOW");
    expect(ask(20)).toBe("BALANCE_TOO_LOW");
    expect(ask(1)).toBe("BALANCE_TOO_LOW");
  });

  it("that is set anew forgets the demand of contracts that the old one made", () => {
    site.list(owner, pile);
    const { contractId } = contractOf(site.buy(buyer));
    const old = pileCurve(site.market.state, zone);
    if (old === undefined) throw new Error("the zone has a curve");
    const set = encodeCurveOrder({ ...old, reserve: 50_000_000, supply_Wh: 1000 });
    expect(site.authority(pileAction.curve, set).code).toBe("OK");
    site.wait(site.contract(contractId).made_ms + 1_800_001);
    expect(site.about(buyer, "timeout", contractId).code).toBe("OK");
    expect(pileCurve(site.market.state, zone)).toMatchObject({
      ...{ generation: 2, reserve: 50_000_000, supply_Wh: 1000 },
    });
  });
});

describe("a listing", () => {
  it("needs the pile's own word, an owner with an account, and sense", () => {
    expect(site.list(owner, pile).code).toBe("OK");
    expect(site.list(other, pile).code).toBe("PILE_TAKEN");
    expect(site.list(owner, buyer).code).toBe("KEY_TAKEN");
    expect(site.list(owner, pile, { zone: 99 }).code).toBe("ZONE_UNKNOWN");
    expect(site.list(owner, pile, { power_W: 0 }).code).toBe("POWER_ABSURD");
    expect(site.list(owner, pile, { floorPricePerKWh: 10 ** 10 }).code).toBe("PRICE_ABSURD");
    const overlapping = [
      { from_min: 60, to_min: 180 },
      { from_min: 120, to_min: 240 },
    ];
    expect(site.list(owner, pile, { windows: overlapping }).code).toBe("WINDOW_INVALID");
    const forged = { ...pile, signer: { ...pile.signer, sign: other.signer.sign } };
    expect(site.list(owner, forged).code).toBe("PROOF_OF_POSSESSION_INVALID");
    expect(site.list(owner, pile, { windows: [] }).code).toBe("OK");
    expect(site.buy(buyer).code).toBe("SUPPLY_TOO_LOW");
  });

  it("ends at sixty-four piles in a zone", () => {
    const results = Array.from({ length: 65 }, (_, i) =>
      site.list(owner, site.market.named(`pile ${i}`)),
    );
    expect(results.filter(({ code }) => code === "OK")).toHaveLength(64);
    expect(at(results, 64).code).toBe("ZONE_FULL");
  });
});
