import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it } from "vitest";
import { Chain } from "../chain/chain.ts";
import type { Member } from "../testing/consortium.ts";
import { MarketSite, type Outcome } from "../testing/market-site.ts";
import { balanceOf, type MoneyPlace } from "./account-money.ts";
import { encodeSuspension } from "./account-orders.ts";
import {
  encodeAgreement,
  encodeChargePointKey,
  encodeChargePointRequest,
  encodeDelegation,
  encodeFunding,
  encodeJoin,
  encodeLeave,
  encodePenalty,
  encodePromotion,
  encodeTariff,
  encodeTerms,
  unionAction,
} from "./union-payloads.ts";
import { signChargePoint, signJoin } from "./union-possession.ts";
import {
  chargePointKeys,
  chargePointOf,
  depositPot,
  operatorByKey,
  operatorIds,
  operatorOf,
  promotionPot,
  stakeOf,
  tariffOf,
  unionOf,
  unionPool,
} from "./union-records.ts";

const reasonHash = crypto.sha256(Uint8Array.of(9));
const terms = {
  rewardPerBlock: 10,
  promotionSharePpm: 200_000,
  poolSharePpm: 500_000,
  depositMin: 50,
};
let site: MarketSite;
let north: Member;

beforeEach(() => {
  site = new MarketSite({ crypto });
  north = site.person("north-operator", 1000);
});

const send = (sender: Member, action: keyof typeof unionAction, payload: Uint8Array): Outcome =>
  site.send({ sender, module: "union", action: unionAction[action], payload });
const code = (...call: Parameters<typeof send>): string => send(...call).code;
const held = (place: MoneyPlace): number => balanceOf(site.state, place);

function join(options: {
  organisation?: string;
  operator?: Member;
  deposit?: number;
  term?: number;
  by?: Member;
}): string {
  const { organisation = "north", operator = north, deposit = 100, term = 1 } = options;
  const { chainId } = site.consortium.genesis;
  const signed = signJoin({ chainId, organisation, deposit, term, signer: operator.signer });
  return code(options.by ?? site.validator(0), "join", encodeJoin(signed));
}

function point(name: string, pileId = "P-1", organisation = "north"): Uint8Array {
  const place = {
    pileId,
    plugType: 2,
    power_W: 50_000,
    latitude: 52_000_000,
    longitude: 4_000_000,
  };
  const { chainId } = site.consortium.genesis;
  const { signer } = site.named(name);
  return encodeChargePointRequest(signChargePoint({ chainId, organisation, point: place, signer }));
}

/** Terms without rewards, so that only the actions of a test move money. */
const unpaid = { ...terms, rewardPerBlock: 0 };

describe("joining", () => {
  it("waits for the terms, and puts the deposit's two parts where they belong", () => {
    expect(join({})).toBe("TERMS_UNKNOWN");
    expect(code(north, "setTerms", encodeTerms(unpaid))).toBe("NOT_AUTHORISED");
    expect(code(site.authority, "setTerms", encodeTerms(unpaid))).toBe("OK");
    expect(join({})).toBe("OK");
    expect([held(unionPool), held(depositPot("north")), held(north.signer.publicKey)]).toEqual([
      50, 50, 900,
    ]);
    expect(operatorIds(site.state)).toEqual(["north"]);
    expect(operatorByKey(site.state, north.signer.publicKey)?.organisation).toBe("north");
  });

  it("is a member's own, paid by who agreed to it", () => {
    send(site.authority, "setTerms", encodeTerms(unpaid));
    expect(join({ by: site.validator(1) })).toBe("NOT_AUTHORISED");
    expect(join({ by: north })).toBe("NOT_AUTHORISED");
    expect(join({ operator: site.named("stranger") })).toBe("ACCOUNT_UNKNOWN");
    expect(join({ deposit: 49 })).toBe("DEPOSIT_TOO_LOW");
    expect(join({ deposit: 1001 })).toBe("BALANCE_TOO_LOW");
    expect(join({ term: 2 })).toBe("PROOF_OF_POSSESSION_INVALID");
    expect(join({})).toBe("OK");
    expect(join({ term: 2 })).toBe("ALREADY_JOINED");
    expect(join({ organisation: "south", by: site.validator(1) })).toBe("KEY_TAKEN");
    const south = site.person("south-operator", 100);
    const { publicKey: key } = south.signer;
    const payload = encodeSuspension({ key, reasonHash });
    site.send({ sender: site.authority, module: "accounts", action: 8, payload });
    expect(join({ organisation: "south", operator: south, by: site.validator(1) })).toBe(
      "SUSPENDED",
    );
  });

  it("ends with what is left after penalties, and begins again with a new word", () => {
    send(site.authority, "setTerms", encodeTerms(unpaid));
    join({});
    const penalty = (amount: number): Uint8Array =>
      encodePenalty({ organisation: "north", amount, reasonHash });
    expect(code(north, "penalise", penalty(1))).toBe("NOT_AUTHORISED");
    expect(code(site.authority, "penalise", penalty(51))).toBe("BALANCE_TOO_LOW");
    expect(code(site.authority, "penalise", penalty(20))).toBe("OK");
    expect(stakeOf(site.state, "north")).toBe(80);
    expect(code(site.authority, "leave", encodeLeave())).toBe("NOT_AUTHORISED");
    expect(code(north, "leave", encodeLeave())).toBe("OK");
    expect([held(unionPool), held(depositPot("north")), held(north.signer.publicKey)]).toEqual([
      70, 0, 930,
    ]);
    expect(stakeOf(site.state, "north")).toBe(0);
    expect(operatorByKey(site.state, north.signer.publicKey)).toBeUndefined();
    expect(code(site.authority, "penalise", penalty(1))).toBe("OPERATOR_UNKNOWN");
    expect(join({})).toBe("PROOF_OF_POSSESSION_INVALID");
    expect(join({ term: 2 })).toBe("OK");
    expect(operatorIds(site.state)).toEqual(["north"]);
  });
});

describe("rewards", () => {
  const reward = terms.rewardPerBlock;

  it("go to the operator of each final block's proposer, with the promotion's share on top", () => {
    send(site.authority, "setTerms", encodeTerms(terms));
    join({});
    const before = held(north.signer.publicKey);
    // Validators take turns; the first and third of four are north's. South has no operator.
    site.pass(4);
    expect(held(north.signer.publicKey) - before).toBe(2 * reward);
    expect(operatorOf(site.state, "north")?.earned).toBe(2 * reward);
    expect([held(promotionPot), held(unionPool)]).toEqual([4, 26]);
    expect(unionOf(site.state).paidBlocks).toBe(2);
  });

  it("of an empty pool are not paid, which is counted, until somebody fills it", () => {
    send(site.authority, "setTerms", encodeTerms(terms));
    join({});
    site.pass(12);
    expect(unionOf(site.state)).toMatchObject({ paidBlocks: 4, unpaidBlocks: 2 });
    expect(held(unionPool)).toBe(2);
    expect(code(north, "fund", encodeFunding(100))).toBe("OK");
    site.pass(3);
    expect(unionOf(site.state).paidBlocks).toBeGreaterThan(4);
    const promotion = { account: site.named("poster").signer.publicKey, amount: 5, reasonHash };
    expect(code(north, "promote", encodePromotion(promotion))).toBe("NOT_AUTHORISED");
    expect(code(site.authority, "promote", encodePromotion(promotion))).toBe("OK");
    expect(held(promotion.account)).toBe(5);
  });

  it("are the same on a machine that replays the blocks, and on one that begins with a snapshot", () => {
    send(site.authority, "setTerms", encodeTerms(terms));
    join({});
    const { genesis } = site.consortium;
    const later = Chain.fromSnapshot({ genesis, crypto, bytes: site.chain.snapshot() });
    if (!later.ok) throw new Error(later.problem.detail);
    const first = site.blocks.length;
    site.pass(9);
    const replayed = Chain.fromGenesis({ genesis, crypto });
    for (const block of site.blocks) expect(replayed.follow(block).ok).toBe(true);
    for (const block of site.blocks.slice(first)) expect(later.value.follow(block).ok).toBe(true);
    expect(replayed.state.root()).toEqual(site.state.root());
    expect(later.value.state.root()).toEqual(site.state.root());
  });
});

describe("a charge point", () => {
  beforeEach(() => {
    send(site.authority, "setTerms", encodeTerms(unpaid));
    join({});
  });

  it("has a key of its own, which agreed to it", () => {
    expect(code(site.authority, "addChargePoint", point("a"))).toBe("NOT_AUTHORISED");
    expect(code(north, "addChargePoint", point("a", "P-1", "south"))).toBe(
      "PROOF_OF_POSSESSION_INVALID",
    );
    expect(code(north, "addChargePoint", point("a"))).toBe("OK");
    expect(code(north, "addChargePoint", point("a", "P-2"))).toBe("KEY_TAKEN");
    expect(code(north, "addChargePoint", point("north-operator", "P-2"))).toBe("KEY_TAKEN");
    expect(code(north, "addChargePoint", point("b"))).toBe("ID_TAKEN");
    const key = site.named("a").signer.publicKey;
    expect(chargePointOf(site.state, key)).toMatchObject({ organisation: "north", pileId: "P-1" });
    expect(chargePointKeys(site.state, "north")).toEqual([key]);
  });

  it("is removed by its operator or the authority; its pile then takes another key", () => {
    send(north, "addChargePoint", point("a"));
    const key = encodeChargePointKey(site.named("a").signer.publicKey);
    expect(code(site.person("ada"), "removeChargePoint", key)).toBe("NOT_AUTHORISED");
    expect(code(north, "removeChargePoint", key)).toBe("OK");
    expect(code(site.authority, "removeChargePoint", key)).toBe("CHARGE_POINT_UNKNOWN");
    expect(code(north, "addChargePoint", point("a"))).toBe("KEY_TAKEN");
    expect(code(north, "addChargePoint", point("b"))).toBe("OK");
    expect(chargePointKeys(site.state, "north")).toHaveLength(2);
  });
});

describe("the tariff", () => {
  it("is one for all, unless the authority agreed to exactly what an operator proposed", () => {
    send(site.authority, "setTerms", encodeTerms(unpaid));
    join({});
    expect(tariffOf(site.state, "north")).toBeUndefined();
    const all = { pricePerKWh: 300_000, sessionFee: 0 };
    expect(code(north, "setTariff", encodeTariff(all))).toBe("NOT_AUTHORISED");
    expect(code(site.authority, "setTariff", encodeTariff(all))).toBe("OK");
    const own = { pricePerKWh: 250_000, sessionFee: 100_000 };
    expect(code(site.authority, "proposeTariff", encodeTariff(own))).toBe("NOT_AUTHORISED");
    expect(code(north, "proposeTariff", encodeTariff(own))).toBe("OK");
    expect(tariffOf(site.state, "north")).toEqual(all);
    const agree = (tariffHash: Uint8Array, organisation = "north"): string =>
      code(site.authority, "agreeTariff", encodeAgreement({ organisation, tariffHash }));
    expect(agree(reasonHash)).toBe("TARIFF_DIFFERS");
    expect(agree(reasonHash, "south")).toBe("OPERATOR_UNKNOWN");
    const hash = crypto.sha256(encodeTariff(own));
    const payload = encodeAgreement({ organisation: "north", tariffHash: hash });
    expect(code(north, "agreeTariff", payload)).toBe("NOT_AUTHORISED");
    expect(agree(hash)).toBe("OK");
    expect(tariffOf(site.state, "north")).toEqual(own);
    expect(agree(new Uint8Array(32))).toBe("OK");
    expect(tariffOf(site.state, "north")).toEqual(all);
  });
});

describe("delegated money", () => {
  it("stays its holder's", () => {
    send(site.authority, "setTerms", encodeTerms(unpaid));
    join({});
    const ada = site.person("ada", 80);
    const of = (amount: number, organisation = "north"): Uint8Array =>
      encodeDelegation({ organisation, amount });
    expect(code(ada, "delegate", of(10, "south"))).toBe("OPERATOR_UNKNOWN");
    expect(code(site.authority, "delegate", of(10))).toBe("ACCOUNT_UNKNOWN");
    expect(code(ada, "delegate", of(81))).toBe("BALANCE_TOO_LOW");
    expect(code(ada, "delegate", of(60))).toBe("OK");
    expect(code(ada, "undelegate", of(61))).toBe("BALANCE_TOO_LOW");
    expect(code(north, "undelegate", of(1))).toBe("BALANCE_TOO_LOW");
    send(north, "leave", encodeLeave());
    expect(code(ada, "undelegate", of(60))).toBe("OK");
    expect(held(ada.signer.publicKey)).toBe(80);
  });
});
