import { cpSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { silentLogger, toHex } from "@voltfog/runtime";
import { createSigningKey, loadSigningKey, systemClock, systemRandom } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newVoteKeyFile, newVoteKeyTransaction } from "./new-vote-key.ts";
import { createValidatorSite, type ValidatorSite } from "./testing/validator-site.ts";
import { type RunningValidator, runValidator } from "./validator.ts";
import type { ValidatorConfig } from "./validator-config.ts";

const ports = { logger: silentLogger, clock: systemClock, random: systemRandom };
let site: ValidatorSite;
const running = new Map<number, RunningValidator>();

beforeAll(async () => {
  site = await createValidatorSite({
    count: 4,
    blockInterval_ms: 100,
    emptyBlockInterval_ms: 60_000,
  });
  for (const at of site.validators.keys()) await start(at);
});

afterAll(async () => {
  await Promise.all([...running.values()].map((each) => each.stop()));
  site.remove();
});

function configOf(at: number): ValidatorConfig {
  const config = site.validators[at];
  if (config === undefined) throw new Error("four validators");
  return config;
}

async function start(at: number): Promise<void> {
  running.set(at, await runValidator(configOf(at), ports));
}

function oldKey(): string {
  return join(site.folder, "keys", "old.key");
}

async function stop(at: number): Promise<void> {
  await running.get(at)?.stop();
  running.delete(at);
}

interface Shown {
  readonly height: number;
  readonly epoch: number;
  readonly validators: readonly { readonly voteKey: string }[];
}

async function statusOf(at: number): Promise<Shown> {
  const answer = await fetch(`http://127.0.0.1:${running.get(at)?.ports.http}/v1/status`);
  return (await answer.json()) as Shown;
}

/** Sends a transaction to one validator and waits until another one has a block with it. */
async function makeFinal(from: number, shownBy: number): Promise<string> {
  const { height } = await statusOf(shownBy);
  const answer = await fetch(`http://127.0.0.1:${running.get(from)?.ports.http}/v1/transactions`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: site.nextTransaction() as Uint8Array<ArrayBuffer>,
  });
  const { hash } = (await answer.json()) as { hash: string };
  for (let next = height + 1; ; next++) {
    const base = `http://127.0.0.1:${running.get(shownBy)?.ports.http}/v1/blocks`;
    await fetch(`${base}?from=${next}&limit=1&wait_ms=20000`);
    const block = await fetch(`${base}/${next}`);
    expect(block.status).toBe(200);
    const { results } = (await block.json()) as { results: { txHash: string }[] };
    if (results.some(({ txHash }) => txHash === hash)) return hash;
  }
}

async function untilEpoch(at: number, epoch: number): Promise<void> {
  await expect
    .poll(() => statusOf(at).then((shown) => shown.epoch), { timeout: 20_000 })
    .toBe(epoch);
}

test("a restored validator comes back with a new vote key, and the chain needs and counts its votes", async () => {
  await makeFinal(0, 1);
  const lost = configOf(1);
  const saved = join(site.folder, "saved");
  await stop(1);
  cpSync(join(lost.dataDir, "blocks"), saved, { recursive: true });
  await start(1);
  await makeFinal(0, 1); // A block that it votes on after the backup.
  await stop(1);

  // All that it had is gone; what comes back are its blocks of earlier and its old key, for one last word.
  rmSync(lost.dataDir, { recursive: true });
  cpSync(saved, join(lost.dataDir, "blocks"), { recursive: true });
  const from = loadSigningKey(lost.key);
  renameSync(lost.key, oldKey());
  const to = createSigningKey(lost.key);
  const { chainId } = site.genesis;
  const transaction = newVoteKeyTransaction({ chainId, from, to, nonce: systemClock.wall_ms() });
  writeFileSync(join(lost.dataDir, newVoteKeyFile), transaction);
  await start(1);
  for (const at of [0, 1, 2, 3]) await untilEpoch(at, 1);
  expect((await statusOf(3)).validators[1]?.voteKey).toBe(toHex(to.publicKey));

  // Three of four decide: with another one gone, nothing becomes final without the new key's vote.
  await stop(2);
  await makeFinal(0, 3);
  await makeFinal(1, 0);
});

test("one that was away when the key changed learns of it, and a restart goes on with it", async () => {
  await start(2);
  await untilEpoch(2, 1);
  await stop(1);
  await start(1);
  await stop(0);
  await makeFinal(2, 1);
  await start(0);
});

test("the old vote key starts no validator any more", async () => {
  await stop(1);
  const retired = { ...configOf(1), key: oldKey() };
  await expect(runValidator(retired, ports)).rejects.toMatchObject({
    code: "NOT_A_VALIDATOR",
    message: expect.stringContaining("replaced"),
  });
  await start(1);
});

test("a new vote key that does not read starts no validator", async () => {
  await stop(3);
  writeFileSync(join(configOf(3).dataDir, newVoteKeyFile), new Uint8Array([1, 2, 3]));
  await expect(runValidator(configOf(3), ports)).rejects.toMatchObject({
    code: "NEW_VOTE_KEY_DAMAGED",
  });
  rmSync(join(configOf(3).dataDir, newVoteKeyFile));
  await start(3);
});
