import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyIdOf, sealFrame, upTopic } from "@voltfog/messages";
import type { VehicleId } from "@voltfog/runtime";
import { loadSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunReport } from "../../cli/src/report/write-report.ts";
import type { FrameView } from "../../cloud/src/api/responses.ts";
import { type CountedSite, startCountedSite } from "../faults/counted-site.ts";
import { eventually, voltfog, voltfogMain } from "./running-site.ts";
import { askBackbone, identityOf, mqttAt } from "./site-clients.ts";

/**
 * A vehicle that takes ten samples a second changes its key twice and goes on. Everything is asked of
 * real processes; the count at the end is of the disk alone.
 */
const vehicle = "vehicle-01" as VehicleId;
const unit = "unit-1";
const folder = mkdtempSync(join(tmpdir(), "voltfog-rotation-"));
let site: CountedSite;
let rotations: readonly Rotated[];
/** The vehicle's first identity, kept by somebody. */
let old: ReturnType<typeof identityOf>;

interface Rotated {
  readonly key: string;
  readonly telemetry: number;
  readonly transaction: string;
}

beforeAll(async () => {
  site = await startCountedSite(
    ...["--units", "1", "--vehicles", "2", "--rate", "10", "--frame-age", "1s"],
  );
  old = identityOf(site, vehicle);
  writeFileSync(join(folder, "old.key"), old.key);
  await storedAbove(5);
  const first = await rotate();
  await storedAbove(first.telemetry + 5);
  const second = await rotate();
  await storedAbove(second.telemetry + 5);
  rotations = [first, second];
});
afterAll(async () => {
  await site?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function rotate(): Promise<Rotated> {
  const done = await voltfog("enrol", "rotate", vehicle, "--data", site.dataDir, "--json");
  if (done.code !== 0) throw new Error(done.stderr);
  return JSON.parse(done.stdout) as Rotated;
}

async function telemetry(): Promise<readonly FrameView[]> {
  const path = `/v1/vehicles/${vehicle}/frames?stream=telemetry&limit=500`;
  return (await site.ask<readonly FrameView[]>("cloud", path)) ?? [];
}

async function storedAbove(sequence: number): Promise<void> {
  await eventually(`the cloud to hold frames above ${sequence}`, async () =>
    (await telemetry()).some((frame) => frame.sequence > sequence) ? true : undefined,
  );
}

/** The key that a frame's bundle proves, once the frame is final. */
function provenKey(sequence: number): Promise<string> {
  const out = join(folder, `${sequence}.vfb`);
  return eventually(`frame ${sequence} to be final`, async () => {
    const asked = ["--vehicle", vehicle, "--frame", `${sequence}`, "--out", out];
    const made = await voltfog("proof", "--data", site.dataDir, ...asked);
    if (made.code !== 0) return undefined;
    const told = await voltfog(
      ...["verify", out, "--genesis", join(site.dataDir, "genesis.json"), "--json"],
    );
    if (told.code !== 0) return undefined;
    return (JSON.parse(told.stdout) as { vehicle: { key: string } }).vehicle.key;
  });
}

test("a vehicle that has no site's folder asks the registrar, and goes on with its new key", async () => {
  const registrar = spawn(process.execPath, [
    voltfogMain,
    "enrol",
    "serve",
    "--data",
    site.dataDir,
  ]);
  let said = "";
  registrar.stdout.on("data", (part) => {
    said += String(part);
  });
  const url = await eventually("the registrar", async () => /https:\S+?(?=;)/.exec(said)?.[0]);
  const at = (...path: string[]): string => join(site.dataDir, ...path);
  const before = identityOf(site, "vehicle-02");
  const done = await voltfog(
    ...["enrol", "rotate", "vehicle-02", "--url", url, "--genesis", at("genesis.json")],
    ...["--authority", at("certificates", "ca.crt"), "--keys", at("keys")],
    ...["--certificates", at("certificates")],
  );
  expect(done).toMatchObject({ code: 0 });
  expect(identityOf(site, "vehicle-02").key).not.toBe(before.key);
  await eventually(
    "the chain to know it",
    async () => /vehicle-02 is on the chain/.exec(said)?.[0],
  );
  await eventually("the vehicle to be connected", async () => {
    const status = await site.ask<{ connectedVehicles: readonly string[] }>(unit, "/v1/status");
    return status?.connectedVehicles.includes("vehicle-02") === true ? true : undefined;
  });
  registrar.kill("SIGINT");
  await once(registrar, "close");
});

test("each frame is proven by the key that stood at its place", async () => {
  const [first, second] = rotations as [Rotated, Rotated];
  const signer = loadSigningKey(join(folder, "old.key"));
  const original = Buffer.from(signer.publicKey).toString("hex");
  expect(await provenKey(first.telemetry)).toBe(original);
  expect(await provenKey(first.telemetry + 1)).toBe(first.key);
  expect(await provenKey(second.telemetry)).toBe(first.key);
  expect(await provenKey(second.telemetry + 1)).toBe(second.key);
  expect(new Set([original, first.key, second.key]).size).toBe(3);
});

test("the old key opens no connection any more, and signs no frame", async () => {
  await expect(mqttAt(site, unit, { clientId: vehicle, identity: old })).rejects.toThrow(
    /not authorized/i,
  );
  const asked = { path: `/v1/attachments/${vehicle}`, identity: old };
  expect(await askBackbone(site, "controller", asked)).toMatchObject({ status: 403 });
  const signer = loadSigningKey(join(folder, "old.key"));
  const bytes = sealFrame({
    header: {
      vehicleId: vehicle,
      keyId: keyIdOf({ publicKey: signer.publicKey, crypto: nodeCrypto }),
      boot: 1,
      stream: "telemetry",
      sequence: 1_000_000,
      previous: new Uint8Array(32),
      salt: new Uint8Array(16),
      wall_ms: Date.now(),
      monotonic_ms: 1,
      clockQuality: "unknown",
    },
    payload: {
      type: "gap",
      firstSequence: 0,
      lastSequence: 0,
      samples: 1,
      from_ms: 1,
      to_ms: 2,
      cause: "disk-error",
    },
    signer,
  });
  // Even a connection of the vehicle's own, by its present key, carries nothing new of the old one.
  await eventually("the frame to be answered", () => answered(Buffer.from(bytes)));
  const status = await site.ask<{ refusals: object }>(unit, "/v1/status");
  expect(Object.keys(status?.refusals ?? {})).toEqual(["KEY_REPLACED"]);
});

/** Undefined when the vehicle itself, which has the same name, took the connection over before the answer. */
async function answered(frame: Buffer): Promise<true | undefined> {
  const login = { clientId: vehicle, identity: identityOf(site, vehicle) };
  const client = await mqttAt(site, unit, login).catch(() => undefined);
  if (client === undefined) return undefined;
  const answer = client.publishAsync(upTopic(vehicle, "telemetry"), frame, { qos: 1 });
  const isAnswered = await Promise.race([
    answer.then(
      () => true as const,
      () => undefined,
    ),
    new Promise<undefined>((resolve) => client.once("close", () => resolve(undefined))),
  ]);
  await client.endAsync(true).catch(() => {});
  return isAnswered;
}

test("no frame is lost, refused or logged twice, and the chain of frames goes on linked", async () => {
  const stored = await telemetry();
  const numbers = stored.map(({ sequence }) => sequence).sort((a, b) => a - b);
  expect(numbers).toEqual(numbers.map((_, place) => place + 1));
  expect(new Set(stored.map(({ link }) => link))).toEqual(new Set(["linked"]));
  const report: RunReport = await site.count();
  expect(report.samplesSent).toBeGreaterThan(0);
  expect(report).toMatchObject({ unexplainedLoss: 0, framesRefused: {}, gapsDeclared: 0 });
  expect(report.samplesDurable).toBe(report.samplesSent);
  expect(report.samplesStored).toBe(report.samplesSent);
  expect(report.verified).toMatchObject({ failed: 0, reasons: [] });
});
