import { encodeRingSignature, ringKeyOf, signRing } from "@voltfog/market";
import { compareBytes } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Member } from "../../testing/consortium.ts";
import { contractOf, PileSite } from "../../testing/pile-site.ts";
import { at } from "../../testing/transactions.ts";
import { encodeGroupOrder, encodeRingConfirm, pileAction } from "./pile-orders.ts";
import { confirmStatement } from "./pile-terms.ts";

// Curve arithmetic in JavaScript: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const members = Array.from({ length: 3 }, (_, i) => crypto.sha256(Uint8Array.of(i)))
  .map((secret) => ({ secret, key: ringKeyOf(secret) }))
  .toSorted((a, b) => compareBytes(a.key, b.key));
const keys = members.map(({ key }) => key);

let site: PileSite;
let owner: Member;
let buyer: Member;
let pile: Member;
let contractId: Uint8Array;

beforeEach(() => {
  site = new PileSite({ crypto });
  owner = site.market.person("owner");
  buyer = site.market.person("buyer", 50_000_000);
  pile = site.market.named("pile");
  site.list(owner, pile);
});

const group = (sender: Member, threshold: number, ring = keys): string =>
  site.send(sender, pileAction.group, encodeGroupOrder({ threshold, keys: ring })).code;

/** A contract over 5 kWh with both readings. */
function meter(): void {
  contractId = contractOf(site.buy(buyer, { energy_Wh: 5000 })).contractId;
  site.sign(buyer, contractId);
  site.sign(owner, contractId);
  site.wait(site.contract(contractId).window.from_ms);
  site.deliver(pile, contractId, 5000);
  site.deliver(buyer, contractId, 5000);
}

/** A confirmation by a member, brought by the authority, which gives nobody away. */
function confirm(
  member: number,
  over: { side?: "buyer" | "owner"; about?: Uint8Array; ring?: Uint8Array[]; by?: Member } = {},
): string {
  const { side = "buyer", about = contractId, ring = keys, by = site.market.authority } = over;
  const contract = site.contract(about);
  const named = { chainId: site.chainId, contractId: about, contract, side, ring };
  const { secret } = at(members, member);
  const signed = signRing({ statement: confirmStatement(named, crypto), secret, crypto });
  const signature = signed === undefined ? new Uint8Array() : encodeRingSignature(signed);
  const payload = encodeRingConfirm({ contractId, side, signature });
  return site.send(by, pileAction.ringConfirm, payload).code;
}

describe("a group that confirms", () => {
  it("has two to eight different keys, rising, and an end", () => {
    const [a, b] = [at(keys, 0), at(keys, 1)];
    expect(group(buyer, 1, [a])).toBe("GROUP_INVALID");
    expect(group(buyer, 1, [b, a])).toBe("GROUP_INVALID");
    expect(group(buyer, 1, [a, a])).toBe("GROUP_INVALID");
    expect(group(buyer, 0, [a, b])).toBe("GROUP_INVALID");
    expect(group(buyer, 3, [a, b])).toBe("GROUP_INVALID");
    expect(group(buyer, 1, [new Uint8Array(33), a])).toBe("GROUP_INVALID");
    expect(group(site.market.authority, 1)).toBe("ACCOUNT_UNKNOWN");
    expect(group(buyer, 1)).toBe("OK");
    meter();
    expect(site.about(buyer, "confirm", contractId).code).toBe("GROUP_CONFIRMS");
    expect(group(buyer, 0, [])).toBe("OK");
    expect(confirm(0)).toBe("GROUP_UNKNOWN");
    expect(site.about(buyer, "confirm", contractId).code).toBe("OK");
  });

  it("confirms by any member, and then the other side's word pays", () => {
    group(buyer, 1);
    meter();
    expect(confirm(1, { side: "owner" })).toBe("GROUP_UNKNOWN");
    expect(confirm(1, { by: site.market.person("stranger") })).toBe("NOT_AUTHORISED");
    expect(confirm(1, { by: owner })).toBe("OK");
    expect(site.contract(contractId)).toMatchObject({ confirmed: { buyer: true, owner: false } });
    expect(confirm(2)).toBe("ALREADY_CONFIRMED");
    expect(site.about(owner, "confirm", contractId).code).toBe("OK");
    expect(site.contract(contractId).state).toBe("settled");
  });

  it("is not passed by another ring, another contract or bytes", () => {
    group(buyer, 2);
    meter();
    const first = contractId;
    expect(confirm(0, { ring: keys.slice(0, 2) })).toBe("RING_INVALID");
    expect(confirm(0, { ring: keys.slice(1) })).toBe("RING_INVALID");
    meter();
    expect(confirm(0, { about: first })).toBe("RING_INVALID");
    expect(site.contract(contractId).images).toEqual([]);
  });

  it("counts each key once in a contract, for whichever side", () => {
    group(buyer, 2);
    group(owner, 1);
    meter();
    expect(confirm(0)).toBe("OK");
    expect(site.contract(contractId).confirmed).toEqual({ buyer: false, owner: false });
    expect(confirm(0)).toBe("KEY_USED");
    expect(confirm(0, { side: "owner" })).toBe("KEY_USED");
    expect(confirm(1)).toBe("OK");
    expect(confirm(2, { side: "owner" })).toBe("OK");
    expect(site.contract(contractId).state).toBe("settled");
    // Another contract: the same keys count again, and nothing links them.
    meter();
    expect(confirm(0)).toBe("OK");
  });
});
