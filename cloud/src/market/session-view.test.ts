import {
  beanAction,
  encodeAuthorisation,
  encodeChargePointRequest,
  encodeDispute,
  encodeJoin,
  encodeMeterReading,
  encodeRebate,
  encodeSettlement,
  encodeTariff,
  encodeTerms,
  moduleNumber,
  sessionAction,
  sessionIdOf,
  signChargePoint,
  signJoin,
  unionAction,
} from "@voltfog/ledger";
import { type Signer, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, expect, it } from "vitest";
import { MarketRun } from "../testing/market-run.ts";
import { newSigner } from "../testing/test-vehicle.ts";

const organisation = "north";
const most = Number.MAX_SAFE_INTEGER;
const page = { before: most, limit: 5 };

let run: MarketRun;
let operator: Signer;
let driver: Signer;
let point: Signer;

beforeEach(async () => {
  run = new MarketRun();
  operator = await run.person("operator", 100_000_000);
  driver = await run.person("driver", 20_000_000);
  point = newSigner();
  const { chainId } = run.chain.chain.genesis;
  const { authority } = run;
  const [validator] = run.site.validators;
  const place = { plugType: 2, power_W: 50_000, latitude: 52_000_000, longitude: 4_000_000 };
  const registered = { ...place, pileId: "pile-1" };
  const terms = { promotionSharePpm: 100_000, poolSharePpm: 500_000, depositMin: 1 };
  const join = signJoin({ chainId, organisation, deposit: 50_000_000, term: 1, signer: operator });
  const request = signChargePoint({ chainId, organisation, point: registered, signer: point });
  union(authority, "setTerms", encodeTerms({ ...terms, rewardPerBlock: 1_000_000 }));
  union(authority, "setTariff", encodeTariff({ pricePerKWh: 400_000, sessionFee: 500_000 }));
  union(validator?.signer ?? authority, "join", encodeJoin(join));
  union(operator, "addChargePoint", encodeChargePointRequest(request));
  await run.settle();
});

function union(signer: Signer, name: keyof typeof unionAction, payload: Uint8Array): void {
  const call = { module: moduleNumber.union, action: unionAction[name], payload };
  expect(run.send(signer, call)).toBe("OK");
}

function session(signer: Signer, name: keyof typeof sessionAction, payload: Uint8Array): void {
  const call = { module: moduleNumber.sessions, action: sessionAction[name], payload };
  expect(run.send(signer, call)).toBe("OK");
}

function now_ms(): number {
  return run.chain.chain.head.header.time_ms;
}

it("the union is shown with its members, their charge points and what they may issue", async () => {
  const { union: shown, tariff } = run.views.overview();
  expect(tariff).toEqual({ pricePerKWh: 400_000, sessionFee: 500_000 });
  expect(shown).toMatchObject({ promotionShare: 0.1, rewardPerBlock: 1_000_000, unpaidBlocks: 0 });
  expect(shown.operators).toMatchObject([
    { organisation, key: toHex(operator.publicKey), deposit: 50_000_000, left: false },
  ]);
  expect(run.views.chargePoints({ operator: organisation, limit: 5 })).toMatchObject([
    { key: toHex(point.publicKey), pileId: "pile-1", latitude: 52, longitude: 4 },
  ]);
  expect(run.views.chargePoints({ operator: "south", limit: 5 })).toEqual([]);
  const rebate = encodeRebate({ account: driver.publicKey, energy_Wh: 1000 });
  const call = { module: moduleNumber.beans, action: beanAction.rebate, payload: rebate };
  expect(run.send(operator, call)).toBe("OK");
  await run.settle();
  const [issuer] = run.views.beans();
  expect(issuer).toMatchObject({ organisation, outstanding_Wh: 1000, pricePerKWh: null });
  expect(issuer?.bound_Wh).toBeGreaterThanOrEqual(1000);
  const account = run.views.account(driver.publicKey, () => false);
  expect(account?.beans).toEqual([{ organisation, energy_Wh: 1000 }]);
});

it("a session is followed from its authorisation to its bill", async () => {
  const order = {
    ...{ salt: new Uint8Array(16), chargePoint: point.publicKey, plugType: 2 },
    ...{ limitAmount: 10_000_000, limit_Wh: 20_000, expiry_ms: now_ms() + 3_600_000 },
    beansOf: undefined,
  };
  session(driver, "authorise", encodeAuthorisation(order));
  const sessionId = sessionIdOf({ ...order, driver: driver.publicKey }, crypto);
  const id = toHex(sessionId);
  const reading = (meter_Wh: number): Uint8Array =>
    encodeMeterReading({ sessionId, meter_Wh, time_ms: now_ms() });
  session(point, "start", reading(5000));
  session(point, "meter", reading(5004));
  await run.settle();
  expect(run.views.session(id)).toMatchObject({
    ...{ state: "charging", energy_Wh: 4, cost: null, pileId: "pile-1", organisation },
  });
  expect(run.views.overview().sessions).toEqual({ open: 1, settled: 0, disputed: 0 });
  const last = { sessionId, meter_Wh: 5010, time_ms: now_ms() };
  const receiptHash = new Uint8Array(32).fill(9);
  session(point, "settle", encodeSettlement({ ...last, receiptHash }));
  await run.settle();
  const found = run.views.session(id);
  expect(found).toMatchObject({
    ...{ state: "settled", energy_Wh: 10, cost: 504_000, meterHash: toHex(receiptHash) },
  });
  expect(run.views.overview().sessions).toEqual({ open: 0, settled: 1, disputed: 0 });
  const day = new Date(found?.time_ms ?? 0).toISOString().slice(0, 10);
  for (const query of [
    { key: toHex(driver.publicKey) },
    { key: toHex(point.publicKey), operator: organisation },
    { operator: organisation, day },
  ]) {
    expect(run.views.sessions({ ...query, ...page })).toEqual([found]);
  }
  for (const query of [{ operator: "south" }, { day: "2001-01-01" }]) {
    expect(run.views.sessions({ ...query, ...page })).toEqual([]);
  }
  const told = run.views.notices({ key: toHex(driver.publicKey), after: 0, limit: 50 });
  expect(told.slice(-3).map(({ sentence }) => sentence)).toEqual([
    "Charging at a charge point of north is authorised.",
    "Charging at a charge point of north has begun.",
    "Charged 0.01 kWh at a charge point of north for 0.504.",
  ]);
  const evidenceHash = new Uint8Array(32).fill(7);
  session(driver, "dispute", encodeDispute({ sessionId, vehicleEnergy_Wh: 1000, evidenceHash }));
  await run.settle();
  const disputes = run.views.disputes(page);
  expect(disputes).toMatchObject({ open: 1, trades: [], contracts: [] });
  expect(disputes.sessions).toMatchObject([{ id, state: "disputed", vehicleEnergy_Wh: 1000 }]);
});
