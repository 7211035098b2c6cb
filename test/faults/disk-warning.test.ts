import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../system/running-site.ts";
import { HandRunSite } from "./hand-run-site.ts";
import { SmallDisk } from "./small-disk.ts";

interface Status {
  readonly disk: { readonly free_bytes: number; readonly warning: string | null } | null;
}

const size_bytes = 16 * 1024 * 1024;
let disk: SmallDisk;
let site: HandRunSite;

beforeEach(async () => {
  disk = new SmallDisk(size_bytes);
  site = await HandRunSite.make({ units: 1, vehicles: 1 });
});
afterEach(async () => {
  await site?.remove();
  disk?.remove();
});

test.each([
  ["unit-1", "a unit"],
  ["validator-1", "a validator"],
])("%s says before its disk is full that it will be, and when there is room again", async (id) => {
  site.configure(id, { dataDir: disk.data, diskFreeMin_bytes: 4 * 1024 * 1024, diskLeftMin_d: 0 });
  site.start(id);
  const warning = async (): Promise<string | null | undefined> =>
    (await site.ask<Status>(id, "/v1/status").catch(() => undefined))?.disk?.warning;
  await eventually("the first look", async () => ((await warning()) === null ? true : undefined));
  disk.fill();
  await eventually("a warning", async () => ((await warning()) === "few-bytes" ? true : undefined));
  expect(site.log(id)).toContain('"disk is filling up"');
  disk.free();
  await eventually("its end", async () => ((await warning()) === null ? true : undefined));
  expect(site.log(id)).toContain('"disk has room again"');
  expect(site.hasEnded(id)).toBe(false);
});
