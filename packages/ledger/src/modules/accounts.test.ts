import { toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Chain } from "../chain/chain.ts";
import { signTransaction } from "../chain/transaction.ts";
import { accountName, accountSupplyName } from "../state/names.ts";
import { verifyState } from "../state/state-proof.ts";
import { createConsortium, finalise, type Member, signerOf } from "../testing/consortium.ts";
import { at } from "../testing/transactions.ts";
import { decodeNomination, encodeNomination } from "./account-authority.ts";
import { accountAction, decodeAccountOrder, encodeAccountOrder } from "./account-orders.ts";
import { moduleNumber } from "./module.ts";

// Hundreds of signatures: seconds on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const consortium = createConsortium({ crypto });
const { genesis } = consortium;
const member = (id: string): Member => ({ id, signer: signerOf(id, crypto) });
const bank = member("bank");
const people = ["ada", "ben", "cem"].map(member);
const address = crypto.sha256(Uint8Array.of(1)).slice(0, 20);
const accounts = [...people.map(({ signer }) => signer.publicKey), address];

let chain: Chain;

beforeEach(() => {
  chain = Chain.fromGenesis({ genesis, crypto });
});

function transaction(sender: Member, action: number, payload: Uint8Array): Uint8Array {
  return signTransaction({
    chainId: genesis.chainId,
    module: moduleNumber.accounts,
    action,
    nonce: chain.nonceOf(sender.signer.publicKey) + 1,
    payload,
    signer: sender.signer,
  });
}

/** What becomes of it in the next block; the gate's code where it can be in none. */
function send(sender: Member, action: number, payload: Uint8Array): string {
  const bytes = transaction(sender, action, payload);
  const admitted = chain.admit(bytes);
  if (!admitted.ok) return admitted.problem.code;
  const { checked } = finalise({ consortium, chain, transactions: [bytes] });
  return at(checked.results, 0).code;
}

const order = (sender: Member, action: number, account: Uint8Array, amount: number): string =>
  send(sender, action, encodeAccountOrder({ account, amount }));

function nameBank(): void {
  for (const validator of consortium.validators) {
    const payload = encodeNomination(bank.signer.publicKey);
    expect(send(validator, accountAction.nameAuthority, payload)).toBe("OK");
  }
}

/** A proven amount; 0 where its absence is proven. */
function amountOf(name: string): number {
  const { value, proof } = chain.stateProof(name);
  const root = chain.head.header.stateRoot;
  expect(verifyState({ root, claims: [{ name, value }], proof, crypto })).toBe(true);
  return value === undefined ? 0 : Number(BigInt(`0x${toHex(value.subarray(1))}`));
}

const balance = (account: Uint8Array): number => amountOf(accountName(account));

describe("the authority", () => {
  it("is who a quorum of validators names, and not before", () => {
    const payload = encodeNomination(bank.signer.publicKey);
    const credit = (): string => order(bank, accountAction.credit, address, 5);
    for (const validator of consortium.validators.slice(0, 3)) {
      expect(credit()).toBe("TX_SENDER_UNKNOWN");
      expect(send(validator, accountAction.nameAuthority, payload)).toBe("OK");
    }
    expect(credit()).toBe("OK");
    expect(balance(address)).toBe(5);
    expect(send(at(consortium.units, 0), accountAction.nameAuthority, payload)).toBe(
      "NOT_AUTHORISED",
    );
  });

  it("alone makes and takes away", () => {
    nameBank();
    const [ada] = people;
    if (ada === undefined) throw new Error("there are people");
    const { publicKey } = ada.signer;
    expect(order(bank, accountAction.credit, publicKey, 100)).toBe("OK");
    expect(order(ada, accountAction.credit, publicKey, 1)).toBe("NOT_AUTHORISED");
    expect(order(ada, accountAction.debit, publicKey, 1)).toBe("NOT_AUTHORISED");
    expect(order(bank, accountAction.debit, publicKey, 101)).toBe("BALANCE_TOO_LOW");
    expect(order(bank, accountAction.debit, publicKey, 100)).toBe("OK");
    expect(order(bank, accountAction.credit, publicKey, Number.MAX_SAFE_INTEGER)).toBe("OK");
    expect(order(bank, accountAction.credit, address, 1)).toBe("SUPPLY_FULL");
    expect(order(ada, accountAction.transfer, publicKey, 1)).toBe("SAME_ACCOUNT");
  });
});

describe("who holds an account", () => {
  it("sends about accounts and nothing else, each number once", () => {
    nameBank();
    const [ada, ben] = people;
    if (ada === undefined || ben === undefined) throw new Error("there are people");
    expect(order(ada, accountAction.transfer, address, 1)).toBe("TX_SENDER_UNKNOWN");
    order(bank, accountAction.credit, ada.signer.publicKey, 10);
    const bytes = transaction(
      ada,
      accountAction.transfer,
      encodeAccountOrder({ account: ben.signer.publicKey, amount: 4 }),
    );
    finalise({ consortium, chain, transactions: [bytes] });
    const again = chain.admit(bytes);
    expect(again.ok ? "OK" : again.problem.code).toBe("TX_NONCE_STALE");
    expect([balance(ada.signer.publicKey), balance(ben.signer.publicKey)]).toEqual([6, 4]);
    const other = signTransaction({
      chainId: genesis.chainId,
      module: moduleNumber.events,
      action: 1,
      nonce: 9,
      payload: new Uint8Array(55).fill(1),
      signer: ada.signer,
    });
    const refusal = chain.admit(other);
    expect(refusal.ok ? "OK" : refusal.problem.code).toBe("TX_SENDER_UNKNOWN");
  });
});

interface Step {
  readonly kind: "credit" | "debit" | "transfer";
  readonly who: number;
  readonly account: number;
  readonly amount: number;
}

/** What a book of accounts would hold. */
class PlainLedger {
  readonly held: number[] = accounts.map(() => 0);

  /** Whether the step can be done; then it is. */
  take({ kind, who, account, amount }: Step): boolean {
    const payer = { credit: undefined, debit: account, transfer: who }[kind];
    const payee = kind === "debit" ? undefined : account;
    if (payer !== undefined && (payer === payee || (this.held[payer] ?? 0) < amount)) return false;
    if (payer !== undefined) this.held[payer] = (this.held[payer] ?? 0) - amount;
    if (payee !== undefined) this.held[payee] = (this.held[payee] ?? 0) + amount;
    return true;
  }
}

describe("money", () => {
  it("is neither made nor lost: any orders leave what a plain ledger says", () => {
    const step = fc.record({
      kind: fc.constantFrom("credit" as const, "debit" as const, "transfer" as const),
      who: fc.nat(people.length - 1),
      account: fc.nat(accounts.length - 1),
      amount: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        chain = Chain.fromGenesis({ genesis, crypto });
        nameBank();
        const model = new PlainLedger();
        for (const one of steps) {
          const sender = one.kind === "transfer" ? at(people, one.who) : bank;
          const action = accountAction[one.kind];
          const code = order(sender, action, at(accounts, one.account), one.amount);
          expect(code === "OK").toBe(model.take(one));
        }
        expect(accounts.map(balance)).toEqual(model.held);
        expect(amountOf(accountSupplyName)).toBe(model.held.reduce((sum, one) => sum + one, 0));
      }),
      { numRuns: 15 },
    );
  });
});

describe("orders and nominations", () => {
  it("have one encoding, and any bytes get a verdict", () => {
    const account = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
    );
    const amount = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(fc.record({ account, amount }), fc.uint8Array({ maxLength: 60 }), (one, any) => {
        expect(decodeAccountOrder(encodeAccountOrder(one))).toEqual({ ok: true, value: one });
        const decoded = decodeAccountOrder(any);
        if (decoded.ok) expect(encodeAccountOrder(decoded.value)).toEqual(any);
        const nomination = decodeNomination(any);
        if (nomination.ok) expect(encodeNomination(nomination.value)).toEqual(any);
      }),
    );
    expect(decodeAccountOrder(encodeAccountOrder({ account: address, amount: 0 })).ok).toBe(false);
    expect(decodeNomination(encodeNomination(new Uint8Array(32).fill(7))).ok).toBe(true);
  });
});
