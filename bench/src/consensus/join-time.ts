import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { parseGenesis } from "@voltfog/ledger";
import { assert, type Clock, type Signer } from "@voltfog/runtime";
import { nodeCrypto, readSealedKey, signerOf } from "@voltfog/runtime/node";
import { writeHistory } from "./chain-history.ts";

export interface JoinTime {
  /** From the first of the three commands to the newcomer's seat counting, all blocks verified or fetched. */
  readonly join_s: number;
  /** Of them making the node's folder, and the preflight. */
  readonly init_s: number;
  readonly preflight_s: number;
  /** Blocks of history when it began. */
  readonly blocks: number;
  readonly validators: number;
}

export interface JoinTimeOptions {
  /** The command that starts voltfog, as words: a built one, since the children start it many times. */
  readonly voltfog: readonly string[];
  /** An empty folder of the run. */
  readonly folder: string;
  readonly blocks: number;
  readonly validators: number;
  readonly clock: Clock;
}

const readyLimit_ms = 180_000;
const look_ms = 100;
const passphrase = "a passphrase of the measurement";

/**
 * Measures how long it takes to join a consortium with a history: real processes of all validators over
 * loopback, the three commands of a newcomer, and the members' votes one after the other by the command
 * line, as soon as the request shows. Members here vote at once; people would not.
 */
export async function measureJoin(options: JoinTimeOptions): Promise<JoinTime> {
  const { folder, clock, validators, blocks } = options;
  const consortium = join(folder, "consortium");
  const passphraseFile = join(folder, "passphrase");
  mkdirSync(folder, { recursive: true });
  writeFileSync(passphraseFile, `${passphrase}\n`);
  const base = await freeBase(10 * (validators + 1));
  await run(options, [
    ...["consortium", "init", consortium, "--name", "measured", "--block-interval", "1s"],
    ...["--organisations", `north:${validators}`, "--base-port", `${base}`],
    ...["--passphrase-file", passphraseFile],
  ]);
  const members = Array.from({ length: validators }, (_, at) =>
    join(consortium, "nodes", `validator-${at + 1}`),
  );
  await giveHistory(members, { blocks, folder });
  const children = members.map((node) => start(options, ["validator", "run", node]));
  try {
    for (let at = 0; at < validators; at++) await ready(base + 10 * at + 1, clock);
    const newcomer = join(folder, "newcomer");
    const port = base + 10 * validators;
    const begun_ms = clock.monotonic_ms();
    await run(options, [
      ...["validator", "init", newcomer, "--id", "newcomer", "--endpoint", `127.0.0.1:${port}`],
      ...["--consortium", join(consortium, "consortium.json")],
      ...["--agency", join(consortium, "agencies", "north")],
      ...["--passphrase-file", passphraseFile],
    ]);
    const made_ms = clock.monotonic_ms();
    await run(options, ["validator", "preflight", newcomer]);
    const checked_ms = clock.monotonic_ms();
    children.push(start(options, ["validator", "join", newcomer]));
    for (const [at, member] of members.entries()) {
      if (at === 0) await asked(base + 1, clock);
      await run(options, ["consortium", "approve", member, "newcomer"]);
    }
    await ready(port + 1, clock);
    const seconds = (from_ms: number, to_ms: number): number => (to_ms - from_ms) / 1000;
    return {
      join_s: seconds(begun_ms, clock.monotonic_ms()),
      init_s: seconds(begun_ms, made_ms),
      preflight_s: seconds(made_ms, checked_ms),
      blocks,
      validators,
    };
  } finally {
    await Promise.all(children.map(ended));
  }
}

/** The same blocks in every member's folder, and an empty file of votes: none was cast by these processes. */
async function giveHistory(
  members: readonly string[],
  { blocks, folder }: { blocks: number; folder: string },
): Promise<void> {
  const signers: Signer[] = members.map((node) =>
    signerOf(readSealedKey(join(node, "keystore", "vote.json"), passphrase)),
  );
  const bytes = new Uint8Array(readFileSync(join(members[0] ?? "", "genesis.json")));
  const genesis = parseGenesis(bytes, nodeCrypto);
  assert(genesis.ok, "the made genesis file parses");
  const history = join(folder, "history");
  await writeHistory({ folder: history, genesis: genesis.value, signers, blocks });
  for (const node of members) {
    cpSync(history, join(node, "data", "blocks"), { recursive: true });
    mkdirSync(join(node, "data", "votes"), { recursive: true });
    writeFileSync(join(node, "data", "votes", "votes"), "");
  }
  rmSync(history, { recursive: true });
}

function words({ voltfog }: JoinTimeOptions, args: readonly string[]): [string, string[]] {
  const [program = process.execPath, ...before] = voltfog;
  return [program, [...before, ...args]];
}

function run(options: JoinTimeOptions, args: readonly string[]): Promise<void> {
  const [program, all] = words(options, args);
  return new Promise((resolve, reject) => {
    execFile(program, all, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`voltfog ${args.join(" ")}: ${stderr}${stdout}`));
    });
  });
}

function start(options: JoinTimeOptions, args: readonly string[]): ChildProcess {
  const [program, all] = words(options, args);
  const child = spawn(program, all, { stdio: "ignore" });
  // A run that a signal ends does not come to where they are ended one by one.
  const kill = (): void => void child.kill("SIGKILL");
  process.prependOnceListener("exit", kill); // Before the run's files go.
  child.once("exit", () => process.off("exit", kill));
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await exited;
}

async function ready(port: number, clock: Clock): Promise<void> {
  await until(clock, async () => (await fetch(`http://127.0.0.1:${port}/ready`)).ok);
}

/** Until the request for a seat shows at a member. */
async function asked(port: number, clock: Clock): Promise<void> {
  await until(clock, async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/changes`);
    const { requests } = (await answer.json()) as { requests: readonly unknown[] };
    return requests.length > 0;
  });
}

async function until(clock: Clock, isSo: () => Promise<boolean>): Promise<void> {
  const end_ms = clock.monotonic_ms() + readyLimit_ms;
  for (;;) {
    if (await isSo().catch(() => false)) return;
    if (clock.monotonic_ms() > end_ms) throw new Error(`not so after ${readyLimit_ms / 1000} s`);
    await new Promise<void>((resolve) => clock.after(look_ms, resolve));
  }
}

/** A port that is free now, with room above it below the range that systems give out by themselves. */
async function freeBase(room: number): Promise<number> {
  for (let base = 21_000; base + room < 32_000; base += room) {
    const taken = await Promise.all(
      Array.from({ length: room }, (_, at) => at).map((at) => isTaken(base + at)),
    );
    if (!taken.includes(true)) return base;
  }
  throw new Error("no free ports from 21000 to 32000");
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(true));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () =>
      server.close(() => resolve(false)),
    );
  });
}
