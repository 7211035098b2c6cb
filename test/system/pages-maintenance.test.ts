import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite } from "./running-site.ts";
import { accessibilityFindings, openBrowser, pictures } from "./test-browser.ts";

/** Long enough that an older version of the estimator told the first year. */
const fleet = ["--fleet", "history:8x420", "--vehicles", "2", "--units", "1"];

let site: RunningSite;
let browser: Browser;
let page: Page;
/** Of the loaded fleet, the one that an inspection saves most of. */
let first: string;

beforeAll(async () => {
  site = await startSite(...fleet);
  browser = await openBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  first = await eventually("a ranking", async () => {
    const response = await fetch(`${site.web}/v1/maintenance/ranking`);
    const { vehicles } = (await response.json()) as { vehicles: { vehicleId: string }[] };
    return vehicles[0]?.vehicleId;
  });
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

async function loaded(shown: Page, path: string): Promise<void> {
  await shown.goto(site.web + path);
  await shown.waitForSelector("main h1");
  await shown.waitForSelector("[aria-label=Loading]", { state: "detached" });
}

test("the maintenance page ranks the fleet with intervals, and says that it is simulated", async () => {
  await loaded(page, "/maintenance?show=all");
  await page.waitForSelector("[data-ranked]");
  expect(await page.locator("[data-ranked]").count()).toBe(8);
  const row = await page.locator(`[data-ranked='${first}']`).textContent();
  expect(row).toMatch(/%, [\d.]+ to [\d.]+\s%/);
  expect(row).toContain("simulated");
  expect(await page.locator("[role=note]").textContent()).toContain(
    "8 of 8 vehicles are simulated",
  );
  await page.locator("input[type=search]").fill(first);
  await page.waitForURL(new RegExp(`find=${first}`));
  await page.goto(page.url());
  await page.waitForSelector("[data-ranked]");
  expect(await page.locator("[data-ranked]").count(), "an address shows the same").toBe(1);
  await page.screenshot({ path: join(pictures, "maintenance.png"), fullPage: true });
});

test("an inspection that is ordered gets a slot, and its outcome teaches the ranking", async () => {
  await loaded(page, "/maintenance?show=all");
  await page.locator(`[data-ranked='${first}'] button`).click();
  await page.locator("[data-order]").first().waitFor();
  await page.locator(`[data-slot='${first}'] a:has-text('order')`).waitFor();
  await page.locator("[data-order] button", { hasText: "Say outcome" }).click();
  await page.getByLabel("Note").fill("cell 4 changed");
  await page.locator("[data-order] button", { hasText: "Fixed" }).click();
  await page.waitForSelector("[data-order]", { state: "detached" });
  await page.goto(`${site.web}/maintenance?order=1&show=all`);
  await page.waitForSelector("[data-order='1'].chosen");
  expect(await page.locator("[data-order='1']").textContent()).toContain("cell 4 changed");
  await page.locator("text=1 found something").waitFor();
});

test("an alarm's runbook opens by its address, and by keyboard", async () => {
  await loaded(page, "/maintenance?runbook=overcharge");
  await page.waitForSelector("[data-runbook='overcharge'][open] ol");
  await page.locator("[data-runbook='deep-discharge'] summary").focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/runbook=deep-discharge/);
});

test("a vehicle's health shows both versions, causes that sum up, forecast, warranty and missing data", async () => {
  await loaded(page, `/vehicles/${first}`);
  await page.waitForSelector("[aria-label='State of health'] canvas");
  expect(await page.locator("[aria-label='State of health'] .u-legend").textContent()).toMatch(
    /version 1.*version 2/s,
  );
  await page.getByRole("button", { name: "Table of causes" }).click();
  const rows = await page
    .locator("tr[data-attribution]")
    .evaluateAll((all) =>
      all.map((row) =>
        [...row.querySelectorAll("td")].map(({ textContent }) =>
          Number((textContent ?? "").replace("−", "-")),
        ),
      ),
    );
  expect(rows.length).toBeGreaterThan(10);
  for (const [total = 0, ...parts] of rows) {
    expect(parts.length).toBe(6);
    const sum = parts.reduce((all, part) => all + part, 0);
    expect(Math.abs(total - sum), "each is rounded to a hundredth").toBeLessThan(0.04);
  }
  expect(await page.locator(`[data-care='${first}']`).textContent()).toMatch(/Place 1 of 8 .*%/s);
  expect(await page.locator("[data-warranty]").textContent()).toContain("forecast");
  await page.locator("select").first().selectOption("hot");
  await page.waitForURL(/heat=hot/);
  expect(await page.locator("[data-days]").first().getAttribute("data-days")).toBe("420");
  expect(await page.locator("[role=note]").textContent()).toContain("No record stands behind");
  await page.screenshot({ path: join(pictures, "vehicle-health.png"), fullPage: true });
});

test("tables download as CSV and Parquet, and the report as a PDF whose text can be found", async () => {
  await loaded(page, `/vehicles/${first}`);
  const starts: Readonly<Record<string, string>> = {
    CSV: "day,",
    Parquet: "PAR1",
    PDF: "%PDF-1.4",
  };
  for (const [name, start] of Object.entries(starts)) {
    const coming = page.waitForEvent("download");
    await page.locator("a[download]", { hasText: name }).first().click();
    const file = readFileSync(await (await coming).path());
    expect(file.toString("latin1", 0, start.length), name).toBe(start);
    if (name === "PDF") expect(file.toString("latin1")).toContain(`(Battery report: ${first}) Tj`);
  }
});

test("a store that does not answer is said, and the last figures stay", async () => {
  await loaded(page, "/maintenance?show=all");
  await page.route("**/v1/alerts**", (route) =>
    route.fulfill({ status: 503, json: { code: "STORE_BUSY", message: "try again" } }),
  );
  await page.locator("select").nth(1).selectOption("closed");
  await page.locator("text=STORE_BUSY").waitFor();
  expect(await page.locator("[data-ranked]").count()).toBe(8);
  await page.unroute("**/v1/alerts**");
});

test.each([
  "/maintenance?show=all&rows=35&runbook=overcharge&orders=all",
  "/fleet",
  "/vehicles/first",
  "/vehicles/vehicle-01",
])(
  "%s has no accessibility findings in either theme, and no sideways scroll at 320 px",
  async (place) => {
    const path = place.replace("first", first);
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({
        viewport: { width: 320, height: 740 },
        colorScheme,
      });
      const phone = await context.newPage();
      await loaded(phone, path);
      expect(await phone.evaluate("document.documentElement.scrollWidth")).toBe(320);
      expect(await accessibilityFindings(phone)).toEqual([]);
      await context.close();
    }
  },
);
