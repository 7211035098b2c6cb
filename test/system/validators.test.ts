import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { messageOf } from "@voltfog/runtime";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createValidatorSite,
  type ValidatorSite,
} from "../../fog-rsu/src/validator/testing/validator-site.ts";
import { eventually, voltfog, voltfogMain } from "./running-site.ts";

interface Status {
  readonly height: number;
  readonly hash: string;
  readonly round: number;
  readonly mempool: number;
  readonly peers: readonly { readonly id: string; readonly connected: boolean }[];
}

let site: ValidatorSite;
let processes: (ChildProcess | undefined)[];

beforeEach(async () => {
  site = await createValidatorSite({
    count: 4,
    blockInterval_ms: 200,
    emptyBlockInterval_ms: 2000,
  });
  processes = [undefined, undefined, undefined, undefined];
});

afterEach(async () => {
  await Promise.all([0, 1, 2, 3].map((i) => end(i, "SIGKILL")));
  site.remove();
});

test("four processes, started in any order, make transactions sent to each of them final", async () => {
  for (const i of [2, 0, 3, 1]) start(i);
  await Promise.all([0, 1, 2, 3].map(ready));
  const hashes: string[] = [];
  for (const i of [0, 1, 2, 3]) {
    const sent: string[] = [];
    for (let k = 0; k < 5; k++) sent.push(await submit(i));
    // Sent to another validator, later ones of the same sender could overtake these.
    await includes(i, sent);
    hashes.push(...sent);
  }
  await Promise.all([0, 1, 2, 3].map((i) => includes(i, hashes)));
  const hash = await blockHash(0, 1);
  for (const i of [1, 2, 3]) expect(await blockHash(i, 1)).toBe(hash);
});

test("one killed in the middle of voting misses nothing: the others go on and it catches up", async () => {
  for (const i of [0, 1, 2, 3]) start(i);
  await Promise.all([0, 1, 2, 3].map(ready));
  for (let round = 0; round < 4; round++) {
    const victim = round % 4;
    const asked = (victim + 1) % 4;
    const before = await submit(asked);
    await end(victim, "SIGKILL");
    const during = await submit(asked);
    await includes(asked, [before, during]);
    start(victim);
    await ready(victim);
    await includes(victim, [before, during]);
  }
  const height = (await status(0))?.height ?? 0;
  const hash = await blockHash(0, height);
  for (const i of [1, 2, 3]) expect(await blockHash(i, height)).toBe(hash);
});

test("with two of four gone nothing becomes final; when they are back, what waited does", async () => {
  for (const i of [0, 1, 2, 3]) start(i);
  await Promise.all([0, 1, 2, 3].map(ready));
  await includes(0, [await submit(0)]);
  await Promise.all([end(2, "SIGTERM"), end(3, "SIGKILL")]);
  await eventually("a round change on both that are left", async () => {
    const rounds = await Promise.all([0, 1].map(status));
    return rounds.every((each) => (each?.round ?? 0) >= 1) || undefined;
  });
  const stuck = await status(0);
  const waiting = await submit(0);
  await eventually("the transaction to wait with both", async () => {
    const both = await Promise.all([0, 1].map(status));
    return both.every((each) => (each?.mempool ?? 0) >= 1) || undefined;
  });
  // Two are no quorum to go on with: they wait in this round until others come.
  expect((await status(1))?.round).toBe(stuck?.round);
  expect((await status(0))?.height).toBe(stuck?.height);
  expect((await fetch(`${url(0)}/ready`)).status).toBe(503);
  start(2);
  start(3);
  await Promise.all([0, 1, 2, 3].map((i) => includes(i, [waiting])));
});

test("a wrong key, a wrong genesis file and a taken port end in one line and exit 2", async () => {
  const [first, second] = site.validators;
  const taken = createServer();
  await new Promise((resolve) => taken.listen(first?.httpPort, "127.0.0.1", () => resolve(true)));
  const faults = [
    first,
    { ...first, key: second?.key },
    { ...first, genesis: first?.key },
    { ...first, peers: ["validator-9@127.0.0.1"] },
  ];
  for (const config of faults) {
    const path = join(site.folder, "faulty.json");
    writeFileSync(path, JSON.stringify(config));
    const { code, stderr } = await voltfog("validator", "--config", path);
    expect(code).toBe(2);
    expect(
      stderr
        .trim()
        .split("\n")
        .filter((line) => !line.startsWith("{")),
    ).toHaveLength(1);
  }
  await new Promise((resolve) => taken.close(resolve));
});

function url(i: number): string {
  return `http://127.0.0.1:${site.validators[i]?.httpPort}`;
}

function start(i: number): void {
  const path = join(site.folder, `validator-${i + 1}.json`);
  writeFileSync(path, JSON.stringify(site.validators[i]));
  processes[i] = spawn(process.execPath, [voltfogMain, "validator", "--config", path], {
    stdio: "ignore",
  });
}

async function end(i: number, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  const child = processes[i];
  processes[i] = undefined;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await exited;
}

async function status(i: number): Promise<Status | undefined> {
  const answer = await fetch(`${url(i)}/v1/status`).catch(() => undefined);
  return answer?.ok === true ? ((await answer.json()) as Status) : undefined;
}

async function ready(i: number): Promise<void> {
  await eventually(`validator ${i + 1} to be ready`, async () => {
    const answer = await fetch(`${url(i)}/ready`).catch(() => undefined);
    return answer?.ok === true || undefined;
  });
}

async function submit(i: number): Promise<string> {
  const answer = await fetch(`${url(i)}/v1/transactions`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: site.nextTransaction() as Uint8Array<ArrayBuffer>,
  });
  const { hash } = (await answer.json()) as { hash: string };
  expect(answer.status).toBe(202);
  return hash;
}

/** Waits until all of these transactions are in final blocks of that validator. */
async function includes(i: number, hashes: readonly string[]): Promise<void> {
  const missing = new Set(hashes);
  try {
    await reads(i, missing);
  } catch (thrown) {
    const states = await Promise.all([0, 1, 2, 3].map(status));
    throw new Error(`${messageOf(thrown)}, not ${missing.size} of them: ${JSON.stringify(states)}`);
  }
}

async function reads(i: number, missing: Set<string>): Promise<void> {
  let height = 1;
  await eventually(`validator ${i + 1} to hold ${missing.size} transactions`, async () => {
    for (;;) {
      const answer = await fetch(`${url(i)}/v1/blocks/${height}`).catch(() => undefined);
      if (answer?.ok !== true) return undefined;
      const block = (await answer.json()) as { results: readonly { txHash: string }[] };
      for (const { txHash } of block.results) missing.delete(txHash);
      if (missing.size === 0) return true;
      height++;
    }
  });
}

async function blockHash(i: number, height: number): Promise<string> {
  return eventually(`validator ${i + 1} to reach ${height}`, async () => {
    const answer = await fetch(`${url(i)}/v1/blocks/${height}`).catch(() => undefined);
    return answer?.ok === true ? ((await answer.json()) as { hash: string }).hash : undefined;
  });
}
