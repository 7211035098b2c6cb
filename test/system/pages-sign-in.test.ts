import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite, voltfog } from "./running-site.ts";
import { accessibilityFindings, openBrowser, pictures } from "./test-browser.ts";

let site: RunningSite;
let browser: Browser;
let visit: BrowserContext;
let page: Page;

interface Made {
  readonly id: string;
  readonly token: string;
}

async function tokenFor(role: string, ...more: readonly string[]): Promise<Made> {
  const asked = ["--role", role, "--json", "--data", site.dataDir, ...more];
  const { stdout } = await voltfog("token", "create", ...asked);
  const made = JSON.parse(stdout) as Made;
  const headers = { authorization: `Bearer ${made.token}` };
  await eventually("the token to be taken", async () =>
    (await fetch(new URL("v1/blocks", site.web), { headers })).ok ? true : undefined,
  );
  return made;
}

beforeAll(async () => {
  site = await startSite("--sign-in", "--units", "1", "--vehicles", "2", "--fleet", "history:3x40");
  browser = await openBrowser();
  const { token } = await tokenFor("operator");
  const headers = { authorization: `Bearer ${token}` };
  await eventually("the vehicles to send", async () => {
    const answer = await fetch(new URL("v1/summary", site.web), { headers });
    const { vehicles } = (await answer.json()) as { vehicles: number };
    return vehicles >= 2 ? true : undefined;
  });
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});
afterEach(() => visit?.close());

/** A visit of somebody whom the site does not know yet. */
async function arrive(path: string): Promise<void> {
  visit = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  page = await visit.newPage();
  await page.goto(new URL(path, site.web).href);
  await page.waitForSelector("main h1");
}

async function signIn(token: string): Promise<void> {
  await page.locator("[data-sign-in] input[name=token]").fill(token);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("a page that is refused says for whom it is, and a sign-in by keyboard leads to it with its filters", async () => {
  await arrive("/maintenance?show=all");
  await page.waitForSelector("[data-refused='/v1/maintenance/ranking']");
  expect(await page.locator("main").textContent()).toContain("fleet engineer");
  expect(await page.title()).toContain("Sign in");
  await page.screenshot({ path: join(pictures, "sign-in-refused.png"), fullPage: true });
  const { id, token } = await tokenFor("fleet-engineer");
  await page.locator("main h1").focus();
  // Heading, then the field: nothing else on the way.
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.id")).toBe("token");
  await page.keyboard.insertText(token);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-ranked]");
  expect(new URL(page.url()).search).toBe("?show=all");
  expect(await page.evaluate("document.activeElement.tagName")).toBe("H1");
  expect(await page.locator(`[data-signed-in='${id}']`).textContent()).toContain("all fleets");
  await page.waitForSelector("header .live:not(.off)");
  await page.screenshot({ path: join(pictures, "signed-in.png"), fullPage: true });
});

test("the token stays out of every script's reach, and the cookie serves feed, tables and reports", async () => {
  const { token } = await tokenFor("fleet-engineer");
  await arrive("/maintenance?show=all");
  await signIn(token);
  await page.waitForSelector("[data-ranked]");
  const [cookie, ...others] = await visit.cookies(new URL("v1/", site.web).href);
  expect(others).toEqual([]);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/v1" });
  expect(cookie?.value).not.toContain(token.slice(3));
  const seen = (await page.evaluate(
    "document.cookie + JSON.stringify([{...localStorage}, {...sessionStorage}])",
  )) as string;
  expect(seen).not.toContain(token.slice(3));
  expect(seen).not.toContain(cookie?.value);
  const starts = { CSV: "vehicleId", Parquet: "PAR1" };
  for (const [name, start] of Object.entries(starts)) {
    const coming = page.waitForEvent("download");
    await page.locator("a[download]", { hasText: name }).first().click();
    const file = readFileSync(await (await coming).path());
    expect(file.toString("latin1", 0, 40), name).toContain(start);
  }
  await page.goto(`${site.web}/vehicles/history-0001`);
  const report = page.waitForEvent("download");
  await page.locator("a[download]", { hasText: "PDF" }).click();
  expect(readFileSync(await (await report).path()).toString("latin1", 0, 4)).toBe("%PDF");
});

test("what is wrong with a token is said at the field, and nothing of it stays", async () => {
  const late = await tokenFor("driver", "--valid", "1h");
  const gone = await tokenFor("driver");
  await voltfog("token", "revoke", gone.id, "--data", site.dataDir);
  // As if its hour were over.
  const path = join(site.dataDir, "tokens.json");
  const file = JSON.parse(readFileSync(path, "utf8")) as { tokens: { id: string }[] };
  const tokens = file.tokens.map((row) => (row.id === late.id ? { ...row, expires_ms: 1 } : row));
  writeFileSync(path, JSON.stringify({ ...file, tokens }));
  const headers = { authorization: `Bearer ${late.token}` };
  await eventually("the expiry to be taken", async () =>
    (await fetch(new URL("v1/blocks", site.web), { headers })).ok ? undefined : true,
  );
  await arrive("/sign-in?from=%2Ffleet");
  const problem = page.locator("#token-problem");
  const cases: readonly (readonly [string, RegExp])[] = [
    [`vf_${"0".repeat(64)}`, /No such token is known/],
    [`vf_${"0".repeat(60)}`, /63 characters/],
    [late.token, /has expired/],
    [gone.token, /was revoked/],
  ];
  for (const [token, words] of cases) {
    await signIn(token);
    await problem.filter({ hasText: words }).waitFor();
    expect(await page.evaluate("document.activeElement.id")).toBe("token");
    expect(await page.locator("#token").getAttribute("aria-invalid")).toBe("true");
  }
  await page.screenshot({ path: join(pictures, "sign-in-problem.png"), fullPage: true });
  const { token } = await tokenFor("fleet-engineer");
  await signIn(token);
  await page.waitForURL(/\/fleet$/);
});

test("a driver is offered what a driver may do, and told for whom the rest is", async () => {
  const { token } = await tokenFor("driver");
  await arrive("/sign-in");
  await signIn(token);
  await page.waitForURL((url) => url.pathname === "/");
  await page.waitForSelector("[data-signed-in]");
  const doors = page.locator("header nav a");
  expect(await doors.allTextContents()).toEqual(["Charge", "Market", "Ledger"]);
  expect(await page.locator(".doors strong").allTextContents()).not.toContain("Fleet");
  expect(await page.locator("header .live").count()).toBe(0);
  await page.goto(`${site.web}/operations`);
  await page.waitForSelector("[data-refused]");
  expect(await page.locator("main h1").textContent()).toContain("role driver");
  await page.screenshot({ path: join(pictures, "not-for-driver.png"), fullPage: true });
  await page.goto(`${site.web}/chain`);
  await page.waitForSelector("main h1");
  await page.waitForSelector("[aria-label=Loading]", { state: "detached" });
  expect(await page.locator("[data-refused]").count()).toBe(0);
});

test("a fleet's engineer sees that fleet alone, and learns why another's vehicle is not there", async () => {
  await voltfog("device", "fleet", "vehicle-01", "north", "--data", site.dataDir);
  const { token } = await tokenFor("fleet-engineer", "--fleet", "north");
  const headers = { authorization: `Bearer ${token}` };
  await eventually("the fleet to be taken", async () =>
    (await fetch(new URL("v1/vehicles/vehicle-01", site.web), { headers })).ok ? true : undefined,
  );
  await arrive("/fleet");
  await signIn(token);
  await page.waitForSelector("[data-vehicle='vehicle-01']");
  expect(await page.locator("[data-vehicle]").count()).toBe(1);
  expect(await page.locator("header").textContent()).toContain("fleet north");
  await page.goto(`${site.web}/vehicles/vehicle-02`);
  await page.locator("text=You see fleet north alone").first().waitFor();
  await page.goto(`${site.web}/operations`);
  await page.locator("h1", { hasText: "not for fleet north" }).waitFor();
});

test("a token that is revoked in the middle of a visit ends it where it is, with the reason", async () => {
  const { id, token } = await tokenFor("fleet-engineer");
  await arrive("/fleet?range=1h");
  await signIn(token);
  await page.waitForSelector("[data-vehicle]");
  await voltfog("token", "revoke", id, "--data", site.dataDir);
  await page.locator("text=was revoked").waitFor();
  expect(await page.locator("[data-vehicle]").count(), "what was shown is gone").toBe(0);
  const again = await tokenFor("fleet-engineer");
  await signIn(again.token);
  await page.waitForSelector("[data-vehicle]");
  expect(new URL(page.url()).search).toBe("?range=1h");
});

test("a sign-out ends every tab of the browser, by keyboard too", async () => {
  const { token } = await tokenFor("fleet-engineer");
  await arrive("/fleet");
  await signIn(token);
  await page.waitForSelector("[data-vehicle]");
  const second = await visit.newPage();
  await second.goto(`${site.web}/operations`);
  await second.waitForSelector("[data-unit]");
  await page.getByRole("button", { name: "Sign out" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-refused]");
  await second.waitForSelector("[data-refused]");
  await page.goto(`${site.web}/fleet`);
  await page.waitForSelector("[data-refused]");
  expect(await visit.cookies(new URL("v1/", site.web).href)).toEqual([]);
});

test.each(["/sign-in", "/operations", "signed in"])(
  "%s has no accessibility findings in either theme, and no sideways scroll at 320 px",
  async (place) => {
    const { token } = await tokenFor("fleet-engineer");
    for (const colorScheme of ["light", "dark"] as const) {
      visit = await browser.newContext({ viewport: { width: 320, height: 740 }, colorScheme });
      page = await visit.newPage();
      await page.goto(new URL(place === "signed in" ? "/sign-in" : place, site.web).href);
      await page.waitForSelector("[data-sign-in]");
      if (place === "signed in") {
        await signIn(token);
        await page.waitForSelector("[data-signed-in]");
        await page.locator("[data-signed-in]").click();
        await page.locator("text=Who you are here").waitFor();
      } else {
        await signIn("vf_none");
        await page.locator("#token-problem", { hasText: "no whole token" }).waitFor();
      }
      await page.screenshot({
        path: join(pictures, `sign-in-${place.replaceAll(/\W/g, "")}-${colorScheme}.png`),
        fullPage: true,
      });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
      expect(await accessibilityFindings(page)).toEqual([]);
      await visit.close();
    }
  },
);
