import {
  encodeBuyOrder,
  encodeEnergyStatement,
  encodeMeetingPoints,
  encodeSellOrder,
  encodeTradeResolution,
  encodeV2vId,
  encodeVehicleLink,
  keyIdOf,
  moduleNumber,
  type SellOrder,
  signEnergyStatement,
  signVehicleLink,
  v2vAction,
} from "@voltfog/ledger";
import type { MarketOrderView } from "@voltfog/messages";
import { assert, fromHex, type Signer, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, expect, it } from "vitest";
import type { IndicatorStore } from "../maintenance/indicator-store.ts";
import { usualPacks } from "../maintenance/pack-settings.ts";
import { MarketRun } from "../testing/market-run.ts";

const module = moduleNumber.v2v;
const most = Number.MAX_SAFE_INTEGER;
const here = { kind: "earth", east: 2_350_000, north: 48_850_000 } as const;
const care = {
  indicators: { history: async () => [] } as unknown as IndicatorStore,
  packs: () => usualPacks,
};

const vehicleNames = new Map<string, string>();

let run: MarketRun;
let ada: Signer;
let ben: Signer;
let carAda: Signer;
let carBen: Signer;

beforeEach(async () => {
  run = new MarketRun({ vehicleNames });
  const [first, second] = run.site.vehicles;
  assert(first !== undefined && second !== undefined, "the site has two vehicles");
  [carAda, carBen] = [first.signer, second.signer];
  vehicleNames.set(toHex(keyIdOf(carAda.publicKey, crypto)), "car-1");
  [ada, ben] = [await run.person("ada", 50_000_000), await run.person("ben", 50_000_000)];
  const points = [{ id: 7, name: "Market hall", position: { ...here, north: 48_860_000 } }];
  const payload = encodeMeetingPoints(points);
  const named = run.send(run.authority, { module, action: v2vAction.meetingPoints, payload });
  expect([named, link(ada, carAda), link(ben, carBen)]).toEqual(["OK", "OK", "OK"]);
  await run.settle();
});

function link(person: Signer, vehicle: Signer): string {
  const { chainId } = run.chain.chain.genesis;
  const terms = { chainId, account: person.publicKey, usePerKm_Wh: 180, vehicle };
  const payload = encodeVehicleLink(signVehicleLink(terms));
  return run.send(person, { module, action: v2vAction.linkVehicle, payload });
}

function sell(id: number, changes: Partial<SellOrder> = {}): string {
  const order: SellOrder = {
    ...{ orderId: new Uint8Array(16).fill(id), vehicle: carAda.publicKey, energy_Wh: 10_000 },
    ...{ spare_Wh: 20_000, pricePerKWh: 400_000, ownPricePerKWh: 300_000, position: here },
    ...changes,
  };
  return run.send(ada, { module, action: v2vAction.sell, payload: encodeSellOrder(order) });
}

function buy(id: number): string {
  const payload = encodeBuyOrder({
    ...{ orderId: new Uint8Array(16).fill(id), vehicle: carBen.publicKey, energy_Wh: 8000 },
    ...{ maxPricePerKWh: 0, ownPricePerKWh: 300_000, funds: 40_000_000, position: here },
  });
  return run.send(ben, { module, action: v2vAction.buy, payload });
}

function cancel(id: number): string {
  const payload = encodeV2vId(new Uint8Array(16).fill(id));
  return run.send(ada, { module, action: v2vAction.cancel, payload });
}

it("an open offer stands in the list of its side, and in its owner's account", async () => {
  expect(sell(1)).toBe("OK");
  await run.settle();
  const [order] = run.views.orders({ side: "sell", before: most, limit: 5 });
  expect(order).toMatchObject({
    ...{ id: "01".repeat(16), key: toHex(ada.publicKey), vehicle: toHex(carAda.publicKey) },
    ...{ state: "open", pricePerKWh: 400_000, belowWear: null },
    place: { kind: "earth", longitude: 2.35, latitude: 48.85 },
  });
  expect(run.views.orders({ side: "buy", before: most, limit: 5 })).toEqual([]);
  const account = run.views.account(ada.publicKey, () => true);
  expect(account?.orders).toEqual([order]);
  expect(account?.vehicles).toMatchObject([{ vehicleId: "car-1", usePerKm_Wh: 180 }]);
  expect(run.views.account(ada.publicKey, () => false)?.vehicles).toMatchObject([
    { vehicleId: null },
  ]);
  expect(cancel(1)).toBe("OK");
  await run.settle();
  expect(run.views.orders({ before: most, limit: 5 })).toEqual([]);
});

it("older orders come by the last index of a page, of one side or of both", async () => {
  expect(sell(1)).toBe("OK");
  const payload = encodeBuyOrder({
    ...{ orderId: new Uint8Array(16).fill(2), vehicle: carBen.publicKey, energy_Wh: 8000 },
    ...{ maxPricePerKWh: 100_000, ownPricePerKWh: 0, funds: 9_000_000, position: here },
  });
  expect(run.send(ben, { module, action: v2vAction.buy, payload })).toBe("OK");
  await run.settle();
  const page = (before: number, side?: "buy" | "sell"): readonly MarketOrderView[] =>
    run.views.orders({ before, limit: 1, ...(side === undefined ? {} : { side }) });
  const [request] = page(most);
  const [offer] = page(request?.index ?? 0);
  expect([request?.side, offer?.side]).toEqual(["buy", "sell"]);
  expect(page(offer?.index ?? most)).toEqual([]);
  expect([page(most, "sell"), page(request?.index ?? 0, "buy")]).toEqual([[offer], []]);
});

it("a match ends both orders, is told to both sides, and says the way to the meeting point", async () => {
  expect([sell(1), buy(2)]).toEqual(["OK", "OK"]);
  await run.settle();
  expect(run.views.orders({ before: most, limit: 5 })).toEqual([]);
  const page = { before: most, limit: 5 };
  const [trade] = run.views.trades({ key: toHex(ben.publicKey), ...page });
  expect(trade).toMatchObject({
    ...{ buyOrder: "02".repeat(16), sellOrder: "01".repeat(16), energy_Wh: 8000 },
    ...{ energyCost: 3_200_000, meetingPoint: "Market hall", state: "open", given: null },
  });
  const id = trade?.id ?? "";
  expect(run.views.trade(id)).toEqual(trade);
  for (const key of [ada, carAda, carBen].map(({ publicKey }) => toHex(publicKey))) {
    expect(run.views.trades({ key, ...page })).toEqual([trade]);
  }
  expect(run.views.trades({ before: trade?.index ?? 0, limit: 5 })).toEqual([]);
  for (const { publicKey } of [ada, ben]) {
    const told = run.views.notices({ key: toHex(publicKey), after: 0, limit: 50 }).at(-1);
    expect(told).toMatchObject({ kind: "trade", about: id });
  }
  const from = { longitude: 2.35, latitude: 48.85 };
  expect(run.views.directions(id, from)).toMatchObject({
    features: [{ properties: { distance_m: 1112, bearing_deg: 0, straight: true } }, {}],
  });
  expect(run.views.directions("00".repeat(16), from)).toBeUndefined();
  expect(run.views.overview().v2v).toMatchObject({ openBuys: 0, openSells: 0, trades: 1 });
});

/** Both vehicles say what they counted; the trade's state after it. */
async function deliver(id: string, counts: { given: number; received: number }): Promise<string> {
  const { chainId } = run.chain.chain.genesis;
  const now_ms = run.chain.chain.head.header.time_ms;
  const tradeId = fromHex(id) ?? new Uint8Array();
  for (const [side, person, vehicle] of [
    ["given", ada, carAda],
    ["received", ben, carBen],
  ] as const) {
    const terms = { tradeId, side, energy_Wh: counts[side], from_ms: now_ms, to_ms: now_ms };
    const payload = encodeEnergyStatement(signEnergyStatement(terms, { chainId, vehicle }));
    expect(run.send(person, { module, action: v2vAction.deliver, payload })).toBe("OK");
  }
  await run.settle();
  return run.views.trade(id)?.state ?? "";
}

it("open disputes are listed page by page until the authority ends them", async () => {
  expect(run.views.disputes({ before: most, limit: 5 })).toEqual({
    ...{ open: 0, next: null, trades: [], contracts: [], sessions: [] },
  });
  const states: string[] = [];
  for (const [id, received] of [
    [1, 2000],
    [3, 7900],
    [5, 1000],
  ] as const) {
    expect([sell(id), buy(id + 1)]).toEqual(["OK", "OK"]);
    await run.settle();
    const [trade] = run.views.trades({ before: most, limit: 1 });
    states.push(await deliver(trade?.id ?? "", { given: 8000, received }));
  }
  expect(states).toEqual(["disputed", "paid", "disputed"]);
  const [newest, , oldest] = run.views.trades({ before: most, limit: 5 });
  assert(newest !== undefined && oldest !== undefined, "three trades");
  const first = run.views.disputes({ before: most, limit: 1 });
  expect(first).toMatchObject({ open: 2, next: newest.index });
  expect(first.trades).toEqual([run.views.trade(newest.id)]);
  const second = run.views.disputes({ before: first.next ?? 0, limit: 1 });
  expect(second).toMatchObject({ open: 2, next: null, trades: [{ id: oldest.id }] });
  const verdict = { tradeId: fromHex(oldest.id) ?? new Uint8Array(), refund: 1_000_000 };
  const payload = encodeTradeResolution({ ...verdict, reasonHash: new Uint8Array(32) });
  expect(run.send(run.authority, { module, action: v2vAction.resolve, payload })).toBe("OK");
  await run.settle();
  const left = run.views.disputes({ before: most, limit: 5 });
  expect(left).toMatchObject({ open: 1, next: null, trades: [{ id: newest.id }] });
});

it("an offer below what the energy wears its battery says so, to who asks for the vehicle", async () => {
  const offers = async (): Promise<readonly MarketOrderView[]> =>
    (await run.views.wear("car-1", care)).orders;
  expect(await offers()).toEqual([]);
  const { wearCostPerKWh } = await run.views.wear("car-1", care);
  expect(sell(1, { pricePerKWh: wearCostPerKWh - 1 })).toBe("OK");
  await run.settle();
  expect((await offers()).map(({ belowWear }) => belowWear)).toEqual([true]);
  expect(cancel(1)).toBe("OK");
  expect(sell(3, { pricePerKWh: wearCostPerKWh })).toBe("OK");
  await run.settle();
  expect((await offers()).map(({ state, belowWear }) => [state, belowWear])).toEqual([
    ["open", false],
    ["cancelled", true],
  ]);
  expect((await run.views.wear("car-9", care)).orders).toEqual([]);
});
