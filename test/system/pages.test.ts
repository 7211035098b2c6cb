import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite } from "./running-site.ts";

/** Debian's Chromium. vitest.config.ts leaves this file out, and says so, where it is absent. */
const executablePath = "/usr/bin/chromium";
const pictures = join("test-results", "pages");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let site: RunningSite;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  site = await startSite();
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await eventually("a final frame", async () => {
    const response = await fetch(`${site.web}/v1/vehicles`);
    const vehicles = (await response.json()) as { frames: { final: number } }[];
    return vehicles.length === 12 && vehicles.every(({ frames }) => frames.final > 0)
      ? true
      : undefined;
  });
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

test("the fleet page lists every vehicle and says that the data is replayed", async () => {
  await page.goto(`${site.web}/fleet`);
  await page.waitForSelector("[data-vehicle='vehicle-12']");
  expect(await page.locator("[data-vehicle]").count()).toBe(12);
  expect(await page.locator(".banner").textContent()).toContain("replay");
  await page.screenshot({ path: join(pictures, "fleet.png"), fullPage: true });
});

test("a vehicle's page shows charts, cells and frames, and a frame verifies in the browser", async () => {
  await page.goto(`${site.web}/vehicles/vehicle-01`);
  await page.waitForSelector(".uplot canvas");
  expect(await page.locator(".uplot").count()).toBe(4);
  await page.waitForSelector("[aria-label='Cell heat map'] .cell");
  expect(await page.locator("[aria-label='Cell heat map'] .cell").count()).toBe(96 + 24);
  const button = page.locator("table .verify button:enabled").first();
  await button.waitFor();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  await button.click();
  await page.waitForSelector("[data-verified='true']");
  page.removeAllListeners("request");
  const asked = requests.filter((path) => /genesis|proof|verify$/.test(path));
  expect(asked, "verification asks the server for the bundle alone").toEqual([]);
  await page.screenshot({ path: join(pictures, "vehicle.png"), fullPage: true });
});

test("a bundle that was altered on the way is not verified, with the reason", async () => {
  await page.goto(`${site.web}/vehicles/vehicle-02`);
  await page.route("**/bundle**", async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[Math.floor(body.length / 2)] = (body[Math.floor(body.length / 2)] ?? 0) ^ 1;
    await route.fulfill({ response, body });
  });
  await page.locator("table .verify button:enabled").first().click();
  const verdict = page.locator("[data-verified='false']").first();
  await verdict.waitFor();
  expect((await verdict.getAttribute("data-reason"))?.length ?? 0).toBeGreaterThan(5);
  await page.unroute("**/bundle**");
});

test("an event verifies in the browser, and one altered on the way does not", async () => {
  const event = await eventually("a final event", async () => {
    const response = await fetch(`${site.web}/v1/events?limit=100`);
    const events = (await response.json()) as { id: string; finality: string }[];
    return events.find(({ finality }) => finality === "final");
  });
  const rows = (await (await fetch(`${site.web}/v1/events/${event.id}`)).json()) as {
    vehicleId: string;
  };
  await page.goto(`${site.web}/vehicles/${rows.vehicleId}`);
  const verify = page.locator(`[data-event='${event.id}'] .verify`);
  await verify.locator("button:enabled").click();
  await page.waitForSelector(`[data-event='${event.id}'] [data-verified='true']`);
  await page.route("**/bundle**", async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    await route.fulfill({ response, body: body.subarray(0, -1) });
  });
  await verify.locator("button:enabled").click();
  await page.waitForSelector(`[data-event='${event.id}'] [data-verified='false']`);
  await page.unroute("**/bundle**");
});

test.each(["/", "/fleet", "/vehicles/vehicle-01", "/ledger", "/operations", "/nowhere"])(
  "%s has no accessibility findings in either theme, and no sideways scroll on a phone",
  async (path) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        viewport: { width: 360, height: 740 },
        colorScheme,
      });
      const phone = await context.newPage();
      await phone.goto(site.web + path);
      await phone.waitForSelector("main h1");
      await phone.waitForSelector("[aria-label=Loading]", { state: "detached" });
      const width = await phone.evaluate("document.documentElement.scrollWidth");
      await phone.screenshot({
        path: join(pictures, `phone-${colorScheme}${path.replaceAll("/", "-")}.png`),
      });
      expect(width).toBe(360);
      await phone.evaluate(axe);
      const findings = (await phone.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).slice(0, 3).join(' | ')))",
      )) as string[];
      expect(findings).toEqual([]);
      await context.close();
    }
  },
);

test("the ledger shows final blocks with their signers", async () => {
  await page.goto(`${site.web}/ledger`);
  await page.waitForSelector("[aria-label='Blocks'] tbody tr");
  expect(await page.locator("[aria-label='Blocks'] tbody tr").first().textContent()).toMatch(
    /validator-/,
  );
  await page.locator("[aria-label='Blocks'] tbody a").first().click();
  await page.waitForSelector("[aria-label^='Block '] dl");
  await page.screenshot({ path: join(pictures, "ledger.png"), fullPage: true });
});
