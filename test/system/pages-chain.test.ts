import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { consortiumAction, encodeProposal, moduleNumber, signTransaction } from "@voltfog/ledger";
import { fromHex, toHex } from "@voltfog/runtime";
import { loadSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { provenBundle } from "./proven-bundle.ts";
import { eventually, type RunningSite, startSite } from "./running-site.ts";
import { portOf } from "./site-clients.ts";
import { accessibilityFindings, openBrowser, pictures } from "./test-browser.ts";

let site: RunningSite;
let browser: Browser;
let page: Page;
/** Of an event that is final. */
let eventId: string;
let vehicleId: string;

interface Transaction {
  readonly hash: string;
  readonly height: number;
  readonly index: number;
  readonly module: string;
}

beforeAll(async () => {
  site = await startSite("--vehicles", "6");
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const event = await eventually("a final event", async () => {
    const events =
      await ask<{ id: string; finality: string; vehicleId: string }[]>("/v1/events?limit=100");
    return events.find(({ finality }) => finality === "final");
  });
  eventId = event.id;
  vehicleId = event.vehicleId;
  await eventually("pages of blocks and checkpoints", async () => {
    const [block] = await ask<{ height: number }[]>("/v1/blocks?limit=1");
    return (block?.height ?? 0) > 24 ? true : undefined;
  });
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

async function ask<T>(path: string): Promise<T> {
  return (await (await fetch(site.web + path)).json()) as T;
}

async function transactionOf(module: string): Promise<Transaction> {
  const [first] = await ask<Transaction[]>(`/v1/transactions?module=${module}&limit=1`);
  if (first === undefined) throw new Error(`no transaction of ${module}`);
  return first;
}

async function loaded(shown: Page, path: string): Promise<void> {
  await shown.goto(site.web + path);
  await shown.waitForSelector("main h1");
  await shown.waitForSelector("[aria-label=Loading]", { state: "detached" });
}

test("blocks come by themselves, a page at a time, and the address keeps the page", async () => {
  await loaded(page, "/chain");
  const newest = Number(await page.locator("[data-block]").first().getAttribute("data-block"));
  await page.waitForSelector(`[data-block='${newest + 1}']`);
  const engine = await page.locator("[data-engine='poa']").textContent();
  expect(engine).toMatch(/^Engine poa: .* 3 of 4 seals make a block final; up to 1 may be faulty/);
  await page.screenshot({ path: join(pictures, "chain.png"), fullPage: true });
  await page.locator("a:has-text('Older blocks')").click();
  await page.waitForURL(/before=\d+/);
  await page.waitForSelector("h1:has-text('Blocks below')");
  const address = page.url();
  const below = Number(new URL(address).searchParams.get("before"));
  await page.waitForSelector(`[data-block='${below - 1}']`);
  await page.goto(address);
  await page.waitForSelector(`[data-block='${below - 1}']`);
  await page.locator("a:has-text('Newest blocks')").click();
  await page.waitForSelector("h1:text-is('Blocks')");
});

test("a block shows its header, who sealed it after which delay, and its transactions", async () => {
  const { height, hash } = await transactionOf("events");
  await loaded(page, `/chain/blocks/${height}`);
  await page.waitForSelector("[aria-label='Seals'] tbody tr");
  const seals = await page.locator("[aria-label='Seals'] tbody tr").allTextContents();
  expect(seals.length).toBeGreaterThanOrEqual(3);
  for (const seal of seals) expect(seal).toMatch(/validator-\d.*\d\sms/);
  await page.waitForSelector(`[data-transaction='${hash}']`);
  await page.screenshot({ path: join(pictures, "chain-block.png"), fullPage: true });
  await page.locator(`a[rel='prev']`).click();
  await page.waitForSelector(`h1:text-is('Block ${height - 1}')`);
  expect(await page.evaluate("document.activeElement.tagName"), "the heading has focus").toBe("H1");
});

test("transactions of one module are listed, and one is told in words", async () => {
  await loaded(page, "/chain/transactions");
  await page.locator("select").selectOption("events");
  await page.waitForURL(/module=events/);
  await eventually("events alone", async () => {
    const cells = await page.locator("[data-transaction] td:nth-child(4)").allTextContents();
    return cells.length > 0 && cells.every((cell) => cell.startsWith("events")) ? true : undefined;
  });
  await page.screenshot({ path: join(pictures, "chain-transactions.png"), fullPage: true });
  const { hash } = await transactionOf("checkpoints");
  await loaded(page, `/chain/transactions/${hash}`);
  await page.waitForSelector("[aria-label='Payload'] dd");
  expect(await page.locator("[aria-label='Payload']").textContent()).toMatch(/unit-\d.*entries/s);
});

test("a transaction's proof is checked in the browser, and one altered on the way does not hold", async () => {
  const { hash } = await transactionOf("events");
  await loaded(page, `/chain/transactions/${hash}`);
  const requests: string[] = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  await page.locator("button:has-text('Check it here')").click();
  await page.waitForSelector("[data-verified='true']");
  page.removeAllListeners("request");
  expect(requests.filter((path) => path.startsWith("/v1/transactions"))).toEqual([
    `/v1/transactions/${hash}/proof`,
  ]);
  expect(await page.locator("[data-proof-step='passed']").count()).toBe(7);
  await page.screenshot({ path: join(pictures, "chain-transaction.png"), fullPage: true });
  await page.route("**/proof", async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length - 1] = (body[body.length - 1] ?? 0) ^ 1;
    await route.fulfill({ response, body });
  });
  await page.locator("button:has-text('Check it here')").click();
  await page.waitForSelector("[data-verified='false']");
  expect(await page.locator("[data-proof-step='failed']").count()).toBe(1);
  await page.unroute("**/proof");
});

test("an event leads to its transaction and its block, and both lead back", async () => {
  await loaded(page, `/events/${eventId}`);
  await page.locator("a:has-text('Transaction on the chain')").click();
  await page.waitForSelector("[aria-label='Payload'] dd");
  await page.locator(`[aria-label='Payload'] a[href='/events/${eventId}']`).click();
  await page.waitForSelector("h1:has-text('One event')");
  await page.locator("[aria-label='The event'] a[href^='/chain/blocks/']").click();
  await page.waitForSelector("[aria-label='Seals']");
  await loaded(page, `/vehicles/${vehicleId}`);
  await page.locator("[aria-label='Frames'] a[href^='/chain/blocks/']").first().click();
  await page.waitForSelector("[aria-label='Seals']");
});

test("validators, epochs and logs say who does what, and a log leads to the blocks that hold it", async () => {
  await loaded(page, "/chain/validators");
  await page.locator("[data-validator='validator-2'] a").click();
  await page.waitForURL(/validator=validator-2/);
  await page.waitForSelector("[aria-label='validator-2'] code");
  await page.locator("[data-validator='validator-2'] >> text=agile").waitFor();
  await page.screenshot({ path: join(pictures, "chain-validators.png"), fullPage: true });
  await loaded(page, "/chain/epochs");
  await page.waitForSelector("[data-epoch='0'] tbody tr");
  expect(await page.locator("[data-epoch='0'] tbody tr").count()).toBe(4);
  await page.screenshot({ path: join(pictures, "chain-epochs.png"), fullPage: true });
  const log = await eventually("a log with a checkpoint on the chain", async () => {
    const logs = await ask<readonly { log: string; checkpoints: number }[]>("/v1/logs");
    return logs.find(({ checkpoints }) => checkpoints > 0)?.log;
  });
  await loaded(page, "/chain/logs");
  await page.locator(`[data-log='${log}'] th a`).click();
  await page.waitForSelector("[data-checkpoint]");
  await page.waitForSelector("[data-cosigned='validator-1']");
  await page.waitForSelector("[aria-label='Final size'] canvas");
  await page.screenshot({ path: join(pictures, "chain-logs.png"), fullPage: true });
  await page.locator("[data-checkpoint] a[href^='/chain/transactions/']").first().click();
  await page.waitForSelector(`[aria-label='Payload'] a[href='/chain/logs?log=${log}']`);
});

/** A validator's vote, as a node of the consortium sends it. */
async function vote(id: string, call: { action: number; payload: Uint8Array }): Promise<string> {
  const base = `http://127.0.0.1:${portOf(site, id, "http")}`;
  const { chainId } = (await (await fetch(`${base}/v1/status`)).json()) as { chainId: string };
  const transaction = signTransaction({
    chainId: fromHex(chainId) ?? new Uint8Array(),
    module: moduleNumber.consortium,
    nonce: Date.now(),
    signer: loadSigningKey(join(site.dataDir, "keys", `${id}.key`)),
    ...call,
  });
  const body = Buffer.from(transaction);
  const response = await fetch(`${base}/v1/transactions`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body,
  });
  expect(response.ok, await response.text()).toBe(true);
  const hash = toHex(nodeCrypto.sha256(transaction));
  await eventually("the vote to be final", async () => {
    const found = await fetch(`${site.web}/v1/transactions/${hash}`);
    return found.ok ? true : undefined;
  });
  return hash;
}

test("a change of the consortium shows its votes as they come, and each vote's transaction leads to it", async () => {
  const rule = { kind: "rule", rule: "release", numerator: 3, denominator: 4 } as const;
  const proposal = await vote("validator-1", {
    action: consortiumAction.propose,
    payload: encodeProposal(rule),
  });
  const [open] = await ask<{ id: string; state: string }[]>("/v1/changes");
  expect(open?.state).toBe("open");
  const payload = fromHex(open?.id ?? "") ?? new Uint8Array();
  await loaded(page, "/chain/changes");
  await page.waitForSelector(`[data-change='${open?.id}'] tbody tr`);
  for (const id of ["validator-2", "validator-3", "validator-4"]) {
    await vote(id, { action: consortiumAction.approve, payload });
  }
  await page.waitForSelector(`[data-change='${open?.id}'] tbody tr:nth-child(4)`);
  await page.locator("[data-change] >> text=Decided in").waitFor();
  await page.screenshot({ path: join(pictures, "chain-changes.png"), fullPage: true });
  await page.locator(`a[href='/chain/transactions/${proposal}']`).first().click();
  await page.locator(`[aria-label='Result'] a[href='/chain/changes?change=${open?.id}']`).click();
  await page.waitForSelector("h1:has-text('Change ')");
});

test("the search box is reached by a key and finds a height, an event, a log and a vehicle", async () => {
  await loaded(page, "/chain");
  await page.keyboard.press("/");
  expect(await page.evaluate("document.activeElement.id")).toBe("chain-find");
  await page.keyboard.type("3");
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:text-is('Block 3')");
  await page.keyboard.press("/");
  await page.keyboard.type(eventId);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[aria-label='Found'] a");
  expect(await page.locator("[aria-label='Found'] a").count()).toBe(2);
  await page.locator("[aria-label='Found'] a").last().click();
  await page.waitForSelector("[aria-label='Payload']");
  for (const [text, heading] of [
    ["unit-2", "Log of unit-2"],
    [vehicleId, vehicleId],
  ]) {
    await loaded(page, "/chain");
    await page.keyboard.press("/");
    await page.keyboard.type(text ?? "");
    await page.keyboard.press("Enter");
    await page.waitForSelector(`h1:text-is('${heading}')`);
  }
  await loaded(page, "/chain");
  await page.locator("#chain-find").fill("nobody's");
  await page.keyboard.press("Enter");
  await page.locator("text=Nothing here is called").waitFor();
});

test("a bundle that is dropped is gone through step by step, and an altered one says where it breaks", async () => {
  const bundle = Buffer.from(await provenBundle(site.web, `/v1/events/${eventId}/bundle`));
  await loaded(page, "/proof");
  const choose = page.locator("input[accept='.vfb']");
  await choose.setInputFiles({
    name: "a.vfb",
    mimeType: "application/octet-stream",
    buffer: bundle,
  });
  await page.waitForSelector("[data-verified='true']");
  expect(await page.locator("[data-proof-step='passed']").count()).toBe(11);
  await page.locator("text=It rests on").waitFor();
  await page.screenshot({ path: join(pictures, "proof.png"), fullPage: true });
  bundle[bundle.length - 40] = (bundle[bundle.length - 40] ?? 0) ^ 1;
  await choose.setInputFiles({
    name: "b.vfb",
    mimeType: "application/octet-stream",
    buffer: bundle,
  });
  await page.waitForSelector("[data-verified='false']");
});

test("an address of the ledger page of before leads to the block", async () => {
  await page.goto(`${site.web}/ledger?block=2`);
  await page.waitForSelector("h1:text-is('Block 2')");
  expect(new URL(page.url()).pathname).toBe("/chain/blocks/2");
});

test("what is not there, and a server that does not answer, are said in words", async () => {
  await loaded(page, "/chain/blocks/999999999");
  await page.locator("text=UNKNOWN_BLOCK").waitFor();
  await loaded(page, `/chain/transactions/${"00".repeat(32)}`);
  await page.locator("text=UNKNOWN_TRANSACTION").waitFor();
  await loaded(page, "/chain/transactions?sender=nobody");
  await page.locator("text=Take a filter away").waitFor();
  await page.route("**/v1/logs", (route) => route.abort());
  await page.goto(`${site.web}/chain/logs`);
  await page.locator("text=UNREACHABLE").waitFor();
  await page.unroute("**/v1/logs");
});

/** Every page, with something chosen where something can be. */
async function places(): Promise<readonly string[]> {
  const [events, checkpoints] = [await transactionOf("events"), await transactionOf("checkpoints")];
  return [
    ...["/chain", "/chain?before=10", `/chain/blocks/${events.height}`, "/chain/blocks/999999999"],
    ...["/chain/transactions", "/chain/transactions?refused=true"],
    ...[`/chain/transactions/${events.hash}`, `/chain/transactions/${checkpoints.hash}`],
    ...["/chain/validators?validator=validator-1", "/chain/epochs"],
    ...["/chain/logs", "/chain/logs?log=unit-1", "/chain/changes", "/proof"],
  ];
}

test("no page has accessibility findings in either theme, nor sideways scroll on a small phone", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const viewport = { width: 320, height: 700 };
    const context = await browser.newContext({ viewport, colorScheme });
    const phone = await context.newPage();
    for (const place of await places()) {
      await loaded(phone, place);
      const name = place.replaceAll(/[^\w]+/g, "-").slice(0, 40);
      await phone.screenshot({
        path: join(pictures, `phone-${colorScheme}${name}.png`),
        fullPage: true,
      });
      expect(await phone.evaluate("document.documentElement.scrollWidth"), place).toBe(320);
      expect(await accessibilityFindings(phone), place).toEqual([]);
    }
    await context.close();
  }
});

test("no page fetches more than 150 kB of script and style, compressed", async () => {
  const others = ["/", "/fleet", `/vehicles/${vehicleId}`, "/maintenance", "/drive", "/operations"];
  const sizes: Record<string, number> = {};
  for (const place of [...(await places()), ...others, `/events/${eventId}`]) {
    const context = await browser.newContext();
    const visitor = await context.newPage();
    const bodies: Promise<Buffer>[] = [];
    visitor.on("response", (response) => {
      if (new URL(response.url()).pathname.startsWith("/assets/")) bodies.push(response.body());
    });
    await loaded(visitor, place);
    const assets = await Promise.all(bodies);
    sizes[place] = assets.reduce((sum, body) => sum + gzipSync(body).length, 0);
    await context.close();
  }
  for (const [place, size_bytes] of Object.entries(sizes)) {
    expect(size_bytes, place).toBeGreaterThan(10_000);
    expect(size_bytes, place).toBeLessThan(150_000);
  }
});
