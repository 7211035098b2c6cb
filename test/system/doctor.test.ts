import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@voltfog/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { certifySite } from "../../cli/src/site/site-certificates.ts";
import { readSite, sitePaths } from "../../cli/src/site/site-folder.ts";
import { eventually, type RunningSite, startSiteIn, voltfog } from "./running-site.ts";

interface Check {
  readonly check: string;
  readonly result: "ok" | "warn" | "fail";
  readonly what: string;
  readonly todo: string | null;
}

const folder = mkdtempSync(join(tmpdir(), "voltfog-doctor-"));
const data = join(folder, "site");
const paths = sitePaths(data);
/** May be warned of here: they speak of the machine, on which a test has no say. */
const ofMachine = ["disk space", "disk growth", "disk write", "components", "clock", "ports"];
const hour_ms = 3_600_000;
let site: RunningSite | undefined;

beforeAll(async () => {
  site = await startSiteIn(data, "--vehicles", "4");
  await eventually("the site to be announced", () => {
    return site?.said().includes("Voltfog runs") || undefined;
  });
});
afterAll(async () => {
  await site?.finish();
  rmSync(folder, { recursive: true, force: true });
});

async function doctor(...flags: readonly string[]): Promise<{
  readonly code: number | null;
  readonly checks: readonly Check[];
  readonly failed: readonly Check[];
}> {
  const { code, stdout, stderr } = await voltfog("doctor", "--json", "--data", data, ...flags);
  if (stdout === "") throw new Error(stderr);
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: readonly Check[] };
  expect(ok).toBe(code === 0);
  for (const { result, todo } of checks) expect(todo === null).toBe(result === "ok");
  return { code, checks, failed: checks.filter(({ result }) => result === "fail") };
}

/** The names of the checks that were made, none of which found anything. */
async function soundChecks(): Promise<ReadonlySet<string>> {
  const { code, checks } = await doctor();
  const faults = checks.filter(({ check, result }) => {
    return result === "fail" || (result === "warn" && !ofMachine.includes(check));
  });
  expect(faults).toEqual([]);
  expect(code).toBe(0);
  return new Set(checks.map(({ check }) => check));
}

test("a healthy site that runs is sound in every check", async () => {
  const checks = await soundChecks();
  for (const check of ["processes", "clocks of processes", "ports", "certificates", "genesis"]) {
    expect(checks).toContain(check);
  }
  for (const check of ["keys", "logs", "validators", "disk write", "datasets"]) {
    expect(checks).toContain(check);
  }
});

test("a process that hangs is named, with where to look", async () => {
  const pid = site?.pidOf("unit-2") ?? 0;
  process.kill(pid, "SIGSTOP");
  const { code, failed } = await doctor();
  process.kill(pid, "SIGCONT");
  expect(code).toBe(1);
  expect(failed).toMatchObject([
    { check: "processes", what: "unit-2 does not answer", todo: expect.stringContaining("log") },
  ]);
});

test("the same site is sound when it is stopped", async () => {
  await site?.finish();
  site = undefined;
  expect(await soundChecks()).toContain("store");
});

test("certificates that are missing or over are named, and what it says to do mends them", async () => {
  const marker = readSite(paths);
  if (marker === undefined) throw new Error("the site has a marker");
  rmSync(join(paths.certificates, "unit-1.crt"));
  rmSync(join(paths.certificates, "cloud.crt"));
  const then = new ManualClock(Date.now() - 3 * 365 * 24 * hour_ms);
  await certifySite({ paths, site: marker, clock: then });
  rmSync(join(paths.certificates, "cloud.crt"));
  const { code, failed } = await doctor();
  expect(code).toBe(1);
  expect(failed.map(({ check, what }) => `${check}: ${what}`).sort()).toEqual([
    expect.stringMatching(/^certificates: the certificate of cloud is missing: .*cloud\.crt$/),
    expect.stringMatching(/^certificates: the certificate of unit-1 ended \d+ days ago$/),
  ]);
  for (const { todo } of failed) expect(todo).toContain("voltfog site init");
  expect((await voltfog("site", "init", "--data", data)).code).toBe(0);
  await soundChecks();
});

test("a key that others may read is named, and what it says to do mends it", async () => {
  const key = join(paths.keys, "validator-2.key");
  chmodSync(key, 0o644);
  const { code, failed } = await doctor();
  expect(code).toBe(1);
  expect(failed).toMatchObject([{ check: "keys", todo: `chmod 600 ${key}` }]);
  chmodSync(key, 0o600);
  await soundChecks();
});

test("a genesis file that was changed is named, however little", async () => {
  const before = readFileSync(paths.genesis, "utf8");
  writeFileSync(paths.genesis, before.replace("Demonstration fleet", "Demonstration fleets"));
  const { code, failed } = await doctor();
  writeFileSync(paths.genesis, before);
  expect(code).toBe(1);
  expect(failed).toMatchObject([
    {
      check: "genesis",
      what: expect.stringContaining("genesis.json was changed"),
      todo: expect.stringContaining("voltfog restore"),
    },
  ]);
});

test("a validator without its votes is named, with the command that brings it back", async () => {
  const votes = join(data, "validator-3", "votes", "votes");
  renameSync(votes, `${votes}.away`);
  const { code, failed } = await doctor();
  renameSync(`${votes}.away`, votes);
  expect(code).toBe(1);
  expect(failed).toMatchObject([
    {
      check: "validators",
      what: "validator-3 has blocks and no votes, so it does not start",
      todo: expect.stringContaining(
        `voltfog restore <archive> --data ${data} --member validator-3`,
      ),
    },
  ]);
});

test("a port that another process has is named before the site is started on it", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  // The site's ports lie above its first one.
  const base = port - 1;
  const { checks } = await doctor("--port", String(base));
  await new Promise((resolve) => server.close(resolve));
  expect(checks.find(({ check }) => check === "ports")).toMatchObject({
    result: "warn",
    what: expect.stringContaining(String(port)),
    todo: expect.stringContaining("voltfog up --port 0"),
  });
});

test("a folder that cannot be written to is named", async () => {
  // Not even root makes files there.
  const { code, failed } = await doctor("--data", "/proc/voltfog");
  expect(code).toBe(1);
  expect(failed.find(({ check }) => check === "disk write")).toMatchObject({
    what: expect.stringContaining("cannot write in /proc"),
    todo: expect.stringContaining("make the folder writable"),
  });
});
