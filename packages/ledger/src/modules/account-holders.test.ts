import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import { beforeEach, describe, expect, it } from "vitest";
import type { Member } from "../testing/consortium.ts";
import { MarketSite, type Outcome } from "../testing/market-site.ts";
import { at } from "../testing/transactions.ts";
import {
  encodeOpening,
  handleHashOf,
  holderOf,
  keyOfHandle,
  signOpening,
} from "./account-holders.ts";
import { balanceOf, platformPot, supplyOf } from "./account-money.ts";
import {
  accountAction,
  encodeAccountOrder,
  encodeAdjustment,
  encodeDeposit,
  encodeSuspension,
  encodeWithdrawalOrder,
} from "./account-orders.ts";
import { decodeWithdrawal, withdrawalCount, withdrawalOf } from "./account-transit.ts";

const reasonHash = crypto.sha256(Uint8Array.of(1));
const address = reasonHash.slice(0, 20);
let site: MarketSite;
let ada: Member;

beforeEach(() => {
  site = new MarketSite({ crypto });
  ada = site.person("ada", 100);
});

const send = (sender: Member, action: keyof typeof accountAction, payload: Uint8Array): Outcome =>
  site.send({ sender, module: "accounts", action: accountAction[action], payload });

function opening(person: Member, handle: string): Uint8Array {
  const { chainId } = site.consortium.genesis;
  const handleHash = handleHashOf(handle, crypto);
  return encodeOpening(signOpening({ chainId, handleHash, signer: person.signer }));
}

describe("an account", () => {
  it("is opened by a member or the authority, once for a key and once for a handle", () => {
    const ben = site.named("ben");
    expect(send(ada, "open", opening(ben, "ben")).code).toBe("NOT_AUTHORISED");
    expect(send(site.validator(1), "open", opening(ben, "ada")).code).toBe("HANDLE_TAKEN");
    expect(send(site.validator(1), "open", opening(ben, "ben")).code).toBe("OK");
    expect(send(site.authority, "open", opening(ben, "ben-2")).code).toBe("KEY_TAKEN");
    expect(send(site.authority, "open", opening(site.validator(0), "mallory")).code).toBe(
      "KEY_TAKEN",
    );
    const unit = at(site.consortium.units, 0);
    expect(send(site.authority, "open", opening(unit, "unit")).code).toBe("KEY_TAKEN");
    expect(keyOfHandle(site.state, handleHashOf("ben", crypto))).toEqual(ben.signer.publicKey);
    expect(keyOfHandle(site.state, handleHashOf("ben-2", crypto))).toBeUndefined();
  });

  it("is not opened for a key that did not ask for it", () => {
    const forged = opening(site.named("ben"), "ben");
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(send(site.authority, "open", forged).code).toBe("PROOF_OF_POSSESSION_INVALID");
  });
});

describe("a suspended account", () => {
  const order = encodeSuspension;

  it("sends nothing but withdrawals until it is restored", () => {
    const { publicKey: key } = ada.signer;
    const transfer = encodeAccountOrder({ account: address, amount: 1 });
    expect(send(ada, "suspend", order({ key, reasonHash })).code).toBe("NOT_AUTHORISED");
    expect(send(site.authority, "restore", order({ key, reasonHash })).code).toBe("NOT_SUSPENDED");
    expect(send(site.authority, "suspend", order({ key, reasonHash })).code).toBe("OK");
    expect(holderOf(site.state, key)?.suspended?.reasonHash).toEqual(reasonHash);
    expect(send(site.authority, "suspend", order({ key, reasonHash })).code).toBe(
      "ALREADY_SUSPENDED",
    );
    expect(send(ada, "transfer", transfer).code).toBe("SUSPENDED");
    const out = encodeWithdrawalOrder({ amount: 40, goal: { kind: "desk" } });
    expect(send(ada, "withdraw", out).code).toBe("OK");
    expect(send(site.authority, "restore", order({ key, reasonHash })).code).toBe("OK");
    expect(send(ada, "transfer", transfer).code).toBe("OK");
    expect(balanceOf(site.state, key)).toBe(59);
  });

  it("was opened before, and is not the authority's own", () => {
    const stranger = site.named("ben").signer.publicKey;
    expect(send(site.authority, "suspend", order({ key: stranger, reasonHash })).code).toBe(
      "ACCOUNT_UNKNOWN",
    );
    const { publicKey: key } = site.authority.signer;
    send(site.authority, "open", opening(site.authority, "desk"));
    expect(send(site.authority, "suspend", order({ key, reasonHash })).code).toBe("SAME_ACCOUNT");
  });
});

describe("money from and to the outside", () => {
  it("is credited once for each id", () => {
    const account = ada.signer.publicKey;
    const payload = encodeDeposit({ account, amount: 5, depositId: reasonHash });
    expect(send(ada, "deposit", payload).code).toBe("NOT_AUTHORISED");
    expect(send(site.authority, "deposit", payload).code).toBe("OK");
    expect(send(site.authority, "deposit", payload).code).toBe("DEPOSIT_KNOWN");
    const again = encodeDeposit({ account: address, amount: 7, depositId: reasonHash });
    expect(send(site.authority, "deposit", again).code).toBe("DEPOSIT_KNOWN");
    expect([balanceOf(site.state, account), supplyOf(site.state)]).toEqual([105, 105]);
  });

  it("leaves under a number of its own", () => {
    const goal = { kind: "ethereum", address } as const;
    const out = (amount: number): Uint8Array => encodeWithdrawalOrder({ amount, goal });
    expect(send(ada, "withdraw", out(101)).code).toBe("BALANCE_TOO_LOW");
    send(ada, "withdraw", encodeWithdrawalOrder({ amount: 1, goal: { kind: "desk" } }));
    const { data } = send(ada, "withdraw", out(30));
    const account = ada.signer.publicKey;
    const expected = { number: 2, account, goal, amount: 30, height: site.chain.height };
    expect(decodeWithdrawal(data)).toEqual({ ok: true, value: expected });
    expect(withdrawalOf(site.state, 2)).toEqual(expected);
    expect([withdrawalCount(site.state), supplyOf(site.state)]).toEqual([2, 69]);
  });

  it("is corrected against the platform's pot, which makes none", () => {
    const account = ada.signer.publicKey;
    const adjust = (sign: "plus" | "minus", amount: number): Outcome =>
      send(site.authority, "adjust", encodeAdjustment({ account, sign, amount, reasonHash }));
    expect(adjust("plus", 1).code).toBe("BALANCE_TOO_LOW");
    expect(adjust("minus", 30).code).toBe("OK");
    expect(adjust("plus", 10).code).toBe("OK");
    expect([balanceOf(site.state, account), balanceOf(site.state, platformPot)]).toEqual([80, 20]);
    expect(supplyOf(site.state)).toBe(100);
    const own = encodeAdjustment({ account, sign: "plus", amount: 1, reasonHash });
    expect(send(ada, "adjust", own).code).toBe("NOT_AUTHORISED");
  });
});
