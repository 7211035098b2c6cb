import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ChargingSite } from "../testing/charging-site.ts";
import type { Member } from "../testing/consortium.ts";
import { beansFrom } from "./bean-records.ts";
import { sessionPot } from "./session-money.ts";
import { encodeOfflineSettlement, sessionAction } from "./session-payloads.ts";
import { sessionDebtOf } from "./session-record.ts";
import { signVoucher } from "./session-voucher.ts";

// A block for each transaction: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
let site: ChargingSite;
let ada: Member;
let id: Uint8Array;

beforeEach(() => {
  site = new ChargingSite({ crypto });
  ada = site.site.person("ada", 3_000_000);
  id = site.id(ada);
});

describe("a voucher", () => {
  it("settles once what the chain heard nothing of", () => {
    site.rebate(site.north, ada, 3_000);
    const before = site.held(site.north);
    expect(site.offline(ada, 8_000)).toBe("OK");
    expect(site.held(site.north) - before).toBe(2_500_000);
    expect(site.held(ada)).toBe(500_000);
    expect(beansFrom(site.site.state, ada.signer.publicKey, "north")).toBe(0);
    expect(site.record(id)).toMatchObject({
      state: "settled",
      settlement: { kind: "voucher", energy_Wh: 8_000, beans_Wh: 3_000, paid: 2_500_000 },
    });
    expect(site.offline(ada, 8_000)).toBe("ALREADY_SETTLED");
    expect(site.authorise(ada)).toBe("ID_TAKEN");
    expect(site.held(ada)).toBe(500_000);
  });

  it("is paid from the pot of the session that was authorised here, and from nothing else", () => {
    site.site.pay(ada, 20_000_000);
    expect(site.authorise(ada)).toBe("OK");
    expect(site.offline(ada, 8_000)).toBe("OK");
    expect([site.held(ada), site.held(sessionPot(id))]).toEqual([19_300_000, 0]);
    expect(site.read("start", id, { meter_Wh: 0 })).toBe("ALREADY_SETTLED");
    expect(site.offline(ada, 8_000)).toBe("ALREADY_SETTLED");
  });

  it("counts once although it is in one block twice", () => {
    const { chainId } = site.site.consortium.genesis;
    const terms = { ...site.order(), pricePerKWh: 300_000, sessionFee: 0 };
    const payload = encodeOfflineSettlement({
      voucher: signVoucher({ chainId, terms, signer: ada.signer }),
      start_ms: site.now_ms - hour_ms,
      start_Wh: 0,
      end_ms: site.now_ms,
      end_Wh: 1_000,
      receiptHash: new Uint8Array(32),
    });
    const { settleOffline: action } = sessionAction;
    const call = { sender: site.northPoint, module: "sessions", action, payload } as const;
    const codes = site.site.sendAll([call, call]).map(({ code }) => code);
    expect(codes).toEqual(["OK", "ALREADY_SETTLED"]);
    expect(site.held(ada)).toBe(2_700_000);
  });

  it("does not settle what began here, nor what was settled here", () => {
    site.site.pay(ada, 20_000_000);
    site.authorise(ada);
    site.read("start", id, { meter_Wh: 1_000 });
    expect(site.offline(ada, 8_000)).toBe("SESSION_STARTED");
    const at_ms = site.now_ms + 1_800_000;
    site.read("settle", id, { meter_Wh: 9_000, at_ms, block_ms: at_ms });
    expect(site.offline(ada, 8_000)).toBe("ALREADY_SETTLED");
  });

  it("is paid although the driver cancelled the session meanwhile", () => {
    site.site.pay(ada, 20_000_000);
    site.authorise(ada);
    expect(site.name(ada, "cancel", id)).toBe("OK");
    expect(site.offline(ada, 8_000)).toBe("OK");
    expect(site.held(ada)).toBe(19_300_000);
  });

  it("that the balance does not cover takes what is there, and the rest is owed and recorded", () => {
    const before = site.held(site.north);
    expect(site.offline(ada, 10_000)).toBe("OK");
    expect([site.held(ada), site.held(site.north) - before]).toEqual([0, 3_000_000]);
    expect(site.record(id).settlement).toMatchObject({ paid: 3_000_000, shortfall: 1_500_000 });
    expect(sessionDebtOf(site.site.state, ada.signer.publicKey)).toBe(1_500_000);
    site.site.pay(ada, 1_000_000);
    const next = { salt: new Uint8Array(16).fill(1), limitAmount: 1_000_000 };
    expect(site.authorise(ada, next)).toBe("SHORTFALL_OPEN");
    expect(site.name(ada, "payShortfall", id)).toBe("BALANCE_TOO_LOW");
    site.site.pay(ada, 1_500_000);
    expect(site.name(site.south, "payShortfall", id)).toBe("NOT_YOURS");
    expect(site.name(ada, "payShortfall", id)).toBe("OK");
    expect(site.record(id).settlement).toMatchObject({ paid: 4_500_000, shortfall: 0 });
    expect(site.held(site.north) - before).toBe(4_500_000);
    expect(site.name(ada, "payShortfall", id)).toBe("NOTHING_OWED");
    expect(site.authorise(ada, next)).toBe("OK");
  });

  it("costs the tariff that the driver signed, or that of now where it is lower", () => {
    const { chainId } = site.site.consortium.genesis;
    const settled = (tariff: { pricePerKWh: number; sessionFee: number }, salt: number): number => {
      const order = site.order({ salt: new Uint8Array(16).fill(salt) });
      const terms = { ...order, ...tariff };
      const payload = encodeOfflineSettlement({
        voucher: signVoucher({ chainId, terms, signer: ada.signer }),
        start_ms: site.now_ms - hour_ms,
        start_Wh: 0,
        end_ms: site.now_ms,
        end_Wh: 1_000,
        receiptHash: new Uint8Array(32),
      });
      expect(site.session(site.northPoint, "settleOffline", payload)).toBe("OK");
      return site.record(site.id(ada, order)).settlement?.paid ?? 0;
    };
    expect(settled({ pricePerKWh: 300_000, sessionFee: 0 }, 1)).toBe(300_000);
    expect(settled({ pricePerKWh: 9_000_000, sessionFee: 9_000_000 }, 2)).toBe(900_000);
  });

  it("is refused with a code where it is not what it seems", () => {
    const { now_ms } = site;
    const other = site.site.person("other", 1_000_000);
    const stranger = site.site.named("stranger");
    expect(site.offline(ada, 1_000, { by: site.southPoint })).toBe("OTHER_CHARGE_POINT");
    expect(site.offline(stranger, 1_000)).toBe("ACCOUNT_UNKNOWN");
    expect(site.offline(ada, 20_001)).toBe("LIMIT_EXCEEDED");
    expect(site.offline(ada, 1_000, { start_ms: now_ms - 8 * day_ms })).toBe("TIME_INVALID");
    expect(site.offline(ada, 1_000, { end_ms: now_ms + hour_ms / 2 })).toBe("TIME_INVALID");
    expect(site.offline(ada, 1_000, { end_Wh: 999 })).toBe("METER_BACKWARDS");
    const short = { order: { limit_Wh: 1_000_000, limitAmount: 900_000_000 } };
    expect(site.offline(ada, 40_000, short)).toBe("METER_ABSURD");
    const over = { order: { expiry_ms: now_ms - hour_ms } };
    expect(site.offline(ada, 1_000, over)).toBe("SESSION_EXPIRED");
    const old = { order: { expiry_ms: now_ms - 31 * day_ms } };
    expect(site.offline(ada, 1_000, old)).toBe("VOUCHER_EXPIRED");
    expect(site.offline(ada, 1_000, { order: { beansOf: "south" } })).toBe("OTHER_ISSUER");
    const { chainId } = site.site.consortium.genesis;
    const terms = { ...site.order(), pricePerKWh: 1, sessionFee: 0 };
    const signed = signVoucher({ chainId, terms, signer: other.signer });
    const forged = { ...signed, driver: ada.signer.publicKey };
    expect(site.offline(ada, 1_000, { voucher: forged })).toBe("VOUCHER_INVALID");
    expect(site.held(ada)).toBe(3_000_000);
  });
});
