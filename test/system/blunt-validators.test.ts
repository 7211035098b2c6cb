import { afterEach, beforeEach, test } from "vitest";
import {
  createValidatorSite,
  type ValidatorSite,
} from "../../fog-rsu/src/validator/testing/validator-site.ts";
import { eventually } from "./running-site.ts";
import { ThrottlingProxy } from "./throttling-proxy.ts";
import { ValidatorSiteRun } from "./validator-site-run.ts";

const line_bytes_per_s = 8000;
const agile = ["agile", "agile", "agile"];
let site: ValidatorSite;
let run: ValidatorSiteRun;
const cleanUps: (() => void)[] = [];

beforeEach(async () => {
  // Blocks come without transactions too, so that there are certificates to count.
  site = await createValidatorSite({
    count: 4,
    blockInterval_ms: 200,
    emptyBlockInterval_ms: 200,
  });
  run = new ValidatorSiteRun(site);
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
  await run.stopAll();
  site.remove();
});

test("a process that runs half of the time is blunt because it is stopped, the others stay agile", async () => {
  for (const i of [0, 1, 2, 3]) run.start(i);
  await run.says(0, [...agile, "agile"]);
  let isStopped = false;
  const timer = setInterval(() => {
    isStopped = !isStopped;
    run.signal(3, isStopped ? "SIGSTOP" : "SIGCONT");
  }, 1000);
  cleanUps.push(() => clearInterval(timer));
  for (const i of [0, 1, 2]) await run.says(i, [...agile, "blunt stopped"]);
  // It may look agile for a moment while it runs.
  await eventually("the list to name it alone", async () => {
    const states = (await run.list(0)).map(({ state }) => state);
    return states.join() === [...agile, "blunt"].join() || undefined;
  });
});

test("behind a narrow line a validator is blunt because of its bandwidth, the others stay agile", async () => {
  const proxy = await ThrottlingProxy.to(site.validators[3]?.p2pPort ?? 0);
  cleanUps.push(() => proxy.close());
  for (const i of [0, 1, 2]) {
    const peers = site.validators[i]?.peers.slice(0, -1) ?? [];
    const dialled = [...peers, `validator-4@127.0.0.1:${proxy.port}`];
    run.start(i, { settings: { peers: dialled } });
  }
  // Only the others dial, so that every byte to and from it takes the line.
  run.start(3, { settings: { peers: [] } });
  await run.says(0, [...agile, "agile"]);
  proxy.rate_bytes_per_s = line_bytes_per_s;
  const timer = setInterval(() => void run.send(0), 10);
  cleanUps.push(() => clearInterval(timer));
  // From now on: later what waits may keep every ping for longer than a measure looks back.
  const rateSeen = eventually("the rate of the line to be seen", async () => {
    const rate_bytes_per_s = (await run.list(0))[3]?.bandwidth_bytes_per_s;
    return (rate_bytes_per_s ?? Number.POSITIVE_INFINITY) < 2 * line_bytes_per_s || undefined;
  });
  for (const i of [0, 1, 2]) await run.says(i, [...agile, "blunt bandwidth"]);
  await rateSeen;
  clearInterval(timer);
  proxy.rate_bytes_per_s = Number.POSITIVE_INFINITY;
  await run.says(0, [...agile, "agile"]);
});
