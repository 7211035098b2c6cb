import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type RunningSite, startSiteIn, voltfog } from "./running-site.ts";

interface Report {
  readonly samplesSent: number;
  readonly samplesDurable: number;
  readonly samplesLostAfterBackup: number;
  readonly samplesInOutboxes: number;
  readonly unexplainedLoss: number;
  readonly verified: {
    readonly checked: number;
    readonly failed: number;
    readonly codes: Readonly<Record<string, number>>;
  };
  readonly lostAfterBackup: readonly {
    readonly unitId: string;
    readonly logNumber: number;
    readonly entries: number;
    readonly unprovable: number;
  }[];
}

const folder = mkdtempSync(join(tmpdir(), "voltfog-backup-"));
const data = join(folder, "site");
const archive = join(folder, "site.vfbak");
const genesis = join(data, "genesis.json");
const [before, later] = [join(folder, "before.vfb"), join(folder, "later.vfb")];
let saved: { readonly units: readonly { readonly id: string; readonly entries: number }[] };
let beforeLoss: Report;
let site: RunningSite | undefined;
let vehicle: string;

afterAll(async () => {
  await site?.finish();
  rmSync(folder, { recursive: true, force: true });
});

beforeAll(async () => {
  // A site under load, saved while it runs.
  site = await startSiteIn(data, ...flags("before"));
  await eventually("frames of the first unit to be final", () => finalFrames("unit-1", 8));
  const { code, stdout, stderr } = await voltfog(
    "backup",
    "--data",
    data,
    "--out",
    archive,
    "--json",
  );
  if (code !== 0) throw new Error(stderr);
  saved = JSON.parse(stdout);
  vehicle = await someVehicleOf("unit-1", before);
  // What it takes from here on is not in the backup.
  const { entries } = saved.units.find(({ id }) => id === "unit-1") ?? { entries: 0 };
  await eventually("more frames to be final", () => finalFrames("unit-1", entries + 4));
  await eventually("the site to be announced", isAnnounced);
  beforeLoss = await finishAndCount("before");
  // The machine of one unit and its validator is lost with its keys, and the cloud's with all it stored.
  for (const id of ["unit-1", "validator-1"]) {
    rmSync(join(data, id), { recursive: true });
    rmSync(join(data, "keys", `${id}.key`));
  }
  rmSync(join(data, "cloud"), { recursive: true });
});

test("a backup with one flipped byte is refused, and nothing of it comes back", async () => {
  const bytes = readFileSync(archive);
  const place = Math.floor(bytes.length / 2);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  const flipped = join(folder, "flipped.vfbak");
  writeFileSync(flipped, bytes);
  const { code, stderr } = await bringBack(flipped);
  expect(code).toBe(1);
  expect(stderr).toContain("is damaged");
  for (const id of ["unit-1", "validator-1", "keys/validator-1.key"]) {
    expect(existsSync(join(data, id)), id).toBe(false);
  }
});

test("unit and validator come back: all of the backup is there, and the rest is declared and counted", async () => {
  const { code, stdout, stderr } = await bringBack(archive);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("validator-1 has a new vote key");
  expect(stdout).toContain(`next: voltfog up --data ${data}`);
  expect((await bringBack(archive)).stderr).toContain("unit-1 is not empty");

  site = await startSiteIn(data, ...flags("after"));
  await eventually("the site to be announced", isAnnounced);
  await eventually("the chain to have the new vote key", async () => {
    const { epoch } = await statusOf("validator-3");
    return epoch === 1 || undefined;
  });

  // Three votes of four decide: with one frozen, blocks are final by the restored one's vote. With the
  // other units frozen, vehicles come back to the restored one, whose frames those blocks make final.
  const away = ["validator-2", "unit-2", "unit-3", "unit-4"].map((id) => site?.pidOf(id) ?? 0);
  const { height } = await statusOf("validator-3");
  for (const pid of away) process.kill(pid, "SIGSTOP");
  await eventually("the unit's next log to take frames", () => finalFrames("unit-1", 5));
  await eventually("three more blocks", async () => {
    return (await statusOf("validator-3")).height >= height + 3 || undefined;
  });
  for (const pid of away) process.kill(pid, "SIGCONT");

  const report = await finishAndCount("after");
  const entries = saved.units.find(({ id }) => id === "unit-1")?.entries ?? 0;
  const [lost, ...more] = report.lostAfterBackup;
  expect(more).toEqual([]);
  expect(lost).toMatchObject({ unitId: "unit-1", logNumber: 1 });
  expect(lost?.entries).toBeGreaterThan(0);
  expect(report.samplesLostAfterBackup).toBeGreaterThan(0);
  expect(beforeLoss.unexplainedLoss).toBe(0);
  expect(report.unexplainedLoss).toBe(0);
  const { samplesDurable, samplesLostAfterBackup, samplesInOutboxes } = report;
  expect(samplesDurable + samplesLostAfterBackup + samplesInOutboxes).toBe(report.samplesSent);
  // A frame without proof was lost, or stands in the old log behind the newest final checkpoint it reaches.
  const { checked, failed, codes } = report.verified;
  expect(checked).toBeGreaterThan(50);
  const { UNKNOWN_FRAME: unknown = 0, NOT_FINAL: open = 0 } = codes;
  expect(unknown).toBeLessThanOrEqual(lost?.entries ?? 0);
  expect(open).toBeLessThanOrEqual(lost?.unprovable ?? 0);
  expect(failed, JSON.stringify(codes)).toBe(unknown + open);
  const check = await voltfog("log", "fsck", join(data, "unit-1", "earlier", "1"), "--json");
  expect(JSON.parse(check.stdout)).toMatchObject({ ok: true, entries });
});

test("bundles from before and after verify with the same genesis file", async () => {
  expect(await proofOf(vehicle, later)).toBe("unit-1");
  const report = await voltfog("verify", before, "--genesis", genesis);
  expect(report.code, report.stdout + report.stderr).toBe(0);
  expect((await voltfog("verify", later, "--genesis", genesis)).code).toBe(0);
  // Of the first epoch and the second: the later one carries the new vote key's succession.
  expect([readFileSync(before)[4], readFileSync(later)[4]]).toEqual([1, 3]);
});

test("the doctor takes the restored site for a sound one", async () => {
  const { code, stdout } = await voltfog("doctor", "--data", data, "--json");
  const { checks } = JSON.parse(stdout) as { checks: { check: string; result: string }[] };
  expect(checks.filter(({ result }) => result === "fail")).toEqual([]);
  expect(code).toBe(0);
});

function bringBack(from: string): ReturnType<typeof voltfog> {
  return voltfog("restore", from, "--data", data, "--member", "unit-1", "validator-1");
}

interface Status {
  readonly height: number;
  readonly epoch: number;
  readonly log: { readonly finalSize: number };
}

async function statusOf(id: string): Promise<Status> {
  const port = site?.processes.find((process) => process.id === id)?.ports["http"];
  return (await (await fetch(`http://127.0.0.1:${port}/v1/status`)).json()) as Status;
}

/** Defined once the log that the unit writes has so many entries that are final. */
async function finalFrames(id: string, count: number): Promise<true | undefined> {
  const status = await statusOf(id).catch(() => undefined);
  return (status?.log.finalSize ?? 0) >= count || undefined;
}

function flags(report: string): readonly string[] {
  return [
    "--rate",
    "2",
    "--frame-age",
    "1s",
    "--for",
    "1h",
    "--report",
    join(folder, `${report}.json`),
  ];
}

/** A run that is ended before it was announced makes no report. */
function isAnnounced(): true | undefined {
  return site?.said().includes("Voltfog runs") || undefined;
}

async function finishAndCount(report: string): Promise<Report> {
  const finished = await site?.finish();
  site = undefined;
  if (finished?.code !== 0) throw new Error(`${finished?.stderr}${finished?.stdout}`);
  return JSON.parse(readFileSync(join(folder, `${report}.json`), "utf8")) as Report;
}

/** Writes the bundle of a vehicle's first frame and gives the unit that logged it. */
async function proofOf(vehicleId: string, out: string): Promise<string | undefined> {
  rmSync(out, { force: true });
  const frame = ["--vehicle", vehicleId, "--frame", "1"];
  const { code, stdout } = await voltfog("proof", ...frame, "--out", out, "--data", data, "--json");
  if (code !== 0) return undefined;
  return (JSON.parse(stdout) as { unit: { id: string } }).unit.id;
}

async function someVehicleOf(unitId: string, out: string): Promise<string> {
  for (let number = 1; number <= 12; number++) {
    const id = `vehicle-${String(number).padStart(2, "0")}`;
    if ((await proofOf(id, out)) === unitId) return id;
  }
  throw new Error(`no vehicle's first frame is in the log of ${unitId}`);
}
