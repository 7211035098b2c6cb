import { ByteWriter, decodeBytes, type MalformedProblem, type Outcome } from "@voltfog/runtime";
import { depositName, withdrawalName, withdrawalsName } from "../state/money-names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { isAuthority } from "./account-authority.ts";
import { type AccountKey, moneyIn, moneyOut } from "./account-money.ts";
import {
  type DepositOrder,
  readAccount,
  readGoal,
  type WithdrawalGoal,
  type WithdrawalOrder,
  writeAccount,
  writeGoal,
} from "./account-orders.ts";
import type { TransactionContext, Verdict } from "./module.ts";

/** Money that left an account for the outside, to be paid there once. */
export interface Withdrawal {
  /** From 1, without gaps. */
  readonly number: number;
  readonly account: AccountKey;
  readonly goal: WithdrawalGoal;
  readonly amount: number;
  readonly height: number;
}

const version = 1;

/**
 * u8 1 · u64 number · account · goal · u64 amount · u64 height: the value of a withdrawal/ name and the
 * data of its result.
 */
export function encodeWithdrawal(withdrawal: Withdrawal): Uint8Array {
  const { number, account, goal, amount, height } = withdrawal;
  const writer = writeAccount(new ByteWriter().u8(version).u64(number), account);
  return writeGoal(writer, goal).u64(amount).u64(height).finish();
}

export function decodeWithdrawal(bytes: Uint8Array): Outcome<Withdrawal, MalformedProblem> {
  return decodeBytes(bytes, (reader) => {
    if (reader.u8() !== version) reader.fail("unknown version of a withdrawal");
    return {
      number: reader.u64(),
      account: readAccount(reader),
      goal: readGoal(reader),
      amount: reader.u64(),
      height: reader.u64(),
    };
  });
}

/** By its number from 1; undefined for one that is not there. */
export function withdrawalOf(state: StateTree, number: number): Withdrawal | undefined {
  const value = state.get(withdrawalName(number));
  const decoded = value && decodeWithdrawal(value);
  return decoded?.ok ? decoded.value : undefined;
}

/** How many there are: the number of the last one. */
export function withdrawalCount(state: StateTree): number {
  const value = state.get(withdrawalsName);
  const decoded = value && decodeBytes(value, (reader) => [reader.u8(), reader.u64()]);
  return decoded?.ok ? (decoded.value[1] ?? 0) : 0;
}

/** Whether a payment from outside was credited. */
export function isDeposited(state: StateTree, depositId: Uint8Array): boolean {
  return state.get(depositName(depositId)) !== undefined;
}

/** Credits once for each id, whoever asks and how often. */
export function deposit(
  state: StateTree,
  { sender, height }: TransactionContext,
  { account, amount, depositId }: DepositOrder,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  if (isDeposited(state, depositId)) return "DEPOSIT_KNOWN";
  const paid = moneyIn(state, { to: account, amount });
  if (typeof paid === "string") return paid;
  const record = writeAccount(new ByteWriter().u8(version), account).u64(amount).u64(height);
  return paid.with(depositName(depositId), record.finish());
}

/** From the sender's own account; a suspended one too, since the money is its holder's. */
export function withdraw(
  state: StateTree,
  { sender, height }: TransactionContext,
  { amount, goal }: WithdrawalOrder,
): Verdict {
  const paid = moneyOut(state, { from: sender.key, amount });
  if (typeof paid === "string") return { code: paid };
  const number = withdrawalCount(state) + 1;
  const data = encodeWithdrawal({ number, account: sender.key, goal, amount, height });
  const counted = new ByteWriter().u8(version).u64(number).finish();
  return {
    code: "OK",
    state: paid.with(withdrawalName(number), data).with(withdrawalsName, counted),
    data,
  };
}
