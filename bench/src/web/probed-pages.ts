import type { Page } from "playwright-core";
import type { ProbedPage } from "./page-probe.ts";

const none = async (): Promise<void> => {};

/** All pages, each with what people do there most. */
export const probedPages: readonly ProbedPage[] = [
  { name: "start", path: "/", act: none },
  {
    name: "fleet",
    path: "/fleet",
    act: async (page) => {
      await page.locator("input[type=search]").pressSequentially("vehicle");
      await page.getByRole("button", { name: "Table of State of health" }).click();
    },
  },
  {
    name: "maintenance",
    path: "/maintenance?show=all",
    act: async (page) => {
      await page.getByRole("button", { name: /^\d+ more$/ }).click();
      await page.locator("input[type=search]").pressSequentially("history");
      await page.locator("[data-runbook] summary").first().click();
    },
  },
  {
    name: "vehicle, live",
    path: "/vehicles/vehicle-01",
    act: async (page) => {
      await page.getByRole("button", { name: "1 h", exact: true }).click();
      await page.getByRole("button", { name: "Table" }).first().click();
    },
  },
  {
    name: "vehicle, two years",
    path: "/vehicles/history-0001",
    act: async (page) => {
      await press(page, "Table of State of health");
      await press(page, "Table of State of health");
      await press(page, "Table of causes");
      await page.locator("select").first().focus();
      await page.keyboard.press("ArrowDown");
    },
  },
  {
    name: "drive",
    path: "/drive?lat=48.8566&lon=2.3522&soc=20",
    act: (page) => press(page, "Zoom in"),
  },
  {
    name: "ledger",
    path: "/ledger",
    act: (page) => page.locator("[aria-label='Blocks'] tbody a").first().click(),
  },
  {
    name: "operations",
    path: "/operations",
    act: (page) => page.locator("[data-unit]").first().click(),
  },
];

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name }).first().click();
}
