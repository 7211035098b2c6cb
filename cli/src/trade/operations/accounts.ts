import {
  accountAction,
  encodeAccountOrder,
  encodeWithdrawalOrder,
  handleHashOf,
  moduleNumber,
  signOpening,
  type WithdrawalGoal,
} from "@voltfog/ledger";
import type { MarketAccountView } from "@voltfog/messages";
import { fromHex, type Signer, toHex } from "@voltfog/runtime";
import { nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { complaint } from "../../complaint.ts";
import { amountText, parseAmount } from "../../market/amount-text.ts";
import { accountKey } from "../account-key.ts";
import {
  type Answer,
  type Field,
  type FieldValues,
  given,
  type Operation,
  ordered,
} from "../operation.ts";
import type { TradeSession } from "../trade-session.ts";
import { parseHandle } from "../wallet-folder.ts";

const handleField: Field = {
  ...{ name: "handle", value: "handle", isArgument: true },
  summary: "a pseudonym, 3 to 32 lower-case letters, digits and hyphens",
  question: "Handle (3 to 32 lower-case letters, digits and hyphens; no real name)",
};

/** Becoming a user of the market, and moving money. */
export const accountOperations: readonly Operation<TradeSession>[] = [
  {
    name: "register",
    summary: "Make a key and open an account",
    explanation:
      "Makes your key in your own folder, sealed with your passphrase, and asks the market to open an account for it. The passphrase cannot be found again: who loses it loses the account. Your handle is a pseudonym and never on the chain.",
    example: "voltfog trade register ada-1 --passphrase-file pass",
    fields: [handleField],
    run: register,
  },
  {
    name: "request",
    summary: "Make a key and a request that the authority opens an account by",
    explanation:
      "For markets where the authority opens accounts itself: makes your key, and a file that says that you want this handle. Give the file to the authority, then log in.",
    example: "voltfog trade request ada-1 --out ada.request.json --passphrase-file pass",
    fields: [
      handleField,
      {
        ...{ name: "out", value: "file" },
        summary: "file to write",
        question: "File to write",
      },
    ],
    run: request,
  },
  {
    name: "login",
    summary: "Be another user of this folder from now on",
    explanation:
      "Opens the key of a handle, to see that the passphrase is right, and remembers the handle.",
    example: "voltfog trade login ada-1 --passphrase-file pass",
    fields: [handleField],
    run: login,
  },
  {
    name: "deposit",
    summary: "Pay money in",
    explanation:
      "Asks the market's desk for a deposit. On a demonstration site the payment is simulated and says so.",
    example: "voltfog trade deposit 25.00",
    fields: [amountField("How much to pay in, such as 25.00")],
    run: deposit,
  },
  {
    name: "withdraw",
    summary: "Take money out",
    explanation:
      "Moves money from your balance to a withdrawal that the desk pays out, or that an Ethereum address can claim.",
    example: "voltfog trade withdraw 10.00",
    fields: [
      amountField("How much to take out, such as 10.00"),
      {
        ...{ name: "address", value: "0x…", fallback: "" },
        summary: "Ethereum address that gets it; the desk pays out without",
        question: "Ethereum address (empty: the desk pays out)",
      },
      {
        ...{ name: "vault", value: "id", fallback: "" },
        summary: "id of the SettlementVault that pays it against a proof",
        question: "Id of the vault that pays (empty: whom the desk chooses)",
      },
    ],
    run: withdraw,
  },
  {
    name: "pay",
    summary: "Pay another account",
    explanation: "Moves money from your balance to the account of another handle or key.",
    example: "voltfog trade pay 5.00 --to ben-2",
    fields: [
      amountField("How much to pay, such as 5.00"),
      {
        ...{ name: "to", value: "handle" },
        summary: "handle or key of who is paid",
        question: "Handle of who is paid",
      },
    ],
    run: pay,
  },
];

function amountField(question: string): Field {
  const summary = "in the market's currency, at most six decimals";
  return { name: "amount", value: "amount", isArgument: true, summary, question };
}

async function register(session: TradeSession, values: FieldValues): Promise<Answer> {
  const handle = parseHandle(given(values, "handle"));
  const { chainId } = await session.overview();
  const signer = await session.newKey(handle);
  const key = toHex(signer.publicKey);
  const note = { version: 1 as const, handle, key, chainId, url: session.url, vehicles: {} };
  const body = openingRequest({ handle, chainId, signer });
  const { transaction } = (await session.client.post("/v1/market/accounts", body)) as {
    transaction: string;
  };
  const outcome = await session.client.outcomeOf(transaction);
  if (outcome.code === "OK") {
    session.wallet.remember({ ...note, vehicles: session.wallet.note(handle)?.vehicles ?? {} });
    session.wallet.login(handle);
  }
  const done = `${handle} has an account; its key is ${session.wallet.keyFile(handle)}`;
  return ordered(done, outcome, { handle, key });
}

async function request(session: TradeSession, values: FieldValues): Promise<Answer> {
  const handle = parseHandle(given(values, "handle"));
  const { chainId } = await session.overview();
  const signer = await session.newKey(handle);
  const asked = openingRequest({ handle, chainId, signer });
  const file = given(values, "out");
  replaceFileSync(file, `${JSON.stringify(asked, null, 2)}\n`);
  return { json: asked, text: `${file} asks for an account of ${handle}; it holds no secret` };
}

/** What the desk needs to open an account: the key's own word that it wants this handle. */
function openingRequest(o: { handle: string; chainId: string; signer: Signer }): {
  key: string;
  handle: string;
  possession: string;
} {
  const chainId = fromHex(o.chainId) ?? new Uint8Array();
  const handleHash = handleHashOf(o.handle, nodeCrypto);
  const { key, possession } = signOpening({ chainId, handleHash, signer: o.signer });
  return { key: toHex(key), handle: o.handle, possession: toHex(possession) };
}

async function login(session: TradeSession, values: FieldValues): Promise<Answer> {
  const handle = parseHandle(given(values, "handle"));
  const signer = await session.login(handle);
  const key = toHex(signer.publicKey);
  if (session.wallet.note(handle) === undefined) {
    const account = (await session.client.get(`/v1/market/accounts/${key}`)) as MarketAccountView;
    if (!account.opened) {
      throw complaint({
        code: "NOT_REGISTERED",
        what: `${handle} has a key here, but no account`,
        remedy: `run voltfog trade register ${handle}`,
      });
    }
    const { chainId } = account;
    session.wallet.remember({ version: 1, handle, key, chainId, url: session.url, vehicles: {} });
  }
  session.wallet.login(handle);
  return { json: { handle, key }, text: `${handle} is logged in, key ${key}` };
}

async function deposit(session: TradeSession, values: FieldValues): Promise<Answer> {
  const amount = parseAmount({ flag: "amount", text: given(values, "amount") });
  const { key } = session.note;
  const asked = (await session.client.post("/v1/market/deposits", { key, amount })) as {
    transaction: string;
    simulated?: boolean;
  };
  const outcome = await session.client.outcomeOf(asked.transaction);
  const simulated = asked.simulated === true;
  const how = simulated ? " by a SIMULATED payment" : "";
  return ordered(`${amountText(amount)} paid in${how}`, outcome, { amount, simulated });
}

async function withdraw(session: TradeSession, values: FieldValues): Promise<Answer> {
  const amount = parseAmount({ flag: "amount", text: given(values, "amount") });
  const text = values["address"] ?? "";
  const goal = withdrawalGoal(text, values["vault"] ?? "");
  const outcome = await session.order({
    module: moduleNumber.accounts,
    action: accountAction.withdraw,
    payload: encodeWithdrawalOrder({ amount, goal }),
  });
  return ordered(`${amountText(amount)} is withdrawn`, outcome, { amount });
}

/** ADDRESS_INVALID, VAULT_INVALID. */
function withdrawalGoal(text: string, vaultText: string): WithdrawalGoal {
  if (text === "") return { kind: "desk" };
  const address = ethereumAddress(text);
  if (vaultText === "") return { kind: "ethereum", address };
  const vault = fromHex(vaultText);
  if (vault?.length === 32) return { kind: "vault", vault, address };
  throw complaint({
    code: "VAULT_INVALID",
    what: `${JSON.stringify(vaultText)} is no vault's id`,
    remedy: "write its 64 hexadecimal digits, as voltfog anchor vault show prints them",
  });
}

/** ADDRESS_INVALID. */
function ethereumAddress(text: string): Uint8Array {
  const address = text.startsWith("0x") ? fromHex(text.slice(2).toLowerCase()) : undefined;
  if (address?.length === 20) return address;
  throw complaint({
    code: "ADDRESS_INVALID",
    what: `${JSON.stringify(text)} is no Ethereum address`,
    remedy: "write 0x and 40 hexadecimal digits",
  });
}

async function pay(session: TradeSession, values: FieldValues): Promise<Answer> {
  const amount = parseAmount({ flag: "amount", text: given(values, "amount") });
  const account = await accountKey(session.client, given(values, "to"));
  const outcome = await session.order({
    module: moduleNumber.accounts,
    action: accountAction.transfer,
    payload: encodeAccountOrder({ account, amount }),
  });
  return ordered(`${amountText(amount)} paid to ${given(values, "to")}`, outcome, { amount });
}
