import { existsSync } from "node:fs";
import { CodedError } from "@voltfog/runtime";
import type { Browser, BrowserContext, Page, Response } from "playwright-core";

/** Debian's. */
const executablePath = "/usr/bin/chromium";
const settled_ms = 300;

/** One page, and what a visitor does there. */
export interface ProbedPage {
  readonly name: string;
  readonly path: string;
  act(page: Page): Promise<void>;
}

/** What a first visit of a page with an empty cache was like. */
export interface PageVisit {
  /** First contentful paint; then all that was asked for is shown. */
  readonly firstPaint_ms: number;
  readonly loaded_ms: number;
  /** The slowest thing that the visitor did, from the key or the press until its frame. */
  readonly interaction_ms: number;
  /** Document, scripts, styles, pictures and fonts as they came, compressed. */
  readonly fetched_bytes: number;
}

export async function openBrowser(): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new CodedError({
      code: "BROWSER_MISSING",
      message: `${executablePath} is not there`,
      remedy: "install Debian's chromium",
    });
  }
  const { chromium } = await import("playwright-core");
  const quiet = ["--disable-background-networking", "--disable-quic"];
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...quiet] });
}

/** In the page: durations of what the visitor did, as the browser's Event Timing counts them. */
const observe = `
  window.probed = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.interactionId > 0) window.probed.push(entry.duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
`;

/** Visits a page in a browser profile of its own, on a processor so many times slower. */
export async function visit(
  browser: Browser,
  o: { web: string; page: ProbedPage; slower: number },
): Promise<PageVisit> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  try {
    return await visitIn(context, o);
  } finally {
    await context.close();
  }
}

async function visitIn(
  context: BrowserContext,
  { web, page: probed, slower }: { web: string; page: ProbedPage; slower: number },
): Promise<PageVisit> {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: slower });
  await page.addInitScript(observe);
  const fetched: Response[] = [];
  page.on("response", (response) => void fetched.push(response));
  await page.goto(web + probed.path);
  await page.waitForSelector("main h1");
  await page.waitForSelector("[aria-label=Loading]", { state: "detached" });
  const loaded_ms = await page.evaluate<number>("performance.mark('loaded').startTime");
  const firstPaint_ms = await page.evaluate<number>(
    "performance.getEntriesByName('first-contentful-paint')[0].startTime",
  );
  const fetched_bytes = await bytesOf(fetched);
  await page.waitForTimeout(settled_ms);
  await probed.act(page);
  await page.waitForTimeout(settled_ms);
  // What took less than 16 ms is not listed by the browser.
  const interaction_ms = await page.evaluate<number>("Math.max(16, ...window.probed)");
  return { firstPaint_ms, loaded_ms, interaction_ms, fetched_bytes };
}

const countedTypes = new Set(["document", "script", "stylesheet", "image", "font"]);

async function bytesOf(responses: readonly Response[]): Promise<number> {
  const sizes = await Promise.all(
    responses
      .filter((response) => countedTypes.has(response.request().resourceType()))
      .map(async (response) => (await response.request().sizes()).responseBodySize),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
