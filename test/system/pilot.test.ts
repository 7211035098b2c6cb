import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freeBasePort } from "../../cli/src/site/free-base-port.ts";
import { eventually, voltfog, voltfogMain } from "./running-site.ts";
import { ThrottlingProxy } from "./throttling-proxy.ts";

interface Seen {
  readonly id: string;
  readonly organisation: string;
  readonly state: string;
  readonly participation: number | null;
}

interface Status {
  readonly height: number;
  readonly validators: readonly Seen[];
}

/** 2 Mbit/s: the line of the two far nodes. */
const line_bytes_per_s = 250_000;
/** One on which even empty blocks' votes wait, as the pilot's full blocks did. */
const clogged_bytes_per_s = 4000;
const root = mkdtempSync(join(tmpdir(), "voltfog-pilot-"));
const running = new Map<number, ChildProcess>();
const proxies: ThrottlingProxy[] = [];
let base = 0;

/** Validators 6 and 7, of the third organisation, behind one slow line each: all others dial them through it. */
beforeAll(async () => {
  const passphrase = join(root, "passphrase");
  writeFileSync(passphrase, "a passphrase of the test\n");
  base = await freeBasePort();
  const founded = await voltfog(
    ...["consortium", "init", join(root, "pilot"), "--name", "pilot"],
    ...["--organisations", "genesis:4,second:1,third:2", "--base-port", `${base}`],
    ...["--block-interval", "30ms", "--passphrase-file", passphrase],
  );
  expect(founded).toMatchObject({ code: 0 });
  for (const far of [6, 7]) {
    const proxy = await ThrottlingProxy.to(base + 10 * (far - 1));
    proxy.rate_bytes_per_s = line_bytes_per_s;
    proxies.push(proxy);
  }
  for (let number = 1; number <= 7; number++) {
    writeBootstrap(number);
    start(number);
  }
  await Promise.all([1, 2, 3, 4, 5, 6, 7].map(ready));
});

afterAll(async () => {
  await Promise.all([...running.keys()].map(kill));
  for (const proxy of proxies) proxy.close();
  rmSync(root, { recursive: true, force: true });
});

test("two on clogged lines become blunt while the five others go on", async () => {
  const { validators } = await statusOf(1);
  const organisations = validators.map(({ organisation }) => organisation);
  expect(organisations).toEqual([...Array(4).fill("genesis"), "second", "third", "third"]);
  for (const proxy of proxies) proxy.rate_bytes_per_s = clogged_bytes_per_s;
  await eventually("both to be seen as blunt", async () => {
    const states = (await statusOf(1)).validators.map(({ state }) => state);
    return states.slice(5).every((state) => state === "blunt") || undefined;
  });
  await grows(1);
});

test("they take part again when the genesis organisation's first is killed, and another one", async () => {
  for (const proxy of proxies) proxy.rate_bytes_per_s = line_bytes_per_s;
  // Five of seven decide: from here on nothing becomes final without one of the two, then without both.
  for (const [killed, others] of [
    [1, [2, 3, 4, 5, 6, 7]],
    [5, [2, 3, 4, 6, 7]],
  ] as const) {
    await kill(killed);
    for (const number of others) await grows(number);
  }
});

function folderOf(number: number): string {
  return join(root, "pilot", "nodes", `validator-${number}`);
}

function writeBootstrap(number: number): void {
  const near = [1, 2, 3, 4, 5].filter((other) => other !== number);
  const nodes = [
    ...near.map((other) => `validator-${other}@127.0.0.1:${base + 10 * (other - 1)}`),
    ...proxies.map((proxy, at) => `validator-${6 + at}@127.0.0.1:${proxy.port}`),
  ];
  // Only the others dial the far ones, so that every byte to and from them takes their line.
  const dialled = number <= 5 ? nodes : number === 6 ? nodes.slice(-1) : [];
  const path = join(folderOf(number), "data", "bootstrapnodes.json");
  writeFileSync(path, JSON.stringify({ nodes: dialled }));
}

function start(number: number): void {
  const args = [voltfogMain, "validator", "run", folderOf(number)];
  running.set(number, spawn(process.execPath, args, { stdio: "ignore" }));
}

async function kill(number: number): Promise<void> {
  const child = running.get(number);
  running.delete(number);
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
}

function url(number: number): string {
  const { httpPort } = JSON.parse(readFileSync(join(folderOf(number), "config.json"), "utf8")) as {
    httpPort: number;
  };
  return `http://127.0.0.1:${httpPort}`;
}

async function ready(number: number): Promise<void> {
  await eventually(`validator ${number} to be ready`, async () => {
    const answer = await fetch(`${url(number)}/ready`).catch(() => undefined);
    return answer?.ok === true || undefined;
  });
}

async function statusOf(number: number): Promise<Status> {
  return (await (await fetch(`${url(number)}/v1/status`)).json()) as Status;
}

/** Two more blocks than now. */
async function grows(number: number): Promise<void> {
  const { height } = await statusOf(number);
  await eventually(`validator ${number} to grow`, async () =>
    (await statusOf(number)).height >= height + 2 ? true : undefined,
  );
}
