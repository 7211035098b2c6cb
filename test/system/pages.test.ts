import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSite, voltfog } from "./running-site.ts";
import { accessibilityFindings, openBrowser, pictures } from "./test-browser.ts";

let site: RunningSite;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  site = await startSite();
  browser = await openBrowser();
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
  await page.waitForSelector("[aria-label='Cells at the chosen moment'] .cell");
  expect(await page.locator("[aria-label='Cells over time'] canvas").getAttribute("height")).toBe(
    `${96 * 2}`,
  );
  const button = page.locator("table .verify button:enabled").first();
  await button.waitFor();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  await button.click();
  await page.waitForSelector("[data-verified='true']");
  page.removeAllListeners("request");
  const asked = requests.filter((path) => /^\/v1\/.*(genesis|proof|verify$)/.test(path));
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

/** Any event of the site, once there is one. */
/** The newest event of a reading: an operator's order rests on none. */
function someEvent(): Promise<{ readonly id: string }> {
  return eventually("an event of a reading", async () => {
    const response = await fetch(`${site.web}/v1/events?limit=100`);
    const events = (await response.json()) as { id: string; class: string }[];
    return events.find((event) => event.class !== "quarantine");
  });
}

test("units are selected by keyboard, which the address keeps, and focus stays while figures move", async () => {
  await page.goto(`${site.web}/operations`);
  await page.waitForSelector("[data-unit]");
  expect(await page.locator("[data-unit]").count()).toBe(4);
  const unit = page.locator("[data-unit='unit-2']");
  await unit.focus();
  await page.keyboard.press("Enter");
  expect(await unit.getAttribute("aria-pressed")).toBe("true");
  expect(new URL(page.url()).searchParams.get("unit")).toBe("unit-2");
  expect(await page.locator("[data-detail]").count(), "what runs there alone").toBe(1);
  for (let answers = 0; answers < 3; answers++) {
    await page.waitForResponse((response) => response.url().includes("/v1/control/topology"));
  }
  expect(await page.evaluate("document.activeElement.dataset.unit")).toBe("unit-2");
  await page.locator("button:has-text('Table')").click();
  await page.waitForSelector("[aria-label='Units'] tbody tr");
  expect(await page.locator("[aria-label='Units'] tbody tr").count()).toBe(4);
  await page.screenshot({ path: join(pictures, "operations.png"), fullPage: true });
});

test("a vehicle's place says which units were considered, and an address shows the same", async () => {
  const { vehicleId, considered } = await eventually("a decided place", async () => {
    const response = await fetch(`${site.web}/v1/control/placements`);
    const { attachments } = (await response.json()) as {
      attachments: { vehicleId: string; considered: unknown[] }[];
    };
    return attachments.find((one) => one.considered.length > 0);
  });
  await page.goto(`${site.web}/operations?find=${vehicleId}`);
  await page.waitForSelector("[data-placement]");
  expect(await page.locator("[data-placement]").count()).toBe(1);
  await page.locator("[data-placement] button").click();
  await page.waitForSelector("[data-considered]");
  const address = page.url();
  expect(address).toContain(`vehicle=${vehicleId}`);
  await page.goto(address);
  await page.waitForSelector("[data-considered]");
  expect(await page.locator("[data-considered]").count()).toBe(considered.length);
});

test("what if a unit failed is asked by the form, and again by the address that it leaves", async () => {
  await page.goto(`${site.web}/operations`);
  await page.locator("fieldset label", { hasText: "unit-1" }).click();
  await page.locator("button:has-text('Work it out')").click();
  const gone = page.locator("[data-supposed='unit-1'] td").nth(1);
  await gone.waitFor();
  expect(await gone.textContent(), "vehicles on it then").toBe("0");
  const address = page.url();
  expect(new URL(address).searchParams.get("down")).toBe("unit-1");
  await page.goto(address);
  await gone.waitFor();
  expect(await page.locator("input[value='unit-1']").isChecked()).toBe(true);
});

test("an operator's order is shown with the event that it became, which leads to its page once it is final", async () => {
  const words = ["deny", "192.0.2.0/24", "--why", "a range that nobody has"];
  const { code } = await voltfog("policy", ...words, "--data", site.dataDir);
  expect(code).toBe(0);
  await page.goto(`${site.web}/operations`);
  const order = page.locator("[data-order]");
  await order.waitFor();
  const id = await order.getAttribute("data-order");
  await page.waitForSelector(`[data-order='${id}'][data-finality='final']`);
  expect(await order.textContent()).toMatch(/ of unit-[1-4], ✓final, block [0-9]+$/);
  await page.screenshot({ path: join(pictures, "orders.png"), fullPage: true });
  await order.locator("a").first().click();
  await page.waitForURL(`**/events/${id}`);
  await page.waitForSelector(`[data-event='${id}']`);
  expect(await page.locator(`[data-event='${id}'] .sentence`).textContent()).toContain(
    "192.0.2.0/24 may not connect",
  );
});

test("an event leads to its eight steps, and what is not on record says so", async () => {
  const { id } = await someEvent();
  await page.goto(`${site.web}/events/${id}`);
  await page.waitForSelector("[data-step]");
  expect(
    await page.locator("[data-step]").evaluateAll((all) => all.map((one) => one.dataset["step"])),
  ).toEqual(["collect", "process", "select", "deploy", "record", "verify", "run", "adapt"]);
  for (const step of ["collect", "process", "record"]) {
    expect(await page.locator(`[data-step='${step}']`).getAttribute("data-known")).toBe("true");
  }
  for (const gap of await page.locator("[data-known='false']").allTextContents()) {
    expect(gap).toContain("not on record");
  }
  await page.screenshot({ path: join(pictures, "event.png"), fullPage: true });
});

test("script and style come compressed", async () => {
  const assets = readdirSync(join("web", "dist", "assets")).filter((name) =>
    /(js|css)$/.test(name),
  );
  expect(assets.length).toBeGreaterThan(1);
  for (const name of assets) {
    const headers = { "accept-encoding": "gzip" };
    const response = await fetch(`${site.web}/assets/${name}`, { headers });
    expect(response.headers.get("content-encoding"), name).toBe("gzip");
    expect((await response.text()).length, name).toBeGreaterThan(0);
  }
});

test.each([
  "/",
  "/fleet",
  "/vehicles/vehicle-01",
  "/drive",
  "/drive?lat=48.8566&lon=2.3522&soc=20",
  "/operations",
  "/operations?view=table&unit=unit-1&vehicle=vehicle-01&down=unit-1",
  "/events/any",
  "/nowhere",
])(
  "%s has no accessibility findings in either theme, and no sideways scroll on a phone",
  async (place) => {
    const path = place === "/events/any" ? `/events/${(await someEvent()).id}` : place;
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
        path: join(pictures, `phone-${colorScheme}${place.replaceAll(/[^\w]+/g, "-")}.png`),
      });
      expect(width).toBe(360);
      expect(await accessibilityFindings(phone)).toEqual([]);
      await context.close();
    }
  },
);

/** In the middle of the replayed network. */
const driveAddress = "/drive?lat=48.8566&lon=2.3522&soc=20";

/** The page of a driver who asks, once the first chargers are named. */
async function driverPage(
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ driver: Page; faults: string[] }> {
  await eventually("chargers to be known", async () => {
    const response = await fetch(`${site.web}/v1/chargers`);
    return response.ok ? true : undefined;
  });
  const context = await browser.newContext({ viewport: { width: 320, height: 640 }, ...options });
  const driver = await context.newPage();
  const faults: string[] = [];
  driver.on("request", (request) => {
    if (!request.url().startsWith(site.web)) faults.push(`asked ${request.url()}`);
  });
  driver.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) faults.push(message.text());
  });
  driver.on("pageerror", (thrown) => faults.push(thrown.message));
  await driver.goto(site.web + driveAddress);
  await driver.locator("[data-charger]").nth(2).waitFor();
  return { driver, faults };
}

test("a driver is told three chargers with the reason, then all of them, and that the feed is a replay", async () => {
  const { driver, faults } = await driverPage();
  expect(await driver.locator("[data-charger]").count()).toBe(3);
  for (const reason of await driver.locator("[data-charger] .reason").allTextContents()) {
    expect(reason).toMatch(/Free with \d+ % when you arrive in/);
  }
  expect(await driver.locator("[data-row]").count()).toBe(20);
  expect(await driver.locator("[aria-label='Origin of the data']").textContent()).toMatch(
    /replay.*2023/s,
  );
  expect(await driver.locator("[data-mark] text").count()).toBeGreaterThan(0);
  expect(await driver.evaluate("document.documentElement.scrollWidth")).toBe(320);
  await driver.screenshot({ path: join(pictures, "drive.png"), fullPage: true });
  expect(faults, "nothing is asked elsewhere, nothing breaks the content policy").toEqual([]);
  await driver.context().close();
});

test("a driver who goes to a charger is on the way until the driver cancels, also after a reload", async () => {
  const { driver, faults } = await driverPage();
  const id = await driver.locator("[data-charger]").first().getAttribute("data-charger");
  const put = driver.waitForResponse((response) => response.url().includes("/v1/destinations/"));
  await driver.locator("[data-charger] button").first().click();
  expect((await put).status()).toBe(204);
  await driver.waitForSelector(`[data-chosen='${id}']`);
  expect(await driver.evaluate("document.activeElement.id"), "focus follows").toBe("way");
  await driver.locator("[data-chosen] strong").first().waitFor();
  await driver.reload();
  await driver.waitForSelector(`[data-chosen='${id}']`);
  const gone = driver.waitForResponse((response) => response.url().includes("/v1/destinations/"));
  await driver.locator("[data-chosen] button:has-text('Cancel')").click();
  const answer = await gone;
  expect([answer.request().method(), answer.status()]).toEqual(["DELETE", 204]);
  await driver.waitForSelector("[data-chosen]", { state: "detached" });
  const charge = driver.locator("nav >> text=Charge");
  const isRemembered = async (): Promise<void> => {
    await driver.waitForURL(/soc=20/);
    await driver.locator("[data-charger]").first().waitFor();
  };
  await charge.click();
  await isRemembered();
  // The other page's script is held back, so that the driver is here again before it is there.
  await driver.route(/\/assets\/.*\.js/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.continue();
  });
  await driver.locator("nav >> text=Ledger").click();
  await charge.click();
  await isRemembered();
  await driver.unrouteAll({ behavior: "ignoreErrors" });
  await driver.locator("nav >> text=Ledger").click();
  await driver.locator("h1", { hasText: "Where to charge" }).waitFor({ state: "detached" });
  await charge.click();
  await isRemembered();
  expect(faults).toEqual([]);
  await driver.context().close();
});

test("a driver hears at once that the chosen charger is full, and can go to the next best", async () => {
  const { driver } = await driverPage();
  const id = await driver.locator("[data-charger]").first().getAttribute("data-charger");
  await driver.route(/\/v1\/chargers\/.+/, async (route) => {
    const response = await route.fetch();
    const detail = (await response.json()) as { id: string; points: { status: string }[] };
    if (detail.id === id) for (const point of detail.points) point.status = "charging";
    await route.fulfill({ response, json: detail });
  });
  await driver.locator("[data-charger] button").first().click();
  await driver.waitForSelector("[data-notice='assertive']");
  expect(await driver.locator("[data-live='assertive']").textContent()).toMatch(
    /is full.*Next best: /s,
  );
  await driver.locator("[data-row] button.name").first().click();
  await driver.locator("[data-detail] tbody tr").first().waitFor();
  for (const theme of ["Dark", "Light"]) {
    await driver.locator("header button", { hasText: theme }).click();
    expect(await accessibilityFindings(driver), `with a notice, towards ${theme}`).toEqual([]);
    expect(await driver.evaluate("document.documentElement.scrollWidth")).toBe(320);
  }
  await driver.locator("[data-notice] button.primary").click();
  await driver.waitForSelector(`[data-chosen]:not([data-chosen='${id}'])`);
  await driver.waitForSelector("[data-notice='assertive']", { state: "detached" });
  // A poll may be on its way through the route when the page goes.
  await driver.unrouteAll({ behavior: "ignoreErrors" });
  await driver.context().close();
});

test("a driver says where the car is by the device, by keyboard on the map and by a tap, and which car it is", async () => {
  const { driver, faults } = await driverPage({
    permissions: ["geolocation"],
    geolocation: { latitude: 48.87, longitude: 2.34 },
  });
  const placeOf = (): string => new URL(driver.url()).searchParams.toString();
  await driver.locator("button:has-text('Locate me')").click();
  await driver.waitForURL(/lat=48\.8700&lon=2\.3400/);
  await driver.locator("details summary").first().click();
  await driver.locator("input[name='soc']").fill("45");
  await driver.locator("input[name='soc']").press("Enter");
  await driver.waitForURL(/soc=45/);
  expect(await driver.locator("input[name='to']").isVisible(), "the form stays open").toBe(true);
  await driver.locator("input[value='ccs']").uncheck();
  await driver.waitForURL(/plugs=type2/);
  await driver.locator("[data-charger]").nth(2).waitFor();
  const map = driver.locator("[aria-label='Map of chargers']");
  await map.focus();
  await map.press("ArrowRight");
  await map.press("Enter");
  await driver.waitForURL((url) => Number(url.searchParams.get("lon")) > 2.34);
  const byKeyboard = placeOf();
  await map.press("ArrowUp");
  await driver.waitForFunction("document.querySelector('[data-mark]') !== null");
  await driver.waitForURL((url) => url.searchParams.toString() !== byKeyboard);
  await driver.locator("button[aria-label='Zoom in']").click();
  const box = (await map.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await eventually("a tap beside every mark", async () => {
    const before = new URL(driver.url()).searchParams.get("lat");
    await map.click({ position: { x: box.width / 2, y: 20 } });
    const after = new URL(driver.url()).searchParams.get("lat");
    if (before !== after) return true;
    await driver.locator("button[aria-label='Zoom in']").click();
    return undefined;
  });
  expect(faults).toEqual([]);
  await driver.context().close();
});

test("a driver out of reach of every charger is told which charge would reach one", async () => {
  await page.goto(`${site.web}/drive?lat=48.2&lon=2.35&soc=12`);
  const none = page.locator("[data-none='NO_CHARGER_IN_REACH']");
  await none.waitFor();
  expect(await none.textContent()).toMatch(/\d+ %/);
  await page.goto(`${site.web}/drive?lat=99&lon=2.35&soc=200`);
  await page.locator("text=Latitude must be a number").waitFor();
  await page.locator("text=“Charge now” must be a number").waitFor();
});
