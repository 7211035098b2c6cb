import { equalBytes } from "@voltfog/runtime";
import { accountName } from "../state/names.ts";
import type { StateTree } from "../state/state-tree.ts";
import { decodeNomination, isAuthority, nominate } from "./account-authority.ts";
import { decodeOpening, isOpened, open, restore, suspend } from "./account-holders.ts";
import { moneyIn, moneyOut, moveMoney, platformPot } from "./account-money.ts";
import {
  type AccountOrder,
  type AdjustmentOrder,
  accountAction,
  decodeAccountOrder,
  decodeAdjustment,
  decodeDeposit,
  decodeSuspension,
  decodeWithdrawalOrder,
} from "./account-orders.ts";
import { deposit, withdraw } from "./account-transit.ts";
import { echoed, type PrepareAction, prepared } from "./action-table.ts";
import { type LedgerModule, moduleNumber, type TransactionContext } from "./module.ts";

/**
 * Money by keys. Amounts are whole numbers in the smallest unit and never below 0; what leaves one account
 * or pot arrives in another, and only the authority that a quorum of validators names lets money in. It
 * leaves by its holder's withdrawal, or by the authority's debit.
 */
export const accountsModule: LedgerModule = {
  number: moduleNumber.accounts,
  name: "accounts",
  prepare(action, payload) {
    return actions.get(action)?.(payload);
  },
  /** Who was paid once, who opened an account, and the authority. */
  admits(state, key) {
    return (
      isOpened(state, key) || state.get(accountName(key)) !== undefined || isAuthority(state, key)
    );
  },
};

const actions: ReadonlyMap<number, PrepareAction> = new Map<number, PrepareAction>([
  [
    accountAction.nameAuthority,
    prepared(decodeNomination, (state, context, key, payload) =>
      nominate({ state, context, payload, key }),
    ),
  ],
  [accountAction.credit, prepared(decodeAccountOrder, echoed(credit))],
  [accountAction.debit, prepared(decodeAccountOrder, echoed(debit))],
  [accountAction.transfer, prepared(decodeAccountOrder, echoed(transfer))],
  [accountAction.open, prepared(decodeOpening, echoed(open))],
  [accountAction.deposit, prepared(decodeDeposit, echoed(deposit))],
  [accountAction.withdraw, prepared(decodeWithdrawalOrder, withdraw)],
  [accountAction.suspend, prepared(decodeSuspension, echoed(suspend))],
  [accountAction.restore, prepared(decodeSuspension, echoed(restore))],
  [accountAction.adjust, prepared(decodeAdjustment, echoed(adjust))],
]);

function credit(
  state: StateTree,
  { sender }: TransactionContext,
  { account, amount }: AccountOrder,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  return moneyIn(state, { to: account, amount });
}

function debit(
  state: StateTree,
  { sender }: TransactionContext,
  { account, amount }: AccountOrder,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  return moneyOut(state, { from: account, amount });
}

function transfer(
  state: StateTree,
  { sender }: TransactionContext,
  { account, amount }: AccountOrder,
): StateTree | string {
  if (equalBytes(account, sender.key)) return "SAME_ACCOUNT";
  return moveMoney(state, { from: sender.key, to: account, amount });
}

/** A correction goes to or comes from the platform, so that it makes no money. */
function adjust(
  state: StateTree,
  { sender }: TransactionContext,
  { account, sign, amount }: AdjustmentOrder,
): StateTree | string {
  if (!isAuthority(state, sender.key)) return "NOT_AUTHORISED";
  return sign === "plus"
    ? moveMoney(state, { from: platformPot, to: account, amount })
    : moveMoney(state, { from: account, to: platformPot, amount });
}
