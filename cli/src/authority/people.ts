import {
  accountAction,
  encodeAdjustment,
  encodeOpening,
  encodeSuspension,
  handleHashOf,
  moduleNumber,
} from "@voltfog/ledger";
import { fromHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { complaint } from "../complaint.ts";
import { readJsonObject } from "../input-file.ts";
import { amountText, parseAmount } from "../market/amount-text.ts";
import { accountKey } from "../trade/account-key.ts";
import {
  type Answer,
  type Field,
  type FieldValues,
  given,
  type Operation,
  ordered,
} from "../trade/operation.ts";
import { parseHandle } from "../trade/wallet-folder.ts";
import type { AuthoritySession } from "./authority-session.ts";

const userField: Field = {
  ...{ name: "user", value: "handle", isArgument: true },
  summary: "handle or key of the user",
  question: "Handle or key of the user",
};

/** Why it is done. */
export const reasonField: Field = {
  ...{ name: "reason", value: "text" },
  summary: "why; its hash goes on the chain, the text stays beside the key",
  question: "Why",
};

/** What the authority does about people and their money. */
export const peopleOperations: readonly Operation<AuthoritySession>[] = [
  {
    name: "register",
    summary: "Open an account for a user's own request",
    explanation:
      "Opens an account by the file that voltfog trade request wrote. The user's key signed it, so an account is opened for nobody who did not ask.",
    example: "voltfog authority register ada.request.json",
    fields: [
      {
        ...{ name: "request", value: "file", isArgument: true },
        summary: "file of the user's request",
        question: "File of the user's request",
      },
    ],
    run: register,
  },
  {
    name: "suspend",
    summary: "Suspend a user: all but withdrawing is refused",
    explanation: "A suspended user's requests are refused, SUSPENDED. Its money stays its own.",
    example: 'voltfog authority suspend ada-1 --reason "three trades without a delivery"',
    fields: [userField, reasonField],
    run: (session, values) => suspension(session, values, "suspend"),
  },
  {
    name: "restore",
    summary: "Restore a suspended user",
    explanation: "The user may trade again.",
    example: 'voltfog authority restore ada-1 --reason "cleared by telephone"',
    fields: [userField, reasonField],
    run: (session, values) => suspension(session, values, "restore"),
  },
  {
    name: "adjust",
    summary: "Adjust a user's funds, with a reason",
    explanation:
      "Moves money between a user's account and the platform's pot: to make up for a failed trade, or as a penalty. Nothing is made or lost by it.",
    example: 'voltfog authority adjust ada-1 --by -2.50 --reason "did not appear"',
    fields: [
      userField,
      {
        ...{ name: "by", value: "amount" },
        summary: "2.50 gives, -2.50 takes",
        question: "By how much; 2.50 gives, -2.50 takes",
      },
      reasonField,
    ],
    run: adjust,
  },
];

async function register(session: AuthoritySession, values: FieldValues): Promise<Answer> {
  const file = given(values, "request");
  const { key, handle, possession } = readJsonObject(file);
  const opening = {
    key: fromHex(String(key)) ?? new Uint8Array(),
    possession: fromHex(String(possession)) ?? new Uint8Array(),
    handleHash: handleHashOf(parseHandle(String(handle)), nodeCrypto),
  };
  if (opening.key.length !== 32 || opening.possession.length !== 64) {
    throw complaint({
      code: "REQUEST_INVALID",
      what: `${file} is no request for an account`,
      remedy: "have the user make it again with voltfog trade request",
    });
  }
  const outcome = await session.order({
    module: moduleNumber.accounts,
    action: accountAction.open,
    payload: encodeOpening(opening),
  });
  return ordered(`${handle} has an account`, outcome, { handle, key });
}

async function suspension(
  session: AuthoritySession,
  values: FieldValues,
  what: "suspend" | "restore",
): Promise<Answer> {
  const user = given(values, "user");
  const key = await accountKey(session.client, user);
  const reasonHash = session.reasonHash(given(values, "reason"));
  const outcome = await session.order({
    module: moduleNumber.accounts,
    action: accountAction[what],
    payload: encodeSuspension({ key, reasonHash }),
  });
  return ordered(`${user} is ${what === "suspend" ? "suspended" : "restored"}`, outcome);
}

async function adjust(session: AuthoritySession, values: FieldValues): Promise<Answer> {
  const user = given(values, "user");
  const text = given(values, "by");
  const isTaken = text.startsWith("-");
  const amount = parseAmount({ flag: "--by", text: isTaken ? text.slice(1) : text });
  const outcome = await session.order({
    module: moduleNumber.accounts,
    action: accountAction.adjust,
    payload: encodeAdjustment({
      account: await accountKey(session.client, user),
      sign: isTaken ? "minus" : "plus",
      amount,
      reasonHash: session.reasonHash(given(values, "reason")),
    }),
  });
  const how = isTaken ? "taken from" : "given to";
  return ordered(`${amountText(amount)} ${how} ${user}`, outcome, { amount });
}
