import {
  encodeCurveOrder,
  encodeListOrder,
  encodeMarketBuy,
  moduleNumber,
  pileAction,
  signPile,
} from "@voltfog/ledger";
import { standardTemplate, templateHash } from "@voltfog/market";
import { type Signer, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, expect, it } from "vitest";
import { MarketRun } from "../testing/market-run.ts";
import { newSigner } from "../testing/test-vehicle.ts";

const module = moduleNumber.piles;
const most = Number.MAX_SAFE_INTEGER;
const day_ms = 86_400_000;
const hour_ms = 3_600_000;

let run: MarketRun;
let owner: Signer;
let buyer: Signer;
let pile: Signer;

beforeEach(async () => {
  run = new MarketRun();
  [owner, buyer] = [await run.person("owner", 1), await run.person("buyer", 50_000_000)];
  pile = newSigner();
  const payload = encodeCurveOrder({
    ...{ zone: 3, reserve: 60_000_000, supply_Wh: 400_000, crrPpm: 500_000 },
    catalogue: {
      ...{ valleyPricePerKWh: 200_000, peakPricePerKWh: 450_000 },
      ...{ peakFrom_min: 17 * 60, peakTo_min: 21 * 60 },
    },
    template: templateHash(standardTemplate, crypto),
  });
  expect(run.send(run.authority, { module, action: pileAction.curve, payload })).toBe("OK");
  expect(list(true)).toBe("OK");
  await run.settle();
});

function list(isOffered: boolean): string {
  const order = signPile({
    chainId: run.chain.chain.genesis.chainId,
    owner: owner.publicKey,
    signer: pile,
    terms: {
      ...{ zone: 3, power_W: 7000, floorPricePerKWh: 0 },
      ...{ valleyPricePerKWh: 250_000, peakPricePerKWh: 500_000 },
      windows: isOffered ? [{ from_min: 8 * 60, to_min: 20 * 60 }] : [],
    },
  });
  return run.send(owner, { module, action: pileAction.list, payload: encodeListOrder(order) });
}

it("shows a zone's price by its own curve, and piles until they are taken off", async () => {
  const { curves, piles } = run.views.piles();
  // P = B / (S · CRR) = 60 / (400 kWh · 0.5) = 0.30 per kWh; no load was reported.
  expect(curves).toMatchObject([{ zone: 3, weight: 0.5, pricePerKWh: 300_000, load: 0 }]);
  expect(piles).toMatchObject([
    {
      ...{ key: toHex(pile.publicKey), owner: toHex(owner.publicKey), zone: 3, power_W: 7000 },
      ...{ windows: [{ from_min: 480, to_min: 1200 }], booked: [] },
    },
  ]);
  expect(list(false)).toBe("OK");
  await run.settle();
  expect(run.views.piles().piles).toEqual([]);
});

it("a purchase makes a contract that both sides find and are told of", async () => {
  const now_ms = run.chain.chain.head.header.time_ms;
  const next_ms = (Math.floor(now_ms / day_ms) + 1) * day_ms;
  const payload = encodeMarketBuy({
    ...{ orderId: new Uint8Array(16).fill(5), zone: 3, energy_Wh: 10_000, maxCost: 20_000_000 },
    window: { from_ms: next_ms + 9 * hour_ms, to_ms: next_ms + 15 * hour_ms },
  });
  expect(run.send(buyer, { module, action: pileAction.marketBuy, payload })).toBe("OK");
  await run.settle();
  const page = { before: most, limit: 5 };
  const [contract] = run.views.contracts({ key: toHex(buyer.publicKey), ...page });
  expect(contract).toMatchObject({
    ...{ pile: toHex(pile.publicKey), buyer: toHex(buyer.publicKey), energy_Wh: 10_000 },
    ...{ seller: toHex(owner.publicKey), state: "proposed", paid: null, signedByBuyer: false },
    baselineCost: 2_500_000,
  });
  for (const key of [owner, pile].map(({ publicKey }) => toHex(publicKey))) {
    expect(run.views.contracts({ key, ...page })).toEqual([contract]);
  }
  for (const { publicKey } of [owner, buyer]) {
    const told = run.views.notices({ key: toHex(publicKey), after: 0, limit: 50 }).at(-1);
    expect(told).toMatchObject({ kind: "contract", about: contract?.id });
  }
  expect(run.views.account(buyer.publicKey, () => false)?.contracts).toEqual([contract]);
  const [booked] = run.views.piles().piles[0]?.booked ?? [];
  expect(booked?.contract).toBe(contract?.id);
  expect(run.views.overview().piles).toEqual({ curves: 1, contracts: 1 });
});
