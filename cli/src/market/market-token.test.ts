import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type SitePaths, sitePaths } from "../site/site-folder.ts";
import { listTokens, revokeToken } from "../site/site-tokens.ts";
import { marketToken } from "./market-token.ts";

const day_ms = 86_400_000;
let paths: SitePaths;
const clock = new ManualClock(1_800_000_000_000);

beforeEach(() => {
  paths = sitePaths(mkdtempSync(join(tmpdir(), "cli-market-token-")));
  mkdirSync(paths.keys);
  writeFileSync(paths.marker, "{}");
});
afterEach(() => rmSync(paths.root, { recursive: true, force: true }));

test("a site's market has one token of a driver, however often it starts", async () => {
  const token = await marketToken(paths, clock);
  expect(await marketToken(paths, clock)).toBe(token);
  expect(listTokens(paths)).toMatchObject([{ role: "driver" }]);
  const file = join(paths.keys, "market.token");
  expect(readFileSync(file, "utf8")).toBe(`${token}\n`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.each([
  ["half of its year is over", () => clock.advance(200 * day_ms)],
  ["it was revoked", () => revokeToken(paths, { id: onlyId(), now_ms: clock.wall_ms() })],
  ["its file is damaged", () => writeFileSync(join(paths.keys, "market.token"), "vf_")],
  ["the site's list was lost", () => rmSync(paths.tokens)],
])("it gets another where %s", async (_why, happens) => {
  const before = await marketToken(paths, clock);
  happens();
  const after = await marketToken(paths, clock);
  expect(after).not.toBe(before);
  expect(await marketToken(paths, clock)).toBe(after);
});

function onlyId(): string {
  return listTokens(paths)[0]?.id ?? "";
}
