import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createValidatorSite,
  type ValidatorSite,
} from "../../fog-rsu/src/validator/testing/validator-site.ts";
import { ValidatorSiteRun } from "../system/validator-site-run.ts";
import { FakeClock } from "./fake-clock.ts";

const agile = ["agile", "agile", "agile"];
let clock: FakeClock;
let site: ValidatorSite;
let run: ValidatorSiteRun;

beforeEach(async () => {
  clock = new FakeClock();
  site = await createValidatorSite({
    count: 4,
    blockInterval_ms: 200,
    emptyBlockInterval_ms: 200,
  });
  run = new ValidatorSiteRun(site);
  for (const i of [0, 1, 2]) run.start(i);
  run.start(3, { environment: clock.environment });
});

afterEach(async () => {
  await run?.stopAll();
  site?.remove();
  clock?.remove();
});

test.each([30, -30])(
  "a validator whose clock is %d s off is blunt because of it, in its own eyes too, and agile once it is right",
  async (offset_s) => {
    await run.says(0, [...agile, "agile"]);
    clock.set(offset_s);
    for (const i of [0, 1, 2, 3]) {
      const seen = await run.says(i, [...agile, "blunt clock"]);
      const off_ms = Math.abs((seen[3]?.clockOffset_ms ?? 0) - 1000 * offset_s);
      expect(off_ms).toBeLessThan(1000);
    }
    clock.set(0);
    await run.says(0, [...agile, "agile"]);
  },
);
