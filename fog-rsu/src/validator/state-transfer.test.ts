import { rmSync } from "node:fs";
import { join } from "node:path";
import { nonceName } from "@voltfog/ledger";
import { silentLogger } from "@voltfog/runtime";
import { systemClock, systemRandom } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { writeHistory } from "./testing/chain-history.ts";
import { createValidatorSite, type ValidatorSite } from "./testing/validator-site.ts";
import { type RunningValidator, runValidator } from "./validator.ts";

// Thousands of signatures before it starts: seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ports = { logger: silentLogger, clock: systemClock, random: systemRandom };
const running = new Map<number, RunningValidator>();
let site: ValidatorSite;

beforeAll(async () => {
  site = await createValidatorSite({
    count: 4,
    blockInterval_ms: 50,
    emptyBlockInterval_ms: 600_000,
  });
  // Kept is no more of it than they need.
  await writeHistory({
    ...{ site, height: 2050, segmentMax_bytes: 100_000 },
    retention: { blocksKept: 1, readersFrom: () => Number.POSITIVE_INFINITY },
  });
});

afterAll(async () => {
  await Promise.all([...running.values()].map((each) => each.stop()));
  site.remove();
});

async function start(i: number): Promise<void> {
  const config = site.validators[i];
  if (config === undefined) throw new Error("there are four");
  running.set(i, await runValidator({ ...config, snapshotBehind: 100 }, ports));
}

const get = (path: string, i: number): Promise<Response> =>
  fetch(`http://127.0.0.1:${running.get(i)?.ports.http}${path}`);

async function heightOf(i: number): Promise<number> {
  return ((await (await get("/v1/status", i)).json()) as { height: number }).height;
}

/** The block after what is there, as this validator has it. */
async function nextBlock(i: number, from: number): Promise<void> {
  await expect.poll(() => heightOf(i), { timeout: 60_000 }).toBeGreaterThanOrEqual(from);
}

async function submit(i: number): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${running.get(i)?.ports.http}/v1/transactions`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: site.nextTransaction() as Uint8Array<ArrayBuffer>,
  });
  expect(answer.status).toBe(202);
}

test("an empty validator joins three that have pruned their blocks, and its vote counts", async () => {
  for (const i of [0, 1, 2, 3]) await start(i);
  await nextBlock(3, 2000);
  await running.get(0)?.stop();
  running.delete(0);
  const before = await heightOf(1);
  await submit(1);
  await nextBlock(3, before + 1);
  await nextBlock(2, before + 1);
});

test("it starts again from what it fetched, and what was final before is proved by it", async () => {
  const before = await heightOf(3);
  await running.get(3)?.stop();
  await start(3);
  expect(await heightOf(3)).toBe(before);
  const proof = await get(
    `/v1/state/${encodeURIComponent(nonceName(new Uint8Array(32)))}/proof`,
    3,
  );
  expect(proof.status).toBe(200);
});

test("who asks for a block or a result that was pruned is told so, and which block is the first", async () => {
  for (const path of ["/v1/blocks?from=1", "/v1/blocks/1"]) {
    const answer = await get(path, 1);
    expect(answer.status).toBe(410);
    const { code, first } = (await answer.json()) as { code: string; first: number };
    expect(code).toBe("BLOCKS_PRUNED");
    expect((await get(`/v1/blocks/${first}`, 1)).status).toBe(200);
  }
  await running.get(1)?.stop();
  await start(1);
  const result = await get("/v1/results/0/proof", 1);
  expect([result.status, ((await result.json()) as { code: string }).code]).toEqual([
    410,
    "RESULT_PRUNED",
  ]);
});

test("an empty folder is filled again by the same way", async () => {
  await running.get(3)?.stop();
  const { dataDir } = site.validators[3] ?? { dataDir: "" };
  rmSync(join(dataDir, "blocks"), { recursive: true });
  await start(3);
  await nextBlock(3, await heightOf(1));
});
