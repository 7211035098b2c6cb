import { assert, ByteWriter, decodeBytes } from "@voltfog/runtime";
import { accountPotName } from "../state/money-names.ts";
import { accountName, accountSupplyName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";

/**
 * Whose money it is: an Ed25519 key of 32 bytes, which sends its own transactions, or the 20 bytes of an
 * Ethereum address, which can be paid. Names of people live with operators, never here.
 */
export type AccountKey = Uint8Array;

/** Money that a module holds under a name of its own, `[a-z0-9-/]{1,64}`; no key can spend it. */
export interface Pot {
  readonly pot: string;
}

/** Where money is: all there is lies in one of these, so their sum is the supply. */
export type MoneyPlace = AccountKey | Pot;

/** The pot of whoever runs the market: fees go in, corrections come from it. */
export const platformPot: Pot = { pot: "platform" };

const potPattern = /^[a-z0-9/-]{1,64}$/;
const version = 1;

/** What an account or a pot holds; 0 for one that was never paid. */
export function balanceOf(state: StateTree, place: MoneyPlace): number {
  return amountAt(state, nameOf(place));
}

/** All that was paid in and not out again: the sum of all accounts and pots. */
export function supplyOf(state: StateTree): number {
  return amountAt(state, accountSupplyName);
}

/**
 * The state once an amount went from one place to another; the supply stays. The amount is whole, 0 to
 * 2^53 − 1, and 0 changes nothing. Two looks at the state and two writes.
 */
export function moveMoney(
  state: StateTree,
  payment: { from: MoneyPlace; to: MoneyPlace; amount: number },
): StateTree | "BALANCE_TOO_LOW" {
  const { amount } = payment;
  assert(Number.isSafeInteger(amount) && amount >= 0, "an amount is whole and not negative");
  if (amount === 0) return state;
  const from = nameOf(payment.from);
  const to = nameOf(payment.to);
  const held = amountAt(state, from);
  if (held < amount) return "BALANCE_TOO_LOW";
  if (from === to) return state;
  const paid = withAmount(state, from, held - amount);
  return withAmount(paid, to, amountAt(paid, to) + amount);
}

/** Money that came from outside; no sum of balances passes 2^53 − 1, so all stay whole numbers. */
export function moneyIn(
  state: StateTree,
  payment: { to: MoneyPlace; amount: number },
): StateTree | "SUPPLY_FULL" {
  const supply = supplyOf(state) + payment.amount;
  if (supply > Number.MAX_SAFE_INTEGER) return "SUPPLY_FULL";
  const name = nameOf(payment.to);
  const paid = withAmount(state, name, amountAt(state, name) + payment.amount);
  return withAmount(paid, accountSupplyName, supply);
}

/** Money that leaves. */
export function moneyOut(
  state: StateTree,
  payment: { from: MoneyPlace; amount: number },
): StateTree | "BALANCE_TOO_LOW" {
  const name = nameOf(payment.from);
  const held = amountAt(state, name);
  if (held < payment.amount) return "BALANCE_TOO_LOW";
  const paid = withAmount(state, name, held - payment.amount);
  return withAmount(paid, accountSupplyName, supplyOf(state) - payment.amount);
}

function nameOf(place: MoneyPlace): string {
  if (place instanceof Uint8Array) return accountName(place);
  assert(potPattern.test(place.pot), "a pot has a name of its form");
  return accountPotName(place.pot);
}

/** u8 1 · u64: the value of an account/ or account-pot/ name and of the supply. */
function withAmount(state: StateTree, name: string, amount: number): StateTree {
  return state.with(name, new ByteWriter().u8(version).u64(amount).finish());
}

function amountAt(state: StateTree, name: string): number {
  const value = state.get(name);
  if (value === undefined) return 0;
  const decoded = decodeBytes(value, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of a balance");
    return reader.u64();
  });
  return decoded.ok ? decoded.value : 0;
}
