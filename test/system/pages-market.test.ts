import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type {
  MarketOrderView,
  PileContractView,
  PileMarketView,
  PileOrderView,
} from "@voltfog/messages";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MarketCommands } from "./market-commands.ts";
import { marketOpens } from "./market-opens.ts";
import { eventually, type RunningSite, startSite } from "./running-site.ts";
import { accessibilityFindings, openBrowser, pictures } from "./test-browser.ts";

const passphrase = "correct horse battery staple";

let site: RunningSite;
let browser: Browser;
/** Of a driver whose key is kept in it. */
let driver: BrowserContext;
let key: string;
/** Of the commands, with the driver's key as the browser gave it. */
let folder: string;

beforeAll(async () => {
  site = await startSite("--vehicles", "2");
  folder = mkdtempSync(join(tmpdir(), "voltfog-pages-"));
  browser = await openBrowser();
  driver = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await marketOpens(site.web);
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function loaded(shown: Page, path: string): Promise<void> {
  await shown.goto(site.web + path);
  await shown.waitForSelector("main h1");
  await shown.waitForSelector("[aria-label=Loading]", { state: "detached" });
}

test("a driver makes a key, registers, pays in what is simulated, and withdraws a part", async () => {
  const page = await driver.newPage();
  const asked: string[] = [];
  page.on("request", (request) => {
    asked.push(request.url());
    expect(request.postData() ?? "", "no passphrase leaves the browser").not.toContain(passphrase);
  });
  await loaded(page, "/wallet");
  await page.fill("input[name=new-passphrase]", passphrase);
  await page.locator("button:has-text('Make a key')").click();
  key = (await page.locator("[data-own-key]").getAttribute("data-own-key")) ?? "";
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  await page.fill("input[name=handle]", "a-driver");
  await page.locator("button:text-is('Register')").click();
  await page.locator("form[aria-label='Deposit'] >> text=simulated").waitFor();
  await page.fill("input[name=deposit]", "20.5");
  await page.locator("button:text-is('Deposit')").click();
  await page.waitForSelector("[data-balance='20500000']");
  await page.fill("input[name=withdraw]", "21");
  await page.locator("text=more than the account holds").waitFor();
  await page.fill("input[name=withdraw]", "5");
  await page.locator("button:text-is('Withdraw')").click();
  await page.waitForSelector("[data-balance='15500000']");
  await page.screenshot({ path: join(pictures, "wallet.png"), fullPage: true });
  expect(await accessibilityFindings(page)).toEqual([]);
  await page.locator("form[aria-label='Withdraw'] a[href^='/chain/transactions/']").click();
  await page.waitForSelector("[aria-label='What it did'] dd");
  expect(asked.filter((url) => !url.startsWith(site.web))).toEqual([]);
  await page.close();
});

test("the key stays sealed in the browser, and opens with its passphrase alone", async () => {
  const page = await driver.newPage();
  await loaded(page, "/wallet");
  const opener = page.locator("form[aria-label='Open your key']");
  await opener.locator("input[name=passphrase]").fill("another passphrase");
  await opener.locator("button").click();
  await page.locator("text=PASSPHRASE_WRONG").waitFor();
  await opener.locator("input[name=passphrase]").fill(passphrase);
  await opener.locator("button").click();
  await page.locator("text=is open in this tab").waitFor();
  const kept = await page.evaluate("localStorage.getItem('voltfog.wallet')");
  expect(Object.keys(JSON.parse(String(kept)))).toEqual(["key", "keystore"]);
  const download = page.waitForEvent("download");
  await page.locator("a:has-text('Download the sealed key')").click();
  const file = await (await download).path();
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ version: 1, kind: "ed25519" });
  mkdirSync(join(folder, "wallet"));
  copyFileSync(file, join(folder, "wallet", "a-driver.key.json"));
  await page.close();
});

test("anybody looks at an account by its key in the address, and sees nothing to act with", async () => {
  const page = await browser.newPage();
  await loaded(page, `/wallet?key=${key}`);
  await page.waitForSelector("[data-balance='15500000']");
  expect(await page.locator("button:has-text('Withdraw')").count()).toBe(0);
  await loaded(page, `/wallet?key=${"00".repeat(32)}`);
  await page.locator("text=knows no account of this key").waitFor();
  await loaded(page, "/wallet?key=nobody");
  await page.locator("text=A key has 64 hexadecimal digits").waitFor();
  await page.close();
});

async function openKey(shown: Page): Promise<void> {
  const opener = shown.locator("form[aria-label='Open your key']");
  await opener.locator("input[name=passphrase]").fill(passphrase);
  await opener.locator("button").click();
  await opener.waitFor({ state: "detached" });
}

/** Presses a button that sends, and waits until the page says in which final block it is done. */
async function sent(shown: Page, button: string): Promise<void> {
  await shown.locator(`${button}:not([disabled])`).click({ timeout: 60_000 });
  const done = shown.locator("[data-sending=final]");
  await done.waitFor({ timeout: 120_000 });
  expect(await done.textContent()).toContain("Done in block");
}

/** What the cloud reads off the chain. */
async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`${site.web}${path}`);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

test("an offer of energy that the page sends stands on the chain, and is taken back there", async () => {
  // The vehicle's own key must agree, and it is where the vehicle is: the command links it by the same wallet.
  writeFileSync(join(folder, "pass"), `${passphrase}\n`);
  const { trade } = new MarketCommands(site, folder);
  expect(await trade("login", "a-driver")).toMatchObject({ key });
  await trade("link", join(site.dataDir, "keys", "vehicle-01.key"));
  await eventually("the authority to name meeting points", async () =>
    (await ask<{ features: readonly unknown[] }>("/v1/market/meeting-points")).features.length > 0
      ? true
      : undefined,
  );
  const page = await driver.newPage();
  await loaded(page, "/v2v?side=sell&lat=48.857&lon=2.352");
  await openKey(page);
  await page.fill("input[name=energy]", "4");
  await page.fill("input[name=price]", "0.90");
  await sent(page, "button:has-text('Send the offer')");
  const own = async (): Promise<readonly MarketOrderView[]> =>
    (await ask<readonly MarketOrderView[]>("/v1/market/orders?side=sell&limit=200")).filter(
      (order) => order.key === key,
    );
  // A transaction is final a moment before the market's lists have read it.
  const order = await eventually("the offer to be listed", async () => (await own())[0]);
  expect(order).toMatchObject({ energy_Wh: 4000, pricePerKWh: 900_000, state: "open" });
  expect(order.place).toMatchObject({ kind: "earth", longitude: 2.352, latitude: 48.857 });
  await page.locator(`[data-order='${order.id}'] button`).click({ timeout: 60_000 });
  await eventually("the offer to be taken back", async () =>
    (await own()).length === 0 ? true : undefined,
  );
  await page.close();
});

test("an order for private piles waits on the chain, and a purchase makes a contract that the page signs", async () => {
  await eventually("a simulated host's pile", async () => {
    const { piles } = await ask<PileMarketView>("/v1/market/piles");
    return piles.length > 0 || undefined;
  });
  const page = await driver.newPage();
  await loaded(page, "/piles?show=own");
  await openKey(page);
  const form = page.locator("section:has(#trade)");
  await form.locator("select[name=kind]").selectOption("buy");
  await form.locator("input[name=energy]").fill("3");
  await form.locator("input[name=price]").fill("0.05");
  await sent(page, "section:has(#trade) button[type=submit]");
  const waiting = async (): Promise<readonly PileOrderView[]> =>
    (await ask<PileMarketView>("/v1/market/piles")).orders.filter((order) => order.key === key);
  expect(await waiting()).toMatchObject([
    { side: "buy", energy_Wh: 3000, left_Wh: 3000, pricePerKWh: 50_000, state: "open" },
  ]);

  await form.locator("select[name=kind]").selectOption("market");
  await form.locator("input[name=energy]").fill("1");
  await form.locator("button[type=submit]:not([disabled])").click();
  const contracts = (): Promise<readonly PileContractView[]> =>
    ask(`/v1/market/contracts?key=${key}`);
  const contract = await eventually("the contract", async () => (await contracts())[0]);
  expect(contract).toMatchObject({ buyer: key, energy_Wh: 1000, state: "proposed" });
  await page.locator(`[data-contract='${contract.id}'] button:not([disabled])`).click();
  await eventually("the buyer's signature", async () =>
    (await contracts())[0]?.signedByBuyer === true ? true : undefined,
  );
  await page.close();
});

test("a quote says unit cost and unit profit before anything is sent", async () => {
  const page = await browser.newPage();
  await page.route("**/v1/market/overview", async (route) => {
    const response = await route.fetch();
    const overview = (await response.json()) as { v2v: object };
    const json = { ...overview, v2v: { ...overview.v2v, feePerKWh: 10_000 } };
    await route.fulfill({ response, json });
  });
  await page.route("**/v1/market/meeting-points", (route) =>
    route.fulfill({
      json: {
        type: "FeatureCollection",
        features: [
          {
            ...{ type: "Feature", id: 1, properties: { id: 1, name: "North gate" } },
            geometry: { type: "Point", coordinates: [2.35, 48.85] },
          },
        ],
      },
    }),
  );
  await page.route("**/v1/market/orders*", (route) => route.fulfill({ json: [] }));
  await loaded(page, "/v2v?side=sell&lat=48.85&lon=2.35");
  await page.fill("input[name=price]", "0.20");
  expect(await page.locator("[data-unit-profit]").getAttribute("data-unit-profit")).toBe("190000");
  expect(await page.locator("[data-unit-cost]").getAttribute("data-unit-cost")).toBe("210000");
  await page.fill("input[name=price]", "0.005");
  await page.locator("text=no match at a loss").waitFor();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.close();
});

test("filters of the settlement desk live in the address, and a server that does not answer is said", async () => {
  const page = await browser.newPage();
  await loaded(page, "/settlement");
  await page.locator("input[type=date]").fill("2026-01-31");
  await page.waitForURL(/day=2026-01-31/);
  await page.waitForSelector("h2:has-text('2026-01-31')");
  await page.locator("section:has(#reports) select").selectOption("pile");
  await page.waitForURL(/by=pile/);
  await loaded(page, "/settlement?day=2026-02-31");
  expect(await page.locator("#sessions").textContent(), "no such day").not.toContain("2026-02-31");
  await page.route("**/v1/market/**", (route) => route.abort());
  await page.goto(`${site.web}/v2v`);
  await page.locator("text=UNREACHABLE").first().waitFor();
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.close();
});

test("a receipt is checked in the browser, and one altered on the way does not hold", async () => {
  const id = await eventually("a simulated session's receipt", async () => {
    const response = await fetch(`${site.web}/v1/market/sessions?limit=50`);
    const sessions = (await response.json()) as { id: string; state: string }[];
    const settled = sessions.find(({ state }) => state === "settled");
    if (settled === undefined) return undefined;
    const receipt = await fetch(`${site.web}/v1/settlement/receipts/${settled.id}`);
    return receipt.ok ? settled.id : undefined;
  });
  const page = await browser.newPage();
  await loaded(page, `/proof?receipt=${id}`);
  await page.waitForSelector("[data-receipt='true']");
  await page.screenshot({ path: join(pictures, "receipt.png"), fullPage: true });
  expect(await accessibilityFindings(page)).toEqual([]);
  await page.route("**/v1/settlement/receipts/*", async (route) => {
    const response = await route.fetch();
    const other = (_found: string, digit: string): string => `"paid":${(Number(digit) + 1) % 10}`;
    const body = (await response.text()).replace(/"paid":\s*(\d)/, other);
    await route.fulfill({ response, body });
  });
  await page.reload();
  await page.waitForSelector("[data-receipt='false']");
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.close();
});

function places(): readonly string[] {
  return [
    ...["/settlement", "/settlement?by=user&day=2026-01-31", "/wallet", `/wallet?key=${key}`],
    ...["/piles", "/v2v", "/v2v?side=sell&lat=48.85&lon=2.35", "/"],
  ];
}

test("no page of the market has accessibility findings in either theme, nor sideways scroll on a small phone", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    const viewport = { width: 320, height: 700 };
    const context = await browser.newContext({ viewport, colorScheme });
    const phone = await context.newPage();
    for (const place of places()) {
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

test("no page of the market fetches more than 150 kB of script and style, compressed", async () => {
  for (const place of places()) {
    const context = await browser.newContext();
    const visitor = await context.newPage();
    const bodies: Promise<Buffer>[] = [];
    visitor.on("response", (response) => {
      if (new URL(response.url()).pathname.startsWith("/assets/")) bodies.push(response.body());
    });
    await loaded(visitor, place);
    const assets = await Promise.all(bodies);
    const size_bytes = assets.reduce((sum, body) => sum + gzipSync(body).length, 0);
    expect(size_bytes, place).toBeGreaterThan(10_000);
    expect(size_bytes, place).toBeLessThan(150_000);
    await context.close();
  }
});
