import {
  type AccountOrder,
  accountAction,
  decodeAccountOrder,
  decodeAdjustment,
  decodeDeposit,
  decodeOpening,
  decodeSuspension,
  decodeWithdrawal,
  type Result,
} from "@voltfog/ledger";
import { type MalformedProblem, type Outcome, toHex } from "@voltfog/runtime";
import { type Notice, noNews, type ResultNews } from "./market-book.ts";
import { amountInWords } from "./words.ts";

/** What moved on an account, for its holder. */
export function accountNews(result: Result): ResultNews {
  if (result.action === accountAction.withdraw) return withdrawalNews(result);
  return { subjects: [], notices: noticesOf(result) };
}

function withdrawalNews({ data }: Result): ResultNews {
  const decoded = decodeWithdrawal(data);
  if (!decoded.ok) return noNews;
  const { number, account, amount } = decoded.value;
  const id = String(number);
  const key = toHex(account);
  const sentence = `${amountInWords(amount)} left the account as withdrawal ${id}.`;
  return {
    subjects: [{ kind: "withdrawal", id, labels: [key], status: "" }],
    notices: [{ key, kind: "withdrawal", sentence, about: id }],
  };
}

/** By action: what the holders concerned are told. */
const notices: Readonly<Record<number, (result: Result) => readonly Notice[]>> = {
  [accountAction.open]: ({ data }) => {
    const opening = decodeOpening(data);
    return opening.ok ? [notice(opening.value.key, "account", "The account is open.")] : [];
  },
  [accountAction.deposit]: ({ data }) => moved(decodeDeposit(data), "deposit", "came in"),
  [accountAction.credit]: ({ data }) => moved(decodeAccountOrder(data), "credit", "came in"),
  [accountAction.debit]: ({ data }) => moved(decodeAccountOrder(data), "debit", "was taken"),
  [accountAction.transfer]: transferNotices,
  [accountAction.suspend]: ({ data }) => judged(data, "suspended"),
  [accountAction.restore]: ({ data }) => judged(data, "restored"),
  [accountAction.adjust]: ({ data }) => {
    const order = decodeAdjustment(data);
    const did = order.ok && order.value.sign === "plus" ? "came in" : "was taken";
    return moved(order, "adjustment", `${did} by the authority`);
  },
};

function noticesOf(result: Result): readonly Notice[] {
  return notices[result.action]?.(result) ?? [];
}

function moved(
  order: Outcome<AccountOrder, MalformedProblem>,
  kind: string,
  did: string,
): readonly Notice[] {
  if (!order.ok) return [];
  const { account, amount } = order.value;
  return [notice(account, kind, `${amountInWords(amount)} ${did}.`)];
}

function transferNotices({ data, sender }: Result): readonly Notice[] {
  const order = decodeAccountOrder(data);
  if (!order.ok) return [];
  const { account, amount } = order.value;
  const words = amountInWords(amount);
  return [
    notice(sender, "transfer", `${words} went to ${toHex(account).slice(0, 8)}.`),
    notice(account, "transfer", `${words} came from ${toHex(sender).slice(0, 8)}.`),
  ];
}

function judged(data: Uint8Array, did: "suspended" | "restored"): readonly Notice[] {
  const order = decodeSuspension(data);
  return order.ok ? [notice(order.value.key, did, `The authority ${did} the account.`)] : [];
}

function notice(key: Uint8Array, kind: string, sentence: string): Notice {
  return { key: toHex(key), kind, sentence, about: null };
}
