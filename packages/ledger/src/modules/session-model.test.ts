import { assert } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { BareLedger } from "../testing/bare-ledger.ts";
import { ChargingSite, plugType, tariff } from "../testing/charging-site.ts";
import type { Member } from "../testing/consortium.ts";
import { PlainMarket } from "../testing/plain-market.ts";
import { at } from "../testing/transactions.ts";
import { balanceOf, supplyOf } from "./account-money.ts";
import {
  beanAction,
  decodeBeanMovement,
  encodeBeanEnvelope,
  encodeBeanGift,
  encodeEnvelopeName,
  encodeRebate,
} from "./bean-payloads.ts";
import { beanIssuerOf, beansFrom } from "./bean-records.ts";
import { beansModule } from "./beans.ts";
import type { Verdict } from "./module.ts";
import { sessionPot } from "./session-money.ts";
import {
  encodeAuthorisation,
  encodeDispute,
  encodeMeterReading,
  encodeOfflineSettlement,
  encodeResolution,
  encodeSessionName,
  encodeSettlement,
  sessionAction,
} from "./session-payloads.ts";
import { sessionDebtOf, sessionOf } from "./session-record.ts";
import { sessionIdOf, signVoucher } from "./session-voucher.ts";
import { sessionsModule } from "./sessions.ts";
import { unionPool } from "./union-records.ts";

// Thousands of actions: seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const minute_ms = 60_000;
const site = new ChargingSite({ crypto });
const drivers = [
  site.site.person("ada", 12_000_000),
  site.site.person("ben", 12_000_000),
  // Whose vouchers are rarely covered.
  site.site.person("cem", 2_000_000),
];
const operators = [site.north, site.south];
const points = [site.northPoint, site.southPoint];
const names = ["north", "south"] as const;
const { chainId } = site.site.consortium.genesis;
const envelopeId = new Uint8Array(16).fill(9);
const hash = new Uint8Array(32).fill(1);
const keyOf = (member: Member): Uint8Array => member.signer.publicKey;

const kinds = [
  ...(["authorise", "authorise", "start", "start", "start", "meter", "settle", "settle"] as const),
  ...([
    "voucher",
    "cancel",
    "expire",
    "expire",
    "dispute",
    "dispute",
    "resolve",
    "payShortfall",
  ] as const),
  ...(["rebate", "gift", "fill", "claim", "wait"] as const),
];

interface Step {
  readonly kind: (typeof kinds)[number];
  readonly driver: number;
  readonly point: number;
  readonly salt: number;
  readonly amount: number;
  readonly energy_Wh: number;
  readonly minutes: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...kinds),
  driver: fc.nat(drivers.length - 1),
  point: fc.constantFrom(0, 0, 1),
  salt: fc.constantFrom(0, 0, 1),
  amount: fc.oneof(fc.nat(9_000_000), fc.constantFrom(0, 499_999, 500_000, 20_000_000)),
  energy_Wh: fc.oneof(fc.nat(25_000), fc.nat(2_000), fc.constant(0)),
  minutes: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 8 }) },
    { weight: 1, arbitrary: fc.constantFrom(30, 1_500, 11_000) },
  ),
});

/** The chain's modules and the book on paper, step by step the same. */
class Twins {
  readonly ledger = new BareLedger({ chain: site.site.chain, crypto });
  readonly book = new PlainMarket({
    drivers: drivers.map((one) => balanceOf(this.ledger.state, keyOf(one))),
    operators: operators.map((one) => balanceOf(this.ledger.state, keyOf(one))),
    bound_Wh: 50_000,
  });
  readonly #ids = new Map<string, Uint8Array>();

  take(one: Step): void {
    if (one.kind === "wait") {
      this.ledger.time_ms += one.minutes * minute_ms;
      return;
    }
    // Every reading is after the one before.
    this.ledger.time_ms += Math.min(one.minutes, 30) * minute_ms;
    this.book.now_ms = this.ledger.time_ms;
    const { code, expected } = this.#act(one);
    expect([code === "OK", one, code]).toEqual([expected, one, code]);
  }

  #act(one: Step): { code: string; expected: boolean } {
    if (one.kind === "claim") return this.#claim(one.driver);
    if (one.kind === "rebate" || one.kind === "gift" || one.kind === "fill") return this.#bean(one);
    return this.#session(one);
  }

  #claim(driver: number): { code: string; expected: boolean } {
    const expected = this.book.mayClaim(driver);
    const verdict = this.#beans("claim", at(drivers, driver), encodeEnvelopeName(envelopeId));
    if (verdict.data !== undefined) {
      const moved = decodeBeanMovement(verdict.data);
      assert(moved.ok, "a claim's result is a movement");
      this.book.claim(driver, moved.value.energy_Wh);
    }
    return { code: verdict.code, expected };
  }

  #bean(one: Step): { code: string; expected: boolean } {
    const { driver, point, energy_Wh, book } = { ...one, book: this.book };
    const operator = at(operators, point);
    const account = keyOf(at(drivers, driver));
    if (one.kind === "rebate") {
      const { code } = this.#beans("rebate", operator, encodeRebate({ account, energy_Wh }));
      return { code, expected: book.rebate(point, driver, energy_Wh) };
    }
    if (one.kind === "gift") {
      const from = (driver + one.salt) % drivers.length;
      const gift = { organisation: at(names, point), account, energy_Wh };
      const { code } = this.#beans("gift", at(drivers, from), encodeBeanGift(gift));
      return { code, expected: book.gift({ operator: point, from, to: driver, energy_Wh }) };
    }
    const untilHeight = this.ledger.height + 1_000;
    const envelope = { id: envelopeId, energy_Wh, shares: 2 + one.salt, untilHeight };
    const { code } = this.#beans("envelope", operator, encodeBeanEnvelope(envelope));
    return { code, expected: book.fill(point, energy_Wh, envelope.shares) };
  }

  #session(one: Step): { code: string; expected: boolean } {
    const { driver, point, amount, energy_Wh } = one;
    const { book } = this;
    const now_ms = this.ledger.time_ms;
    const salt = new Uint8Array(16).fill(one.salt);
    const chargePoint = keyOf(at(points, point));
    const sessionId = sessionIdOf(
      { driver: keyOf(at(drivers, driver)), chargePoint, salt },
      crypto,
    );
    const id = `${driver}/${point}/${one.salt}`;
    this.#ids.set(id, sessionId);
    const limits = { limitAmount: amount, limit_Wh: energy_Wh, expiry_ms: now_ms + 60 * minute_ms };
    const order = { salt, chargePoint, plugType, ...limits, beansOf: undefined };
    const plain = { driver, point, ...limits };
    const meter_Wh = Math.max(0, (book.sessions.get(id)?.last_Wh ?? 0) + energy_Wh - 200);
    const reading = { sessionId, meter_Wh, time_ms: now_ms };
    const [who, there] = [at(drivers, driver), at(points, point)];
    const run = (by: Member, action: keyof typeof sessionAction, payload: Uint8Array): string =>
      this.ledger.run({
        module: sessionsModule,
        action: sessionAction[action],
        payload,
        key: keyOf(by),
      }).code;
    switch (one.kind) {
      case "authorise":
        return {
          code: run(who, "authorise", encodeAuthorisation(order)),
          expected: book.authorise(id, plain),
        };
      case "start":
        return {
          code: run(there, "start", encodeMeterReading(reading)),
          expected: book.start(id, meter_Wh),
        };
      case "meter":
        return {
          code: run(there, "meter", encodeMeterReading(reading)),
          expected: book.read(id, meter_Wh),
        };
      case "settle":
        return {
          code: run(there, "settle", encodeSettlement({ ...reading, receiptHash: hash })),
          expected: book.settle(id, meter_Wh),
        };
      case "voucher": {
        // The driver agrees to more than it asked for when it was connected.
        const more = { limitAmount: amount + 4_000_000, limit_Wh: energy_Wh };
        const terms = { ...order, ...more, ...tariff };
        const voucher = signVoucher({ chainId, terms, signer: who.signer });
        const start_ms = now_ms - 30 * minute_ms;
        const readings = { start_ms, start_Wh: 0, end_ms: now_ms, end_Wh: energy_Wh };
        const payload = encodeOfflineSettlement({ voucher, ...readings, receiptHash: hash });
        return {
          code: run(there, "settleOffline", payload),
          expected: book.voucher(id, { ...plain, ...more }, energy_Wh),
        };
      }
      case "dispute": {
        const payload = encodeDispute({
          sessionId,
          vehicleEnergy_Wh: energy_Wh,
          evidenceHash: hash,
        });
        return { code: run(who, "dispute", payload), expected: book.dispute(id, energy_Wh) };
      }
      case "resolve": {
        const payload = encodeResolution({ sessionId, refund: amount, reasonHash: hash });
        const code = run(site.site.authority, "resolve", payload);
        return { code, expected: book.resolve(id, amount) };
      }
      case "cancel":
      case "expire":
      case "payShortfall":
        return {
          code: run(who, one.kind, encodeSessionName(sessionId)),
          expected: book[one.kind](id),
        };
      default:
        throw new Error(one.kind);
    }
  }

  #beans(action: keyof typeof beanAction, by: Member, payload: Uint8Array): Verdict {
    const call = { module: beansModule, action: beanAction[action], payload, key: keyOf(by) };
    return this.ledger.run(call);
  }

  /** All that both hold is the same, and nothing was made or lost. */
  compare(): void {
    const { book } = this;
    const { state } = this.ledger;
    const held = (member: Member): number => balanceOf(state, keyOf(member));
    expect(drivers.map(held)).toEqual(book.drivers);
    expect(operators.map(held)).toEqual(book.operators);
    expect(drivers.map((one) => sessionDebtOf(state, keyOf(one)))).toEqual(book.debts);
    for (const [id, session] of book.sessions) {
      const sessionId = this.#ids.get(id) ?? hash;
      expect(sessionOf(state, sessionId)?.state).toBe(session.state);
      expect(balanceOf(state, sessionPot(sessionId))).toBe(session.pot);
    }
    for (const [i, name] of names.entries()) {
      const beans = drivers.map((one) => beansFrom(state, keyOf(one), name));
      expect(beans).toEqual(book.beans[i]);
      expect(beanIssuerOf(state, name).outstanding_Wh).toBe(book.whereabouts_Wh(i));
      expect(book.outstanding[i]).toBe(book.whereabouts_Wh(i));
    }
    expect(book.money + balanceOf(state, unionPool)).toBe(supplyOf(state));
    expect(Math.min(...book.drivers, ...book.operators, ...book.debts)).toBeGreaterThanOrEqual(0);
  }
}

describe("any actions about sessions and beans", () => {
  it("leave what a book on paper says: nothing made, nothing lost, nothing below 0, settled once", () => {
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 160, size: "max" }), (steps) => {
        const twins = new Twins();
        for (const one of steps) twins.take(one);
        twins.compare();
        for (const { state } of twins.book.sessions.values()) {
          outcomes.set(state, (outcomes.get(state) ?? 0) + 1);
        }
      }),
      { numRuns: 300 },
    );
    // The walk came everywhere.
    expect([...outcomes.keys()].sort()).toEqual([
      "authorised",
      "cancelled",
      "charging",
      "disputed",
      "expired",
      "resolved",
      "settled",
    ]);
  });
});
