import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ChargingSite } from "../testing/charging-site.ts";
import type { Member } from "../testing/consortium.ts";
import {
  encodeBeanEnvelope,
  encodeBeanGift,
  encodeBeanOffer,
  encodeBeanPurchase,
  encodeEnvelopeName,
} from "./bean-payloads.ts";
import { beanClaimOf, beanIssuerOf, beansFrom, beansOf, envelopeOf } from "./bean-records.ts";

// A block for each transaction: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let site: ChargingSite;
let ada: Member;
let ben: Member;

beforeEach(() => {
  site = new ChargingSite({ crypto });
  ada = site.site.person("ada", 5_000_000);
  ben = site.site.person("ben");
});

const beans = (holder: Member, organisation = "north"): number =>
  beansFrom(site.site.state, holder.signer.publicKey, organisation);
const outstanding = (): number => beanIssuerOf(site.site.state, "north").outstanding_Wh;

describe("an operator's beans", () => {
  it("never cost more at its tariff than it has earned", () => {
    // 20 earned at 0.40: fifty kilowatt-hours.
    expect(site.rebate(site.north, ada, 50_001)).toBe("BEANS_BEYOND_REWARDS");
    expect(site.rebate(site.north, ada, 40_000)).toBe("OK");
    expect(site.rebate(site.north, ada, 10_001)).toBe("BEANS_BEYOND_REWARDS");
    expect(site.rebate(site.north, ben, 10_000)).toBe("OK");
    expect([beans(ada), beans(ben), outstanding()]).toEqual([40_000, 10_000, 50_000]);
  });

  it("are given by operators, to opened accounts, in sensible amounts", () => {
    const stranger = site.site.named("stranger");
    expect(site.rebate(ada, ben, 1)).toBe("NOT_AUTHORISED");
    expect(site.rebate(site.north, stranger, 1)).toBe("ACCOUNT_UNKNOWN");
    expect(site.rebate(site.north, ada, 0)).toBe("ENERGY_INVALID");
    expect(site.rebate(site.north, ada, 1_000_000_001)).toBe("ENERGY_INVALID");
  });

  it("are sold at the offer's price, and not above the buyer's", () => {
    const buy = (energy_Wh: number, pricePerKWh: number, by: Member = ada): string =>
      site.bean(by, "buy", encodeBeanPurchase({ organisation: "north", energy_Wh, pricePerKWh }));
    expect(buy(1_000, 400_000)).toBe("NOT_OFFERED");
    expect(site.bean(ada, "offer", encodeBeanOffer(300_000))).toBe("NOT_AUTHORISED");
    expect(site.bean(site.north, "offer", encodeBeanOffer(1_000_000_001))).toBe("PRICE_INVALID");
    expect(site.bean(site.north, "offer", encodeBeanOffer(300_000))).toBe("OK");
    const before = site.held(site.north);
    expect(buy(10_000, 299_999)).toBe("PRICE_CHANGED");
    expect(buy(10_000, 400_000)).toBe("OK");
    expect([site.held(site.north) - before, site.held(ada)]).toEqual([3_000_000, 2_000_000]);
    expect(buy(10_000, 400_000)).toBe("BALANCE_TOO_LOW");
    expect(buy(40_001, 400_000)).toBe("BEANS_BEYOND_REWARDS");
    expect(buy(1_000, 400_000, site.north)).toBe("SAME_ACCOUNT");
    expect(beans(ada)).toBe(10_000);
    expect(site.bean(site.north, "offer", encodeBeanOffer(0))).toBe("OK");
    expect(buy(1_000, 400_000)).toBe("NOT_OFFERED");
  });

  it("go from hand to hand, and none of nothing is kept", () => {
    const gift = (energy_Wh: number, to: Member, organisation = "north"): string => {
      const account = to.signer.publicKey;
      return site.bean(ada, "gift", encodeBeanGift({ organisation, account, energy_Wh }));
    };
    site.rebate(site.north, ada, 5_000);
    expect(gift(5_001, ben)).toBe("BEANS_TOO_LOW");
    expect(gift(1, ben, "south")).toBe("BEANS_TOO_LOW");
    expect(gift(1, ada)).toBe("SAME_ACCOUNT");
    expect(gift(0, ben)).toBe("ENERGY_INVALID");
    expect(gift(1, site.site.named("stranger"))).toBe("ACCOUNT_UNKNOWN");
    expect(gift(5_000, ben)).toBe("OK");
    expect([beans(ada), beans(ben), outstanding()]).toEqual([0, 5_000, 5_000]);
    expect(beansOf(site.site.state, ada.signer.publicKey)).toEqual([]);
  });

  it("are gone once they paid for energy, and the operator may issue as many again", () => {
    site.rebate(site.north, ada, 50_000);
    expect(site.offline(ada, 20_000)).toBe("OK");
    expect(beanIssuerOf(site.site.state, "north")).toMatchObject({
      outstanding_Wh: 30_000,
      issued_Wh: 50_000,
      redeemed_Wh: 20_000,
    });
    expect(site.rebate(site.north, ben, 20_000)).toBe("OK");
  });

  it("pay at their issuer's charge points and nowhere else", () => {
    site.rebate(site.south, ada, 5_000);
    expect(site.offline(ada, 5_000)).toBe("OK");
    expect(beans(ada, "south")).toBe(5_000);
    expect(site.held(ada)).toBe(2_500_000);
    expect(site.authorise(ada, { salt: new Uint8Array(16).fill(1), beansOf: "south" })).toBe(
      "OTHER_ISSUER",
    );
  });
});

describe("a red envelope", () => {
  const id = new Uint8Array(16).fill(5);
  const make = (over: object = {}, by: Member = site.north): string => {
    const untilHeight = site.site.chain.height + 20;
    const envelope = { id, energy_Wh: 10_000, shares: 4, untilHeight, ...over };
    return site.bean(by, "envelope", encodeBeanEnvelope(envelope));
  };
  const claim = (by: Member): string => site.bean(by, "claim", encodeEnvelopeName(id));
  const close = (by: Member): string => site.bean(by, "close", encodeEnvelopeName(id));

  it("is drawn in shares that sum exactly to it, one for each account", () => {
    expect(claim(ada)).toBe("ENVELOPE_UNKNOWN");
    expect(make()).toBe("OK");
    expect(make()).toBe("ID_TAKEN");
    expect(outstanding()).toBe(10_000);
    const people = [ada, ben, ...["cem", "dee", "eve"].map((one) => site.site.person(one))];
    const codes = people.map((one) => {
      const code = claim(one);
      expect(claim(one)).toBe(code === "OK" ? "ALREADY_CLAIMED" : code);
      return code;
    });
    expect(codes).toEqual(["OK", "OK", "OK", "OK", "ENVELOPE_EMPTY"]);
    const shares = people.map((one) => beans(one));
    expect(shares.reduce((sum, one) => sum + one, 0)).toBe(10_000);
    expect(shares.slice(0, 4).every((one) => one >= 1)).toBe(true);
    expect(beanClaimOf(site.site.state, { id, account: ada.signer.publicKey })).toBe(beans(ada));
    expect(outstanding()).toBe(10_000);
    expect(close(ada)).toBe("ENVELOPE_EMPTY");
  });

  it("draws by the last block's hash", () => {
    make();
    const last = site.site.chain.head.hash;
    claim(ada);
    const domain = new TextEncoder().encode("voltfog/bean-draw/1\n");
    const seed = crypto.sha256(domain, last, id, ada.signer.publicKey).slice(0, 16);
    const chance = BigInt(`0x${Buffer.from(seed).toString("hex")}`);
    expect(beans(ada)).toBe(1 + Number((chance * 5_000n) >> 128n));
  });

  it("gives back what nobody claimed, after its last block and not before", () => {
    expect(make({ untilHeight: site.site.chain.height + 4 })).toBe("OK");
    expect(claim(ada)).toBe("OK");
    expect(close(ben)).toBe("ENVELOPE_OPEN");
    site.site.pass(1);
    expect(claim(ben)).toBe("ENVELOPE_ENDED");
    expect(close(ben)).toBe("OK");
    expect(outstanding()).toBe(beans(ada));
    expect(envelopeOf(site.site.state, id)).toMatchObject({ left_Wh: 0, sharesLeft: 0 });
    expect(close(ben)).toBe("ENVELOPE_EMPTY");
  });

  it("is an operator's, covered, with at least a watt-hour in each share", () => {
    const { height } = site.site.chain;
    expect(make({}, ada)).toBe("NOT_AUTHORISED");
    expect(make({ shares: 0 })).toBe("SHARES_INVALID");
    expect(make({ shares: 10_001, energy_Wh: 20_000 })).toBe("SHARES_INVALID");
    expect(make({ energy_Wh: 3 })).toBe("ENERGY_INVALID");
    expect(make({ untilHeight: height })).toBe("EXPIRY_INVALID");
    expect(make({ untilHeight: height + 2_000_000 })).toBe("EXPIRY_INVALID");
    expect(make({ energy_Wh: 50_001 })).toBe("BEANS_BEYOND_REWARDS");
    expect(outstanding()).toBe(0);
  });
});
