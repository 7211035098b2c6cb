import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Finished, processCommands, voltfog } from "./running-site.ts";

const folder = mkdtempSync(join(tmpdir(), "voltfog-report-"));
const data = join(folder, "data");
const genesis = join(data, "genesis.json");

interface Report {
  readonly samplesSent: number;
  readonly samplesDurable: number;
  readonly samplesStored: number;
  readonly gapsDeclared: number;
  readonly unexplainedLoss: number;
  readonly framesRefused: Readonly<Record<string, number>>;
  readonly blocksFinal: number;
  readonly checkpointsFinal: number;
  readonly eventsFinal: number;
  readonly latencies_ms: Readonly<
    Record<"sampleToDurable" | "eventToFinal" | "sampleToStored", { p50: number; p99: number }>
  >;
  readonly verified: { readonly checked: number; readonly failed: number };
}

let run: Finished;
let report: Report;

beforeAll(async () => {
  const path = join(folder, "report.json");
  run = await voltfog("up", "--port", "0", "--data", data, "--for", "20s", "--report", path);
  if (run.code !== 0) throw new Error(run.stderr + run.stdout);
  report = JSON.parse(readFileSync(path, "utf8")) as Report;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("everything sent is durable and stored, and nothing is lost without a word", () => {
  expect(report.samplesSent).toBeGreaterThan(12 * 10);
  expect(report.samplesDurable).toBe(report.samplesSent);
  expect(report.samplesStored).toBe(report.samplesSent);
  expect(report.unexplainedLoss).toBe(0);
  expect(report.framesRefused).toEqual({});
});

test("frames taken at random verify against the genesis file", () => {
  expect(report.verified.checked).toBeGreaterThan(20);
  expect(report.verified.failed).toBe(0);
});

test("blocks and checkpoints became final, and each latency was measured", () => {
  expect(report.blocksFinal).toBeGreaterThan(5);
  expect(report.checkpointsFinal).toBeGreaterThan(4);
  for (const latency of [report.latencies_ms.sampleToDurable, report.latencies_ms.sampleToStored]) {
    expect(latency.p50).toBeGreaterThan(0);
    expect(latency.p99).toBeGreaterThanOrEqual(latency.p50);
  }
});

test("nothing that was started is left running", () => {
  const commands = processCommands();
  expect(commands.length).toBeGreaterThan(1);
  expect(commands.filter((command) => command.includes(data))).toEqual([]);
});

test("a record taken out of the folder verifies; with any byte changed, missing or added it does not", async () => {
  const bundle = join(folder, "frame.vfb");
  const made = await voltfog(
    ...["proof", "--data", data, "--vehicle", "vehicle-01", "--frame", "2", "--out", bundle],
  );
  expect(made).toMatchObject({ code: 0 });
  const good = await voltfog("verify", bundle, "--genesis", genesis, "--json");
  expect(good).toMatchObject({ code: 0 });
  expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, kind: "frame" });

  const bytes = readFileSync(bundle);
  const altered = Buffer.from(bytes);
  const middle = Math.floor(altered.length / 2);
  altered[middle] = (altered[middle] ?? 0) ^ 1;
  for (const wrong of [altered, bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.of(0)])]) {
    writeFileSync(bundle, wrong);
    expect(await voltfog("verify", bundle, "--genesis", genesis)).toMatchObject({ code: 1 });
  }
});

test("functions run again over a unit's log find every event that they recorded", async () => {
  const fsck = await voltfog("log", "fsck", join(data, "unit-1"), "--json");
  const replayed = await voltfog("functions", "replay", join(data, "unit-1"), "--json");
  expect(replayed.code).toBe(0);
  const { samples } = JSON.parse(fsck.stdout) as { samples: number };
  const replay = JSON.parse(replayed.stdout) as Record<string, unknown>;
  expect(replay).toMatchObject({ samples, notReproduced: [] });
  expect(replay["estimates"]).not.toEqual([]);
  const shown = await voltfog("functions", "replay", join(data, "unit-1"));
  expect(shown.stdout).toContain(`${samples} samples`);
  expect(await voltfog("functions", "replay", data)).toMatchObject({ code: 2 });
});

test("a genesis file of another site is no proof", async () => {
  const bundle = join(folder, "other.vfb");
  await voltfog(
    ...["proof", "--data", data, "--vehicle", "vehicle-02", "--frame", "1", "--out", bundle],
  );
  const other = join(folder, "other.json");
  const text = readFileSync(genesis, "utf8");
  writeFileSync(
    other,
    text.replace(/"created_ms": (\d)/, (_, digit) => `"created_ms": ${digit === "1" ? 2 : 1}`),
  );
  expect(await voltfog("verify", bundle, "--genesis", other)).toMatchObject({ code: 2 });
});

test("a log folder checks out, and one changed byte in any of its files is found with its place", async () => {
  const log = join(data, "unit-1", "log");
  const good = await voltfog("log", "fsck", log, "--json");
  expect(good.code).toBe(0);
  const summary = JSON.parse(good.stdout) as Record<string, number>;
  expect(summary["entries"]).toBeGreaterThan(0);
  expect(summary["samples"]).toBeGreaterThan(0);
  const files = readdirSync(log, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    const original = readFileSync(path);
    const changed = Buffer.from(original);
    const at = Math.floor(original.length / 3);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    writeFileSync(path, changed);
    const found = await voltfog("log", "fsck", log, "--json");
    writeFileSync(path, original);
    expect(found.code, path).toBe(1);
    expect(found.stdout + found.stderr, path).toContain(file.name);
  }
});
