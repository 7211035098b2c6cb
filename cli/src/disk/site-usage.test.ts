import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { siteUsage } from "./site-usage.ts";
import { usageText } from "./usage-text.ts";

const limits = { free_bytes: 0, left_d: 0 };
const clock = systemClock;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "usage-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A file that was last changed, and so made, that many days ago. */
function put(path: string, size_bytes: number, age_d: number): void {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, new Uint8Array(size_bytes));
  const changed_s = systemClock.wall_ms() / 1000 - age_d * 86_400;
  utimesSync(whole, changed_s, changed_s);
}

const block = (first: number): string => `blocks/blocks-${String(first).padStart(16, "0")}.seg`;

test("every process of a site is told by kind, the largest first, with the growth of all together", async () => {
  put(`validator-1/${block(1)}`, 50_000, 20);
  put(`validator-1/${block(9)}`, 7000, 3);
  put("validator-1/votes/votes", 900, 0);
  put("unit-1/log/tile/0/000.p/6", 14_000, 2);
  put("unit-1/log/journal/0000000000000000.seg", 700, 6);
  const usage = await siteUsage({ folder, limits, clock });
  const rows = usage.processes.map(({ id, kinds }) => [
    id,
    ...kinds.map(({ kind, size_bytes }) => [kind, size_bytes]),
  ]);
  expect(rows).toEqual([
    ["validator-1", ["blocks", 57_000], ["votes", 900]],
    ["unit-1", ["tiles", 14_000], ["frames", 700]],
  ]);
  expect(usage.size_bytes).toBe(72_600);
  const { growthPerDay_bytes = 0 } = usage.disk;
  expect(growthPerDay_bytes).toBeGreaterThan(1000 + 7000);
  expect(usageText(usage)).toMatch(/72\.6 kB in .*\n\+ .* a day: not full within 100 years$/);
  const soon = { ...usage, disk: { ...usage.disk, left_d: 9.5, full_ms: Date.UTC(2026, 10, 21) } };
  expect(usageText(soon)).toMatch(/full in 9 days, on 2026-11-21$/);
});

test("one process's folder is told by itself", async () => {
  put(block(1), 500, 0);
  const usage = await siteUsage({ folder, limits, clock });
  expect(usage.processes).toMatchObject([{ id: ".", size_bytes: 500, growthPerDay_bytes: null }]);
  expect(usageText(usage)).toMatch(/1 file .*growth not known yet\n[\s\S]*\ngrowth not known yet$/);
});

test("it warns where less is left than is stated, and a folder that is not there is said", async () => {
  put(block(1), 500, 2);
  const few = { free_bytes: Number.MAX_SAFE_INTEGER, left_d: 0 };
  const usage = await siteUsage({ folder, limits: few, clock });
  expect(usage.disk.warning).toBe("few-bytes");
  expect(usageText(usage)).toContain("WARNING: little is free");
  const missing = siteUsage({ folder: join(folder, "no"), limits, clock });
  await expect(missing).rejects.toMatchObject({ code: "FOLDER_UNREADABLE" });
});
