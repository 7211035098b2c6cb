import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeBundle } from "@voltfog/ledger";
import { openFrame } from "@voltfog/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type Finished, type RunningSite, startSite, voltfog } from "./running-site.ts";
import { portOf } from "./site-clients.ts";

/** Two vehicles send to two units; frames of one are erased while all of it runs. */
const vehicle = "vehicle-01";
const erased = 2;
const kept = 3;
const folder = mkdtempSync(join(tmpdir(), "voltfog-erasure-"));
let site: RunningSite;
/** The erased frame as its bundle held it. */
let frame: Buffer;
let done: Finished;

beforeAll(async () => {
  site = await startSite(
    ...["--units", "2", "--vehicles", "2", "--rate", "5", "--frame-age", "1s"],
  );
  for (const sequence of [erased, kept, 5]) await prove(sequence);
  frame = frameIn(erased);
  expect(holders(frame)).toContain("unit");
  const order = ["--by", "privacy-desk", "--reason", "request 12", "--data", site.dataDir];
  done = await voltfog(
    ...["erase", "--vehicle", vehicle, "--stream", "telemetry"],
    ...["--sequence", `${erased}`, ...order, "--json"],
  );
});
afterAll(async () => {
  await site?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function bundle(sequence: number): string {
  return join(folder, `${sequence}.vfb`);
}

function prove(sequence: number): Promise<true> {
  return eventually(`frame ${sequence} to be final`, async () => {
    const asked = ["--vehicle", vehicle, "--frame", `${sequence}`, "--out", bundle(sequence)];
    return (await voltfog("proof", "--data", site.dataDir, ...asked)).code === 0 ? true : undefined;
  });
}

function frameIn(sequence: number): Buffer {
  const decoded = decodeBundle(new Uint8Array(readFileSync(bundle(sequence))));
  if (!decoded.ok) throw new Error(decoded.problem.detail);
  return Buffer.from(decoded.value.frame);
}

/**
 * Every eight bytes of signature and salt, which are of this frame alone, and the content as a whole: measured
 * values repeat, and a fleet that starts again replays the same drive from its beginning.
 */
function tellingParts(bytes: Buffer): readonly Buffer[] {
  const opened = openFrame(new Uint8Array(bytes));
  if (!opened.ok) throw new Error("the frame does not open");
  const { header, payload, signature } = opened.value;
  return [
    ...cut(Buffer.from(signature), 8),
    ...cut(Buffer.from(header.salt), 8),
    Buffer.from(payload),
  ];
}

function cut(bytes: Buffer, length: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at + length <= bytes.length; at += length) {
    parts.push(bytes.subarray(at, at + length));
  }
  return parts;
}

/** The site is at work: tiles of an earlier size may go while they are listed. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === "ENOENT") return Buffer.alloc(0);
    throw thrown;
  }
}

/** Files of the site that hold a part of these bytes. */
function holders(bytes: Buffer): readonly string[] {
  const telling = tellingParts(bytes);
  expect(telling.length).toBeGreaterThan(9);
  return readdirSync(site.dataDir, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
    .filter((path) => {
      const content = contentOf(path);
      return telling.some((part) => content.includes(part));
    })
    .map((path) => (/unit-\d/.test(path) ? "unit" : path));
}

test("an erased frame and its salt are in no file of any data folder", () => {
  expect(JSON.parse(done.stdout)).toMatchObject({
    vehicle,
    processes: [
      { id: "fleet", state: "erased" },
      { id: "unit-1", state: "erased" },
      { id: "unit-2", state: "erased" },
      { id: "cloud", state: "erased" },
    ],
  });
  expect(done.code).toBe(0);
  const opened = openFrame(new Uint8Array(frame));
  if (!opened.ok) throw new Error("the frame does not open");
  expect(holders(frame)).toEqual([]);
  const salt = Buffer.from(opened.value.header.salt);
  const files = readdirSync(site.dataDir, { recursive: true, withFileTypes: true });
  for (const item of files.filter((one) => one.isFile())) {
    const content = contentOf(join(item.parentPath, item.name));
    expect([item.name, content.includes(salt)]).toEqual([item.name, false]);
  }
});

test("all other proofs hold: bundles from before, the logs, and what the chain made final", async () => {
  const genesis = join(site.dataDir, "genesis.json");
  for (const sequence of [erased, kept, 5]) {
    const verified = await voltfog("verify", bundle(sequence), "--genesis", genesis);
    expect([sequence, verified.stdout, verified.code]).toMatchObject([sequence, {}, 0]);
  }
  const audits: { ok: boolean; erased: number[]; erasures: unknown[] }[] = [];
  for (const unit of ["unit-1", "unit-2"]) {
    const place = join(site.dataDir, unit);
    expect(JSON.parse((await voltfog("log", "fsck", place, "--json")).stdout)).toMatchObject({
      ok: true,
    });
    const asked = ["--unit", place, "--genesis", genesis, "--chain", site.dataDir, "--json"];
    audits.push(JSON.parse((await voltfog("audit", ...asked)).stdout) as (typeof audits)[number]);
  }
  expect(audits.map(({ ok }) => ok)).toEqual([true, true]);
  expect(audits.flatMap((one) => one.erased)).toHaveLength(1);
  expect(audits.flatMap((one) => one.erasures)).toMatchObject([
    { by: "privacy-desk", reason: "request 12" },
  ]);
});

test("the site goes on: later frames become final, the erased one is known and has no content", async () => {
  const later = 30;
  await prove(later);
  const port = portOf(site, "cloud", "http");
  const answer = await fetch(
    `http://127.0.0.1:${port}/v1/vehicles/${vehicle}/frames?stream=telemetry&limit=500`,
  );
  expect(answer.status).toBe(200);
  const frames = (await answer.json()) as { sequence: number }[];
  expect(frames.some(({ sequence }) => sequence === erased)).toBe(true);
  const proof = await voltfog(
    ...["proof", "--vehicle", vehicle, "--frame", `${erased}`],
    ...["--data", site.dataDir, "--out", join(folder, "none.vfb"), "--json"],
  );
  expect(proof.code).not.toBe(0);
});

test("a range that is none, or nobody's, is refused in one line", async () => {
  const order = ["--by", "a", "--reason", "b", "--data", site.dataDir];
  const none = await voltfog("erase", "--vehicle", vehicle, ...order);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("exactly one range")]);
  const nobody = await voltfog("erase", "--vehicle", "vehicle-99", "--all", ...order);
  expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining("no vehicle")]);
});
