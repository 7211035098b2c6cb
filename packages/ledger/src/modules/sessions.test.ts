import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ChargingSite } from "../testing/charging-site.ts";
import type { Member } from "../testing/consortium.ts";
import { beanIssuerOf, beansFrom } from "./bean-records.ts";
import { sessionPot } from "./session-money.ts";
import { encodeChargePointKey, encodeLeave } from "./union-payloads.ts";

// A block for each transaction: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
const day_ms = 24 * hour_ms;

let site: ChargingSite;
let ada: Member;
let id: Uint8Array;

beforeEach(() => {
  site = new ChargingSite({ crypto });
  ada = site.site.person("ada", 30_000_000);
  id = site.id(ada);
});

/** Authorised and started at 5,000 Wh on the meter. */
function begun(): number {
  expect(site.authorise(ada)).toBe("OK");
  expect(site.read("start", id, { meter_Wh: 5_000 })).toBe("OK");
  return site.record(id).meter?.start_ms ?? 0;
}

describe("authorising a session", () => {
  it("locks the limit and the operator's beans, and fixes the tariff", () => {
    expect(site.rebate(site.north, ada, 3_000)).toBe("OK");
    expect(site.rebate(site.south, ada, 4_000)).toBe("OK");
    expect(site.authorise(ada)).toBe("OK");
    expect(site.held(ada)).toBe(20_000_000);
    expect(site.held(sessionPot(id))).toBe(10_000_000);
    const key = ada.signer.publicKey;
    expect(beansFrom(site.site.state, key, "north")).toBe(0);
    expect(beansFrom(site.site.state, key, "south")).toBe(4_000);
    expect(site.record(id)).toMatchObject({
      state: "authorised",
      organisation: "north",
      pricePerKWh: 400_000,
      sessionFee: 500_000,
      heldBeans_Wh: 3_000,
    });
    expect(site.authorise(ada)).toBe("ID_TAKEN");
  });

  it("is refused with a code where its terms make no sense", () => {
    const { now_ms } = site;
    const stranger = site.site.named("stranger");
    expect(site.authorise(stranger)).toBe("TX_SENDER_UNKNOWN");
    expect(site.authorise(site.northPoint)).toBe("ACCOUNT_UNKNOWN");
    const nowhere = ada.signer.publicKey;
    for (const [over, code] of [
      [{ chargePoint: nowhere }, "CHARGE_POINT_UNKNOWN"],
      [{ plugType: 3 }, "PLUG_DIFFERS"],
      [{ beansOf: "south" }, "OTHER_ISSUER"],
      [{ limit_Wh: 0 }, "LIMIT_INVALID"],
      [{ limit_Wh: 1_000_001 }, "LIMIT_INVALID"],
      [{ expiry_ms: now_ms }, "EXPIRY_INVALID"],
      [{ expiry_ms: now_ms + 8 * day_ms }, "EXPIRY_INVALID"],
      [{ limitAmount: 499_999 }, "LIMIT_TOO_LOW"],
      [{ limitAmount: 30_000_001 }, "BALANCE_TOO_LOW"],
    ] as const) {
      expect([site.authorise(ada, over), over]).toEqual([code, over]);
    }
    expect(site.held(ada)).toBe(30_000_000);
  });

  it("ends with the charge point's registration, but what has begun is settled", () => {
    const at_ms = begun();
    const key = site.northPoint.signer.publicKey;
    site.union(site.north, "removeChargePoint", encodeChargePointKey(key));
    expect(site.authorise(ada, { salt: new Uint8Array(16).fill(1) })).toBe("CHARGE_POINT_UNKNOWN");
    const end = { meter_Wh: 5_100, at_ms: at_ms + 1_000 };
    expect(site.read("settle", id, end)).toBe("OK");
    expect(site.record(id).settlement?.paid).toBe(540_000);
  });

  it("ends with its operator's membership, which is still paid for what has begun", () => {
    const at_ms = begun();
    const before = site.held(site.north);
    site.union(site.north, "leave", encodeLeave());
    expect(site.authorise(ada, { salt: new Uint8Array(16).fill(1) })).toBe("CHARGE_POINT_UNKNOWN");
    const end = { meter_Wh: 5_100, at_ms: at_ms + 1_000 };
    expect(site.read("settle", id, end)).toBe("OK");
    expect(site.held(site.north) - before).toBe(540_000);
  });
});

describe("a session", () => {
  it("is settled once: beans first, then money, and the rest returns", () => {
    site.rebate(site.north, ada, 3_000);
    const from_ms = begun();
    const before = site.held(site.north);
    const half = { meter_Wh: 9_000, at_ms: from_ms + 20 * minute_ms };
    expect(site.read("meter", id, { ...half, block_ms: half.at_ms })).toBe("OK");
    const end = { meter_Wh: 15_000, at_ms: from_ms + 40 * minute_ms };
    expect(site.read("settle", id, { ...end, block_ms: end.at_ms })).toBe("OK");
    // 10 kWh, 3 of them by beans: 7 · 0.40 + 0.50.
    expect(site.held(site.north) - before).toBe(3_300_000);
    expect(site.held(ada)).toBe(26_700_000);
    expect(site.held(sessionPot(id))).toBe(0);
    expect(site.record(id)).toMatchObject({
      state: "settled",
      heldBeans_Wh: 0,
      settlement: {
        kind: "online",
        energy_Wh: 10_000,
        beans_Wh: 3_000,
        paid: 3_300_000,
        shortfall: 0,
      },
    });
    const issuer = beanIssuerOf(site.site.state, "north");
    expect(issuer).toMatchObject({ outstanding_Wh: 0, issued_Wh: 3_000, redeemed_Wh: 3_000 });
    for (const action of ["settle", "meter", "start"] as const) {
      expect(site.read(action, id, { meter_Wh: 16_000 })).toBe("ALREADY_SETTLED");
    }
    expect(site.name(ada, "cancel", id)).toBe("ALREADY_SETTLED");
    expect(site.held(site.north) - before).toBe(3_300_000);
  });

  it("gives back the beans that it did not need, and costs nothing without energy", () => {
    site.rebate(site.north, ada, 3_000);
    const at_ms = begun();
    expect(site.read("settle", id, { meter_Wh: 5_000, at_ms })).toBe("OK");
    expect(site.held(ada)).toBe(30_000_000);
    expect(beansFrom(site.site.state, ada.signer.publicKey, "north")).toBe(3_000);
  });

  it("hears its own charge point only, in order", () => {
    expect(site.read("start", id, { meter_Wh: 0 })).toBe("SESSION_UNKNOWN");
    site.authorise(ada);
    expect(site.read("meter", id, { meter_Wh: 0 })).toBe("NOT_STARTED");
    expect(site.read("settle", id, { meter_Wh: 0 })).toBe("NOT_STARTED");
    expect(site.read("start", id, { meter_Wh: 0, by: site.southPoint })).toBe("OTHER_CHARGE_POINT");
    expect(site.read("start", id, { meter_Wh: 0, by: ada })).toBe("OTHER_CHARGE_POINT");
    const { authorised_ms } = site.record(id);
    const early = authorised_ms - 61_000;
    expect(site.read("start", id, { meter_Wh: 0, at_ms: early })).toBe("TIME_INVALID");
    const ahead = site.now_ms + 62_000;
    expect(site.read("start", id, { meter_Wh: 0, at_ms: ahead })).toBe("TIME_INVALID");
    expect(site.read("start", id, { meter_Wh: 0 })).toBe("OK");
    expect(site.read("start", id, { meter_Wh: 0 })).toBe("SESSION_STARTED");
    expect(site.name(ada, "cancel", id)).toBe("SESSION_STARTED");
  });

  it("takes no reading that a meter cannot show", () => {
    const from_ms = begun();
    const now_ms = from_ms + 10 * minute_ms;
    const read = (meter_Wh: number, at_ms: number): string =>
      site.read("meter", id, { meter_Wh, at_ms, block_ms: Math.max(now_ms, site.now_ms + 1) });
    expect(read(4_999, now_ms)).toBe("METER_BACKWARDS");
    expect(read(5_100, from_ms)).toBe("TIME_INVALID");
    expect(read(5_100, now_ms + 61_000)).toBe("TIME_INVALID");
    // 50 kW for ten minutes, a fifth more and 100 Wh.
    expect(read(5_000 + 10_101, now_ms)).toBe("METER_ABSURD");
    expect(read(5_000 + 10_100, now_ms)).toBe("OK");
    expect(site.record(id).meter?.last_Wh).toBe(15_100);
  });

  it("delivers no more than the driver agreed to", () => {
    const from_ms = begun();
    const at_ms = from_ms + 50 * minute_ms;
    const settle = (meter_Wh: number): string =>
      site.read("settle", id, { meter_Wh, at_ms, block_ms: Math.max(at_ms, site.now_ms + 1) });
    expect(settle(25_001)).toBe("LIMIT_EXCEEDED");
    expect(settle(25_000)).toBe("OK");
    expect(site.record(id).settlement?.paid).toBe(8_500_000);
    const tight = { salt: new Uint8Array(16).fill(1), limitAmount: 4_500_000 };
    expect(site.authorise(ada, tight)).toBe("OK");
    const other = site.id(ada, tight);
    expect(site.read("start", other, { meter_Wh: 25_000 })).toBe("OK");
    const late_ms = site.now_ms + 30 * minute_ms;
    const end = { at_ms: late_ms, block_ms: late_ms };
    // 4.0 in money for energy: ten kilowatt-hours.
    expect(site.read("settle", other, { ...end, meter_Wh: 35_001 })).toBe("LIMIT_EXCEEDED");
    expect(site.read("settle", other, { at_ms: late_ms, meter_Wh: 35_000 })).toBe("OK");
    expect(site.held(sessionPot(other))).toBe(0);
  });
});

describe("a session that comes to no good end", () => {
  it("is cancelled by its driver or its charge point before it begins", () => {
    site.rebate(site.north, ada, 3_000);
    site.authorise(ada);
    expect(site.name(site.south, "cancel", id)).toBe("NOT_YOURS");
    expect(site.name(ada, "cancel", id)).toBe("OK");
    expect([site.held(ada), site.record(id).state]).toEqual([30_000_000, "cancelled"]);
    expect(beansFrom(site.site.state, ada.signer.publicKey, "north")).toBe(3_000);
    expect(site.name(ada, "cancel", id)).toBe("SESSION_CLOSED");
    expect(site.read("start", id, { meter_Wh: 0 })).toBe("SESSION_CLOSED");
    const salt = new Uint8Array(16).fill(2);
    site.authorise(ada, { salt });
    expect(site.name(site.northPoint, "cancel", site.id(ada, { salt }))).toBe("OK");
  });

  it("takes nothing that was charged after its time limit", () => {
    const from_ms = begun();
    const late_ms = from_ms + 2 * hour_ms;
    const late = { meter_Wh: 6_000, at_ms: late_ms, block_ms: late_ms };
    expect(site.read("settle", id, late)).toBe("SESSION_EXPIRED");
    // The reading from before may come late.
    const good = { meter_Wh: 6_000, at_ms: from_ms + 30 * minute_ms };
    expect(site.read("settle", id, good)).toBe("OK");
  });

  it("is undone by anyone a day after its time limit, where it never began", () => {
    site.authorise(ada);
    const { expiry_ms } = site.record(id);
    expect(site.name(site.south, "expire", id, expiry_ms + day_ms)).toBe("NOT_EXPIRED");
    expect(site.name(site.south, "expire", id, expiry_ms + day_ms + 1)).toBe("OK");
    expect([site.held(ada), site.record(id).state]).toEqual([30_000_000, "expired"]);
    expect(site.name(site.south, "expire", id)).toBe("SESSION_CLOSED");
  });

  it("is settled at its last reading where its charge point fell silent", () => {
    const from_ms = begun();
    const last = { meter_Wh: 9_000, at_ms: from_ms + 20 * minute_ms };
    site.read("meter", id, { ...last, block_ms: last.at_ms });
    const { expiry_ms } = site.record(id);
    expect(site.name(ada, "expire", id, expiry_ms + day_ms + 1)).toBe("OK");
    expect(site.record(id)).toMatchObject({
      state: "settled",
      settlement: { kind: "time-limit", energy_Wh: 4_000, paid: 2_100_000 },
    });
    expect(site.held(ada)).toBe(27_900_000);
  });
});
