import { accountAction, encodeAccountOrder, moduleNumber } from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import { beforeEach, describe, expect, it } from "vitest";
import { MarketRun } from "../testing/market-run.ts";
import { newSigner } from "../testing/test-vehicle.ts";
import { MarketBook } from "./market-book.ts";

let run: MarketRun;
const nobody = (): boolean => false;

beforeEach(() => {
  run = new MarketRun();
});

describe("the desk", () => {
  it("opens an account for a key that signed its handle, and shows it once it is final", async () => {
    const ada = newSigner();
    expect(await run.desk.open(run.opening(ada, "ada"))).toMatchObject({ ok: true });
    expect(run.views.account(ada.publicKey, nobody)).toBeUndefined();
    await run.settle();
    expect(run.views.account(ada.publicKey, nobody)).toMatchObject({
      ...{ key: toHex(ada.publicKey), opened: true, suspended: false, balance: 0, nonce: 0 },
    });
    expect([run.views.keyOf("ada"), run.views.keyOf("ben"), run.views.keyOf("A")]).toEqual([
      ...[toHex(ada.publicKey), undefined, undefined],
    ]);
  });

  it("refuses what the chain would refuse, without asking it", async () => {
    const ada = await run.person("ada", 1);
    const eve = newSigner();
    const asked = [
      run.desk.open(run.opening(ada, "another")),
      run.desk.open(run.opening(eve, "ada")),
      run.desk.open({ ...run.opening(eve, "eve"), handle: "adam" }),
      run.desk.deposit({ key: eve.publicKey, amount: 1, depositId: undefined }),
    ];
    const refused = await Promise.allSettled(asked);
    expect(refused.map((one) => one.status === "rejected" && one.reason.code)).toEqual([
      ...["KEY_TAKEN", "HANDLE_TAKEN", "PROOF_OF_POSSESSION_INVALID", "ACCOUNT_UNKNOWN"],
    ]);
  });

  it("credits a payment once under one id, and keeps the order of many at one time", async () => {
    const ada = await run.person("ada", 1000);
    const depositId = new Uint8Array(32).fill(7);
    const deposit = { key: ada.publicKey, amount: 500, depositId };
    const answers = await Promise.all([1, 2, 3].map(() => run.desk.deposit(deposit)));
    expect(answers.map(({ answer }) => answer.ok)).toEqual([true, true, true]);
    await run.settle();
    const codes = run.chain.results.slice(-3).map(({ result }) => result.code);
    expect(codes).toEqual(["OK", "DEPOSIT_KNOWN", "DEPOSIT_KNOWN"]);
    expect(run.views.account(ada.publicKey, nobody)?.balance).toBe(1500);
  });

  it("credits nothing where payments are not simulated", async () => {
    run = new MarketRun({ simulatesDeposits: false });
    const deposit = { key: run.authority.publicKey, amount: 1, depositId: undefined };
    await expect(run.desk.deposit(deposit)).rejects.toMatchObject({
      ...{ code: "DEPOSITS_CLOSED", statusCode: 503 },
    });
    expect(run.views.overview()).toMatchObject({ simulated: false, open: true });
  });

  it("counts its nonces above those of another holder of its key", async () => {
    const ada = await run.person("ada", 1000);
    const payload = encodeAccountOrder({ account: ada.publicKey, amount: 1 });
    const credit = { module: moduleNumber.accounts, action: accountAction.credit, payload };
    expect(run.send(run.authority, credit)).toBe("OK");
    const answered = await run.desk.deposit({
      ...{ key: ada.publicKey, amount: 5, depositId: undefined },
    });
    expect(answered.answer.ok).toBe(true);
  });
});

it("tells both sides of a transfer, newest last, with the transaction that did it", async () => {
  const [ada, ben] = [await run.person("ada", 5_000_000), await run.person("ben", 1)];
  const payload = encodeAccountOrder({ account: ben.publicKey, amount: 1_250_000 });
  run.send(ada, { module: moduleNumber.accounts, action: accountAction.transfer, payload });
  await run.settle();
  const told = (key: Uint8Array): readonly string[] =>
    run.views.notices({ key: toHex(key), after: 0, limit: 50 }).map(({ sentence }) => sentence);
  const short = (key: Uint8Array): string => toHex(key).slice(0, 8);
  expect(told(ada.publicKey)).toEqual([
    ...["The account is open.", "5.00 came in.", `1.25 went to ${short(ben.publicKey)}.`],
  ]);
  expect(told(ben.publicKey).at(-1)).toBe(`1.25 came from ${short(ada.publicKey)}.`);
});

it("a book that is folded anew from the same results is the same", async () => {
  const ada = await run.person("ada", 5_000_000);
  const again = new MarketBook();
  const follower = run.follower(again);
  expect(follower.height).toBe(-1);
  while (follower.height < run.chain.height) await follower.step();
  const asked = { key: toHex(ada.publicKey), after: 0, limit: 500 };
  expect(again.notices(asked)).toEqual(run.book.notices(asked));
  expect(again.notices(asked).length).toBeGreaterThan(1);
});
