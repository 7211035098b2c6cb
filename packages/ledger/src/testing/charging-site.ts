import { assert, type Crypto } from "@voltfog/runtime";
import { balanceOf, type MoneyPlace } from "../modules/account-money.ts";
import { type BeanGift, beanAction, encodeRebate } from "../modules/bean-payloads.ts";
import {
  type Authorisation,
  encodeAuthorisation,
  encodeMeterReading,
  encodeOfflineSettlement,
  encodeSessionName,
  encodeSettlement,
  type OfflineSettlement,
  sessionAction,
} from "../modules/session-payloads.ts";
import { type SessionRecord, sessionOf } from "../modules/session-record.ts";
import { sessionIdOf, signVoucher } from "../modules/session-voucher.ts";
import {
  encodeChargePointRequest,
  encodeJoin,
  encodeTariff,
  encodeTerms,
  unionAction,
} from "../modules/union-payloads.ts";
import { signChargePoint, signJoin } from "../modules/union-possession.ts";
import type { Member } from "./consortium.ts";
import { type Call, MarketSite } from "./market-site.ts";

/** Of all operators of the site. */
export const tariff = { pricePerKWh: 400_000, sessionFee: 500_000 } as const;
export const plugType = 2;
const hour_ms = 3_600_000;
const point = { plugType, power_W: 50_000, latitude: 52_000_000, longitude: 4_000_000 } as const;
const terms = { promotionSharePpm: 0, poolSharePpm: 1_000_000, depositMin: 1 } as const;

/** Two operators that have earned rewards, a charge point each, and who drives. For tests. */
export class ChargingSite {
  readonly site: MarketSite;
  readonly north: Member;
  readonly south: Member;
  readonly northPoint: Member;
  readonly southPoint: Member;
  readonly #crypto: Crypto;

  constructor(options: { crypto: Crypto; earned?: number }) {
    this.#crypto = options.crypto;
    const site = new MarketSite(options);
    this.site = site;
    this.north = site.person("north-operator", 100_000_000);
    this.south = site.person("south-operator", 100_000_000);
    this.northPoint = site.named("north-point");
    this.southPoint = site.named("south-point");
    this.#found(options.earned ?? 20_000_000);
  }

  /** The union, and one reward for each operator; from then on none, so that only the tests move money. */
  #found(earned: number): void {
    this.union(this.site.authority, "setTerms", encodeTerms({ ...terms, rewardPerBlock: 0 }));
    this.union(this.site.authority, "setTariff", encodeTariff(tariff));
    const { chainId } = this.site.consortium.genesis;
    for (const [organisation, operator, name] of [
      ["north", this.north, this.northPoint],
      ["south", this.south, this.southPoint],
    ] as const) {
      const joined = { chainId, organisation, deposit: 50_000_000, term: 1 };
      const join = encodeJoin(signJoin({ ...joined, signer: operator.signer }));
      this.union(this.site.validator(organisation === "north" ? 0 : 1), "join", join);
      const place = { ...point, pileId: `${organisation}-1` };
      const signed = signChargePoint({ chainId, organisation, point: place, signer: name.signer });
      this.union(operator, "addChargePoint", encodeChargePointRequest(signed));
    }
    const paying = encodeTerms({ ...terms, rewardPerBlock: earned });
    if (earned > 0) this.union(this.site.authority, "setTerms", paying);
    if (earned > 0) this.site.pass(1);
    this.union(this.site.authority, "setTerms", encodeTerms({ ...terms, rewardPerBlock: 0 }));
  }

  union(sender: Member, action: keyof typeof unionAction, payload: Uint8Array): void {
    const call = { sender, module: "union", action: unionAction[action], payload } as const;
    const { code } = this.site.send(call);
    assert(code === "OK", `the union's ${action} goes through: ${code}`);
  }

  /** Of the head. */
  get now_ms(): number {
    return this.site.chain.head.header.time_ms;
  }

  session(
    sender: Member,
    action: keyof typeof sessionAction,
    payload: Uint8Array,
    time_ms?: number,
  ): string {
    const call: Call = { sender, module: "sessions", action: sessionAction[action], payload };
    const [outcome] = this.site.sendAll([call], time_ms === undefined ? {} : { time_ms });
    return outcome?.code ?? "NOTHING";
  }

  bean(sender: Member, action: keyof typeof beanAction, payload: Uint8Array): string {
    const call: Call = { sender, module: "beans", action: beanAction[action], payload };
    return this.site.send(call).code;
  }

  rebate(operator: Member, account: Member, energy_Wh: BeanGift["energy_Wh"]): string {
    const payload = encodeRebate({ account: account.signer.publicKey, energy_Wh });
    return this.bean(operator, "rebate", payload);
  }

  /** At the north's charge point: 20 kWh, 10 in money, for an hour. */
  order(over: Partial<Authorisation> = {}): Authorisation {
    return {
      salt: new Uint8Array(16),
      chargePoint: this.northPoint.signer.publicKey,
      plugType,
      limitAmount: 10_000_000,
      limit_Wh: 20_000,
      expiry_ms: this.now_ms + hour_ms,
      beansOf: undefined,
      ...over,
    };
  }

  authorise(driver: Member, over: Partial<Authorisation> = {}): string {
    return this.session(driver, "authorise", encodeAuthorisation(this.order(over)));
  }

  /** Of the order that {@link order} makes for a driver. */
  id(driver: Member, over: Partial<Authorisation> = {}): Uint8Array {
    return sessionIdOf({ ...this.order(over), driver: driver.signer.publicKey }, this.#crypto);
  }

  read(
    action: "start" | "meter" | "settle",
    sessionId: Uint8Array,
    reading: { meter_Wh: number; at_ms?: number; by?: Member; block_ms?: number },
  ): string {
    const time_ms = reading.at_ms ?? this.now_ms;
    const one = { sessionId, meter_Wh: reading.meter_Wh, time_ms };
    const receiptHash = new Uint8Array(32).fill(7);
    const payload =
      action === "settle" ? encodeSettlement({ ...one, receiptHash }) : encodeMeterReading(one);
    return this.session(reading.by ?? this.northPoint, action, payload, reading.block_ms);
  }

  name(
    sender: Member,
    action: "cancel" | "expire" | "payShortfall",
    id: Uint8Array,
    at?: number,
  ): string {
    return this.session(sender, action, encodeSessionName(id), at);
  }

  /** Half an hour without a connection, then the driver's voucher. */
  offline(
    driver: Member,
    energy_Wh: number,
    over: Partial<OfflineSettlement> & { order?: Partial<Authorisation>; by?: Member } = {},
  ): string {
    const { chainId } = this.site.consortium.genesis;
    const signed = { ...this.order(over.order), ...tariff };
    const voucher = signVoucher({ chainId, terms: signed, signer: driver.signer });
    const end_ms = this.now_ms;
    const payload = encodeOfflineSettlement({
      voucher,
      start_ms: end_ms - hour_ms / 2,
      start_Wh: 1000,
      end_ms,
      end_Wh: 1000 + energy_Wh,
      receiptHash: new Uint8Array(32).fill(8),
      ...over,
    });
    return this.session(over.by ?? this.northPoint, "settleOffline", payload);
  }

  record(id: Uint8Array): SessionRecord {
    const record = sessionOf(this.site.state, id);
    assert(record !== undefined, "the session is on the chain");
    return record;
  }

  held(place: Member | MoneyPlace): number {
    return balanceOf(this.site.state, "signer" in place ? place.signer.publicKey : place);
  }
}
