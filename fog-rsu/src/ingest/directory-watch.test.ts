import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, silentLogger } from "@voltfog/runtime";
import { nodeCrypto, replaceFileSync } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newSigner, TestVehicle } from "../testing/test-vehicle.ts";
import { DeviceDirectory } from "./device-directory.ts";
import { watchDirectory } from "./directory-watch.ts";

const [one, two] = [new TestVehicle("vehicle-01"), new TestVehicle("vehicle-02")];
let folder: string;
let path: string;
let clock: ManualClock;
let directory: DeviceDirectory;
let outcasts: string[];
let end: () => Promise<void>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-directory-"));
  path = join(folder, "enrolled.json");
  write([one.enrolment]);
  clock = new ManualClock();
  outcasts = [];
  directory = DeviceDirectory.load({ path, crypto: nodeCrypto });
  end = watchDirectory({
    path,
    directory,
    crypto: nodeCrypto,
    clock,
    logger: silentLogger,
    outcast: (ids) => outcasts.push(...ids),
  });
});
afterEach(async () => {
  await end();
  rmSync(folder, { recursive: true });
});

function write(rows: unknown): void {
  replaceFileSync(path, JSON.stringify(rows));
}

test("a vehicle that is enrolled later is known within a second, and nobody is put out", () => {
  write([one.enrolment, two.enrolment]);
  clock.advance(1000);
  expect(directory.deviceOf(two.id)?.keyId).toEqual(two.keyId);
  expect(outcasts).toEqual([]);
});

test("a vehicle that is revoked, gone or has another key is put out, once", () => {
  write([{ ...one.enrolment, revoked: true }]);
  clock.advance(1000);
  expect(directory.deviceOf(one.id)?.revoked).toBe(true);
  expect(outcasts).toEqual([one.id]);
  clock.advance(10_000);
  expect(outcasts).toEqual([one.id]);
  write([]);
  clock.advance(1000);
  expect(directory.deviceOf(one.id)).toBeUndefined();
  expect(outcasts).toEqual([one.id]);
});

test("another key for the same vehicle puts the old one out", () => {
  const key = Buffer.from(newSigner().publicKey).toString("hex");
  write([{ ...one.enrolment, key }]);
  clock.advance(1000);
  expect(outcasts).toEqual([one.id]);
});

test("a damaged list changes nothing, and the next good one counts", () => {
  writeFileSync(path, "[{");
  clock.advance(1000);
  expect(directory.deviceOf(one.id)?.revoked).toBe(false);
  write([{ ...one.enrolment, revoked: true }]);
  clock.advance(1000);
  expect(outcasts).toEqual([one.id]);
});
