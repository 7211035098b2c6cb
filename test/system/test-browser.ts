import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

/** Debian's Chromium. vitest.config.ts leaves files that need it out, and says so, where it is absent. */
const executablePath = "/usr/bin/chromium";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Where pages are kept as pictures, to be looked at. */
export const pictures = join("test-results", "pages");

/** A page on a machine that runs two sites beside two browsers may wait longer than the half minute of the library. */
const patience_ms = 90_000;

export async function openBrowser(): Promise<Browser> {
  mkdirSync(pictures, { recursive: true });
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
  const open = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await open(options);
    context.setDefaultTimeout(patience_ms);
    return context;
  };
  return browser;
}

/** What axe finds on the page as it is now. */
export async function accessibilityFindings(shown: Page): Promise<readonly string[]> {
  await shown.evaluate(axe);
  return (await shown.evaluate(
    "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).slice(0, 3).join(' | ')))",
  )) as string[];
}
