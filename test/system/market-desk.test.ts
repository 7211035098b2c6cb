import { createHash, randomBytes } from "node:crypto";
import {
  accountAction,
  encodeAccountOrder,
  handleHashOf,
  moduleNumber,
  signOpening,
  signTransaction,
} from "@voltfog/ledger";
import type {
  MarketAccountView,
  MarketNotificationView,
  TransactionDetailView,
  WearView,
} from "@voltfog/messages";
import { fromHex, type Signer, toHex } from "@voltfog/runtime";
import { nodeCrypto as crypto, signerOfSeed } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { marketOpens } from "./market-opens.ts";
import { eventually, type RunningSite, startSite } from "./running-site.ts";

/** The cloud's market from outside: an account, money, a transfer, and the same answers after a kill. */
let site: RunningSite;
let chainId: Uint8Array;
const [ada, ben] = [signerOfSeed(randomBytes(32)), signerOfSeed(randomBytes(32))];

beforeAll(async () => {
  site = await startSite("--units", "1", "--vehicles", "1", "--market", "open");
  const overview = await marketOpens(site.web);
  expect(overview).toMatchObject({ open: true, simulated: true, currency: "EUR" });
  chainId = fromHex(overview.chainId) ?? new Uint8Array();
});
afterAll(async () => {
  await site?.stop();
});

interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

async function ask<T>(path: string): Promise<Answer<T>> {
  const response = await fetch(new URL(path, site.web));
  return { status: response.status, body: (await response.json()) as T };
}

async function post<T>(path: string, body: object): Promise<Answer<T>> {
  const isBytes = body instanceof Uint8Array;
  const response = await fetch(new URL(path, site.web), {
    method: "POST",
    headers: { "content-type": isBytes ? "application/octet-stream" : "application/json" },
    body: isBytes ? new Uint8Array(body) : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as T };
}

interface Refusal {
  readonly code: string;
}

const keyOf = (signer: Signer): string => toHex(signer.publicKey);

function register(signer: Signer, handle: string): Promise<Answer<Refusal>> {
  const handleHash = handleHashOf(handle, crypto);
  const { possession } = signOpening({ chainId, handleHash, signer });
  const opening = { key: keyOf(signer), handle, possession: toHex(possession) };
  return post("v1/market/accounts", opening);
}

/** Polls until the account is as it is waited for. */
function accountOf(
  signer: Signer,
  isThere: (account: MarketAccountView) => boolean,
): Promise<MarketAccountView> {
  return eventually("the account", async () => {
    const { status, body } = await ask<MarketAccountView>(`v1/market/accounts/${keyOf(signer)}`);
    return status === 200 && isThere(body) ? body : undefined;
  });
}

function transfer(amount: number, nonce: number): Uint8Array {
  return signTransaction({
    ...{ chainId, module: moduleNumber.accounts, action: accountAction.transfer, nonce },
    payload: encodeAccountOrder({ account: ben.publicKey, amount }),
    signer: ada,
  });
}

test("accounts are opened once, by who holds their key, and found by their handle", async () => {
  expect(await register(ada, "ada-of-the-test")).toMatchObject({ status: 202 });
  expect(await register(ben, "ben-of-the-test")).toMatchObject({ status: 202 });
  for (const one of [ada, ben]) await accountOf(one, ({ opened }) => opened);
  const found = await ask<{ key: string }>("v1/market/accounts?handle=ada-of-the-test");
  expect(found).toEqual({ status: 200, body: { key: keyOf(ada) } });
  const eve = signerOfSeed(randomBytes(32));
  const refusals = [
    await register(ada, "another-handle"),
    await register(eve, "ada-of-the-test"),
    await post<Refusal>("v1/market/accounts", {
      ...{ key: keyOf(eve), handle: "eve", possession: "00".repeat(64) },
    }),
  ];
  expect(refusals.map(({ status, body }) => [status, body.code])).toEqual([
    [409, "KEY_TAKEN"],
    [409, "HANDLE_TAKEN"],
    [422, "PROOF_OF_POSSESSION_INVALID"],
  ]);
});

test("a simulated payment is credited once, however often it is told", async () => {
  const depositId = createHash("sha256").update("a payment").digest("hex");
  const deposit = { key: keyOf(ada), amount: 12_500_000, depositId };
  const first = await post("v1/market/deposits", deposit);
  expect(first).toMatchObject({ status: 202, body: { simulated: true, depositId } });
  await accountOf(ada, ({ balance }) => balance === deposit.amount);
  const again = await post<{ transaction: string }>("v1/market/deposits", deposit);
  const refused = await eventually("the second one's result", async () => {
    const shown = await ask<TransactionDetailView>(`v1/transactions/${again.body.transaction}`);
    return shown.status === 200 ? shown.body : undefined;
  });
  expect(refused).toMatchObject({ module: "accounts", action: "deposit", code: "DEPOSIT_KNOWN" });
  expect((await accountOf(ada, () => true)).balance).toBe(deposit.amount);
  const unknown = { ...deposit, key: "11".repeat(32) };
  expect(await post("v1/market/deposits", unknown)).toMatchObject({
    ...{ status: 404, body: { code: "ACCOUNT_UNKNOWN" } },
  });
});

test("a signed transfer is relayed, and a validator's refusal keeps its code", async () => {
  const sent = await post<{ hash: string }>("v1/market/transactions", transfer(2_500_000, 1));
  expect(sent).toMatchObject({ status: 202 });
  const { nonce } = await accountOf(ada, ({ balance }) => balance === 10_000_000);
  expect(nonce).toBe(1);
  await accountOf(ben, ({ balance }) => balance === 2_500_000);
  const { body: shown } = await ask<TransactionDetailView>(`v1/transactions/${sent.body.hash}`);
  expect(shown).toMatchObject({ code: "OK", sentence: expect.stringContaining("2.50 went to") });
  expect(shown.payload).toContainEqual({ name: "amount", value: "2.50", kind: "text" });
  const stale = await post("v1/market/transactions", transfer(1, 1));
  expect(stale).toMatchObject({ status: 409, body: { code: "TX_NONCE_STALE" } });
  const broken = transfer(1, 2);
  broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
  const forged = await post("v1/market/transactions", broken);
  expect(forged).toMatchObject({ status: 422, body: { code: "TX_SIGNATURE_INVALID" } });
  const nonsense = await post("v1/market/transactions", new Uint8Array(200));
  expect(nonsense).toMatchObject({ status: 422, body: { code: "TX_MALFORMED" } });
});

test("what a kilowatt-hour wears the battery says what it rests on", async () => {
  const { status, body } = await ask<WearView>("v1/market/wear?vehicle=vehicle-01");
  expect(status).toBe(200);
  // 110 EUR per kWh over 1,500 cycles at nine tenths: 8.1 cents.
  expect(body.wearCostPerKWh).toBe(Math.round((110 / 1500 / 0.9) * 1e6));
  expect(body).toMatchObject({ orders: [], basis: expect.stringContaining("1500 full cycles") });
});

test("a cloud that was killed answers the same again", async () => {
  const read = async (): Promise<unknown> => [
    await ask<MarketAccountView>(`v1/market/accounts/${keyOf(ada)}`),
    await ask<MarketAccountView>(`v1/market/accounts/${keyOf(ben)}`),
    await ask<MarketNotificationView[]>(`v1/market/notifications?key=${keyOf(ada)}`),
    await ask<MarketNotificationView[]>(`v1/market/notifications?key=${keyOf(ben)}`),
    await ask("v1/market/orders"),
    await ask("v1/market/trades"),
    await ask("v1/market/sessions"),
    await ask("v1/market/contracts"),
  ];
  const before = await read();
  expect(before).toContainEqual({
    status: 200,
    body: [
      expect.objectContaining({ kind: "account" }),
      expect.objectContaining({ kind: "deposit", sentence: "12.50 came in." }),
      expect.objectContaining({ kind: "transfer" }),
    ],
  });
  const pid = site.pidOf("cloud") ?? 0;
  process.kill(pid, "SIGKILL");
  await eventually("another cloud", async () => {
    if (site.pidOf("cloud") === pid) return undefined;
    const shown = await ask("v1/market/overview").catch(() => undefined);
    return shown?.status === 200 ? shown : undefined;
  });
  expect(await read()).toEqual(before);
});
