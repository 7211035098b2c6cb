import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ChargingSite } from "../testing/charging-site.ts";
import type { Member } from "../testing/consortium.ts";
import { ReceiptSite } from "../testing/receipt-site.ts";
import { accountAction, encodeAccountOrder } from "./account-orders.ts";
import { sessionPot } from "./session-money.ts";
import { encodeDispute, encodeResolution, encodeSessionCount } from "./session-payloads.ts";
import { sessionDebtOf } from "./session-record.ts";
import type { EnergyStatement } from "./v2v-statement.ts";

// A block for each transaction: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const day_ms = 86_400_000;
const hash = new Uint8Array(32).fill(3);
let site: ChargingSite;
let ada: Member;
let id: Uint8Array;

beforeEach(() => {
  site = new ChargingSite({ crypto });
  ada = site.site.person("ada", 10_000_000);
  id = site.id(ada);
});

function dispute(vehicleEnergy_Wh: number, by: Member = ada, time_ms?: number): string {
  const payload = encodeDispute({ sessionId: id, vehicleEnergy_Wh, evidenceHash: hash });
  return site.session(by, "dispute", payload, time_ms);
}

function resolve(refund: number, by: Member = site.site.authority): string {
  const payload = encodeResolution({ sessionId: id, refund, reasonHash: hash });
  return site.session(by, "resolve", payload);
}

describe("a dispute", () => {
  it("is opened where charger and vehicle cannot both be right, and holds what the difference cost", () => {
    expect(dispute(1)).toBe("SESSION_UNKNOWN");
    expect(site.offline(ada, 10_000)).toBe("OK");
    const paid = site.held(site.north);
    expect(dispute(9_000)).toBe("COUNTS_AGREE");
    expect(dispute(5_000, site.south)).toBe("NOT_YOURS");
    expect(dispute(5_000)).toBe("OK");
    expect(site.held(sessionPot(id))).toBe(2_000_000);
    expect(site.held(site.north)).toBe(paid - 2_000_000);
    expect(site.record(id)).toMatchObject({
      state: "disputed",
      dispute: { vehicleEnergy_Wh: 5_000, held: 2_000_000 },
    });
    expect(dispute(4_000)).toBe("ALREADY_DISPUTED");
  });

  it("is of settled sessions, for a week", () => {
    site.authorise(ada);
    expect(dispute(0)).toBe("NOT_SETTLED");
    expect(resolve(0)).toBe("NOT_DISPUTED");
    expect(site.offline(ada, 10_000)).toBe("OK");
    const settled_ms = site.record(id).settlement?.settled_ms ?? 0;
    expect(dispute(5_000, ada, settled_ms + 7 * day_ms + 1)).toBe("DISPUTE_TOO_LATE");
  });

  it("is decided once by the authority: what is refunded comes from what is held first", () => {
    site.offline(ada, 10_000);
    dispute(5_000);
    const [driver, operator] = [site.held(ada), site.held(site.north)];
    expect(resolve(1, ada)).toBe("NOT_AUTHORISED");
    expect(resolve(4_500_001)).toBe("REFUND_TOO_LARGE");
    expect(resolve(500_000)).toBe("OK");
    expect(site.held(ada) - driver).toBe(500_000);
    expect(site.held(site.north) - operator).toBe(1_500_000);
    expect(site.held(sessionPot(id))).toBe(0);
    expect(site.record(id)).toMatchObject({
      state: "resolved",
      resolution: { refund: 500_000, unpaid: 0 },
    });
    expect(resolve(500_000)).toBe("NOT_DISPUTED");
    expect(dispute(1)).toBe("ALREADY_DISPUTED");
  });

  it("says what the operator could not pay back", () => {
    site.offline(ada, 10_000);
    const all = { account: ada.signer.publicKey, amount: site.held(site.north) - 700_000 };
    const payload = encodeAccountOrder(all);
    const action = accountAction.transfer;
    site.site.send({ sender: site.north, module: "accounts", action, payload });
    dispute(5_000);
    expect(site.held(sessionPot(id))).toBe(700_000);
    expect(resolve(4_500_000)).toBe("OK");
    expect(site.record(id).resolution).toMatchObject({ refund: 4_500_000, unpaid: 3_800_000 });
    expect(site.held(site.north)).toBe(0);
  });

  it("forgives what is owed before it pays back", () => {
    const poor = site.site.person("poor", 1_000_000);
    id = site.id(poor);
    expect(site.offline(poor, 10_000)).toBe("OK");
    expect(sessionDebtOf(site.site.state, poor.signer.publicKey)).toBe(3_500_000);
    expect(dispute(0, poor)).toBe("OK");
    expect(resolve(4_000_000)).toBe("OK");
    expect(sessionDebtOf(site.site.state, poor.signer.publicKey)).toBe(0);
    expect(site.held(poor)).toBe(500_000);
    expect(site.record(id).settlement).toMatchObject({ paid: 1_000_000, shortfall: 0 });
  });
});

describe("what the driver's vehicle signed of a session", () => {
  let receipts: ReceiptSite;

  beforeEach(() => {
    receipts = new ReceiptSite({ crypto });
  });

  function bring(energy_Wh: number, o: { by?: Member; change?: Partial<EnergyStatement> } = {}) {
    const { charging, sessionId } = receipts;
    const { key: vehicle, ...count } = receipts.count(energy_Wh, o.by);
    const statement = { ...count, tradeId: sessionId, side: "received" as const, ...o.change };
    const payload = encodeSessionCount({ vehicle, statement });
    return charging.session(charging.site.authority, "count", payload);
  }

  it("opens the dispute by itself, whoever brings it, where the meter cannot be right too", () => {
    receipts.linkVehicle();
    expect(bring(9_000)).toBe("COUNTS_AGREE");
    expect(bring(5_000)).toBe("OK");
    const { charging, sessionId } = receipts;
    expect(charging.record(sessionId)).toMatchObject({
      state: "disputed",
      dispute: { vehicleEnergy_Wh: 5_000, held: 2_000_000 },
    });
    expect(bring(5_000)).toBe("ALREADY_DISPUTED");
  });

  it("counts for nothing when the vehicle is not the driver's, or did not sign exactly this", () => {
    expect(bring(5_000)).toBe("NOT_YOURS");
    receipts.linkVehicle();
    expect(bring(5_000, { by: receipts.driver })).toBe("NOT_YOURS");
    expect(bring(5_000, { change: { energy_Wh: 4_000 } })).toBe("STATEMENT_SIGNATURE_INVALID");
    expect(bring(5_000, { change: { side: "given" } })).toBe("STATEMENT_SIGNATURE_INVALID");
    expect(bring(5_000, { change: { tradeId: new Uint8Array(16) } })).toBe("SESSION_UNKNOWN");
  });
});
