import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freeBasePort } from "../../cli/src/site/free-base-port.ts";
import { eventually, type Finished, voltfog, voltfogMain } from "./running-site.ts";

interface Status {
  readonly height: number;
  readonly validators: readonly { readonly id: string }[];
}

const root = mkdtempSync(join(tmpdir(), "voltfog-consortium-"));
const alliance = join(root, "alliance");
const passphrase = join(root, "passphrase");
const running = new Map<string, ChildProcess>();
const founders = [1, 2, 3, 4].map((number) => join(alliance, "nodes", `validator-${number}`));
let joinerPort = 0;

beforeAll(async () => {
  writeFileSync(passphrase, "a passphrase of the test\n");
  const base = await freeBasePort();
  joinerPort = base + 50;
  const founded = await voltfog(
    ...["consortium", "init", alliance, "--name", "alliance"],
    ...["--organisations", "north:3,south:1", "--base-port", `${base}`],
    ...["--block-interval", "200ms", "--passphrase-file", passphrase, "--json"],
  );
  expect(founded).toMatchObject({ code: 0 });
  for (const node of founders) start(node, "run");
  await Promise.all(founders.map(ready));
});

afterAll(async () => {
  await Promise.all([...running.keys()].map((node) => stop(node, "SIGKILL")));
  rmSync(root, { recursive: true, force: true });
});

test("three commands and the members' votes make a newcomer a validator", async () => {
  const node = join(root, "south-2");
  await makeNode(node, "south-2", joinerPort);
  const preflight = await voltfog("validator", "preflight", node, "--json");
  expect(preflight.code, preflight.stdout).toBe(0);
  start(node, "join");
  await eventually("the request to reach a member", async () => {
    const { stdout } = await voltfog("consortium", "changes", at(founders, 0), "--json");
    return stdout.includes('"south-2"') || undefined;
  });
  for (const member of founders)
    expect(await approve(member, "south-2")).toMatchObject({ code: 0 });
  await ready(node);
  expect(seats(await statusOf(node))).toEqual([...foundingIds(), "south-2"]);
  // Its vote counts: of five validators four decide, and one founder is stopped.
  await stop(at(founders, 3), "SIGTERM");
  await grows(node);
  start(at(founders, 3), "run");
  await ready(at(founders, 3));
});

test("validators are restarted one after the other while blocks go on", async () => {
  for (const node of founders) {
    await stop(node, "SIGTERM");
    await grows(founders.find((other) => other !== node) ?? "");
    start(node, "run");
    await ready(node);
  }
  const heights = await Promise.all(founders.map(async (node) => (await statusOf(node)).height));
  expect(Math.min(...heights)).toBeGreaterThan(1);
});

test("a removed validator is cut off, stays out, and comes back only with another id and new keys", async () => {
  const removed = join(root, "south-2");
  for (const member of [...founders.slice(0, 3), removed]) {
    expect(await vote("remove", member, "south-2")).toMatchObject({ code: 0 });
  }
  await vote("remove", at(founders, 3), "south-2");
  await eventually("the removed validator to be alone", async () => {
    const answer = await fetch(`http://127.0.0.1:${joinerPort + 1}/ready`);
    const { missing } = (await answer.json()) as { missing: readonly string[] };
    return missing.some((line) => line.startsWith("0 of")) || undefined;
  });
  await grows(at(founders, 0));
  expect(seats(await statusOf(at(founders, 0)))).toEqual(foundingIds());
  await stop(removed, "SIGTERM");
  const again = join(root, "south-3");
  await makeNode(again, "south-3", joinerPort);
  start(again, "join");
  await eventually("the new request", async () => {
    const { stdout } = await voltfog("consortium", "changes", at(founders, 0), "--json");
    return stdout.includes('"south-3"') || undefined;
  });
  for (const member of founders)
    expect(await approve(member, "south-3")).toMatchObject({ code: 0 });
  await ready(again);
  expect(seats(await statusOf(again))).toContain("south-3");
});

test("members vote on what share a change needs, and on whose turn it is", async () => {
  const [first = "", ...others] = founders;
  for (const words of [
    ["rule", first, "release", "2/3"],
    ["turns", first, "turn"],
  ]) {
    const { code, stderr } = await voltfog("consortium", ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  }
  const open = async (): Promise<readonly { id: string; kind: string }[]> => {
    const { stdout } = await voltfog("consortium", "changes", first, "--json");
    const { changes } = JSON.parse(stdout) as { changes: readonly { id: string; kind: string }[] };
    return changes.filter(({ kind }) => kind === "rule" || kind === "proposer-policy");
  };
  const changes = await open();
  expect(changes).toHaveLength(2);
  for (const member of [...others, join(root, "south-3")]) {
    for (const { id } of changes) expect(await approve(member, id)).toMatchObject({ code: 0 });
  }
  expect(await open()).toEqual([]);
  await grows(first);
});

test("leaving is refused while too few others are there to decide", async () => {
  for (const node of founders.slice(2)) await stop(node, "SIGTERM");
  const refused = await eventually("the node to miss both", async () => {
    const { code, stderr } = await voltfog("validator", "leave", join(root, "south-3"), "--json");
    return code === 2 && stderr.includes("must decide without this one") ? stderr : undefined;
  });
  expect(refused.trim().split("\n")).toHaveLength(1);
  for (const node of founders.slice(2)) start(node, "run");
  await Promise.all(founders.map(ready));
});

test("an organisation takes its validator out: the others vote, the next set decides, the node stops", async () => {
  const node = join(root, "south-3");
  const leaving = voltfog("validator", "leave", node, "--json");
  const child = running.get(node);
  await openRemoval("south-3");
  for (const member of founders.slice(0, 3)) await approve(member, "south-3");
  const { code, stdout, stderr } = await leaving;
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ id: "south-3", took_ms: expect.any(Number) });
  await eventually("the node's process to end", () => child?.exitCode === 0 || undefined);
  await grows(at(founders, 0));
  expect(seats(await statusOf(at(founders, 0)))).toEqual(foundingIds());
  const again = await voltfog("validator", "run", node);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("has left") });
  const next = await voltfog("validator", "leave", at(founders, 3));
  expect(next).toMatchObject({ code: 2, stderr: expect.stringContaining("bear no fault") });
});

test("a validator that died between its vote and the others' leaves once it runs again", async () => {
  const node = at(founders, 3);
  const interrupted = voltfog("validator", "leave", node, "--fragile");
  await openRemoval("validator-4");
  await stop(node, "SIGKILL");
  expect(await interrupted).toMatchObject({ code: 2 });
  for (const member of founders.slice(0, 2)) await approve(member, "validator-4");
  await eventually("three to decide", async () => {
    return seats(await statusOf(at(founders, 0))).length === 3 || undefined;
  });
  start(node, "run");
  const left = await eventually("the others to refuse it", async () => {
    const { code, stdout } = await voltfog("validator", "leave", node, "--fragile", "--json");
    return code === 0 ? stdout : undefined;
  });
  // It never saw the block that ended its seat: the others have it and let it in no more.
  expect(JSON.parse(left)).toMatchObject({ id: "validator-4", height: null });
  await grows(at(founders, 0));
});

test("what a command is given wrong is said in one line with a code's remedy", async () => {
  const [member] = founders;
  const wrong = join(root, "wrong");
  writeFileSync(wrong, "another passphrase\n");
  const environment = { VOLTFOG_VALIDATOR_PASSPHRASE_FILE: wrong };
  const led = join(root, "led");
  const founded = await voltfog(
    ...["consortium", "init", led, "--name", "led", "--organisations", "a:4"],
    ...["--engine", "linear", "--passphrase-file", passphrase],
  );
  expect(founded).toMatchObject({ code: 0 });
  const complaints = [
    await voltfog("validator", "preflight", join(root, "nowhere")),
    await voltfog("consortium", "init", alliance, "--name", "x", "--organisations", "a:1"),
    await voltfog("consortium", "approve", member ?? "", "nobody"),
    await voltfog("consortium", "remove", member ?? "", "nobody"),
    await voltfog("consortium", "rule", member ?? "", "release", "1/3"),
    await voltfog("consortium", "turns", member ?? "", "lottery"),
    await voltfog("consortium", "version", member ?? "", "devices", "9", "--height", "99999"),
    await voltfog("consortium", "turns", join(led, "nodes", "validator-1"), "turn"),
    await voltfog("validator", "run", member ?? ""),
    await withEnvironment(environment, "validator", "run", join(root, "south-2")),
  ];
  for (const { code, stderr } of complaints) {
    expect(code).toBe(2);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  }
  const said = complaints.map(({ stderr }) => stderr);
  expect(said.at(-1)).toContain("does not open with this passphrase");
  expect(said.at(-2)).toContain("runs already");
  expect(said.at(-3)).toContain("linear decides this chain");
});

function at(nodes: readonly string[], index: number): string {
  return nodes[index] ?? "";
}

function foundingIds(): string[] {
  return [1, 2, 3, 4].map((number) => `validator-${number}`);
}

function seats({ validators }: Status): string[] {
  return validators.map(({ id }) => id);
}

async function makeNode(folder: string, id: string, port: number): Promise<void> {
  const made = await voltfog(
    ...["validator", "init", folder, "--id", id, "--endpoint", `127.0.0.1:${port}`],
    ...["--consortium", join(alliance, "consortium.json")],
    ...["--agency", join(alliance, "agencies", "south"), "--passphrase-file", passphrase],
  );
  expect(made).toMatchObject({ code: 0 });
}

function approve(member: string, what: string): Promise<Finished> {
  return vote("approve", member, what);
}

/** A removal that the chain holds with the leaver's own vote. */
async function openRemoval(id: string): Promise<void> {
  await eventually(`${id} to vote for its own removal`, async () => {
    const { stdout } = await voltfog("consortium", "changes", at(founders, 0), "--json");
    const { changes } = JSON.parse(stdout || '{"changes":[]}') as {
      changes: readonly { kind: string; subject: string; approvals: readonly string[] }[];
    };
    return changes.some(
      ({ kind, subject, approvals }) =>
        kind === "remove-validator" && subject === id && approvals.includes(id),
    )
      ? true
      : undefined;
  });
}

/** One change of the validators waits for the one before it. */
async function vote(command: string, member: string, what: string): Promise<Finished> {
  return eventually("a vote to be taken", async () => {
    const voted = await voltfog("consortium", command, member, what);
    return voted.stderr.includes("CHANGE_PENDING") ? undefined : voted;
  });
}

function start(node: string, command: "run" | "join"): void {
  const child = spawn(process.execPath, [voltfogMain, "validator", command, node], {
    stdio: "ignore",
  });
  running.set(node, child);
}

async function stop(node: string, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  const child = running.get(node);
  running.delete(node);
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await exited;
}

function httpPortOf(node: string): number {
  const { httpPort } = JSON.parse(readFileSync(join(node, "config.json"), "utf8")) as {
    httpPort: number;
  };
  return httpPort;
}

async function ready(node: string): Promise<void> {
  await eventually(`${node} to be ready`, async () => {
    const answer = await fetch(`http://127.0.0.1:${httpPortOf(node)}/ready`).catch(() => undefined);
    return answer?.ok === true || undefined;
  });
}

async function statusOf(node: string): Promise<Status> {
  const answer = await fetch(`http://127.0.0.1:${httpPortOf(node)}/v1/status`);
  return (await answer.json()) as Status;
}

/** Two more blocks than now. */
async function grows(node: string): Promise<void> {
  const { height } = await statusOf(node);
  await eventually(`${node} to grow`, async () =>
    (await statusOf(node)).height >= height + 2 ? true : undefined,
  );
}

function withEnvironment(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Finished> {
  const child = spawn(process.execPath, [voltfogMain, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve) =>
    child.once("close", (code) => resolve({ code, stdout: "", stderr })),
  );
}
