import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deployFunction, withdrawFunction } from "./deploy-package.ts";
import { readPackageFolder } from "./package-folder.ts";

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "voltfog-deploy-"));
  folder = join(root, "functions");
});
afterEach(() => rmSync(root, { recursive: true }));

const manifest = (version: string): string =>
  JSON.stringify({
    ...{ id: "echo", version, inputs: ["telemetry"], rate_Hz: 1, cpu: 0.1, memory_MB: 32 },
    ...{ latencyClass: "bulk", cpuPerVehicle: 0.0001, memoryPerVehicle_MB: 0.01, settings: [] },
  });

function module(version: string, start = "onSample() {}"): string {
  const path = join(root, `${version}.mjs`);
  const adopt = "stateOf: () => undefined, adopt: () => ({ ok: true })";
  const text = `export const networkFunction = { manifest: ${manifest(version)}, start: () => ({ ${adopt}, ${start} }) };`;
  writeFileSync(path, text);
  return path;
}

const versions = async (): Promise<readonly string[]> =>
  (await readPackageFolder(folder)).functions.map((one) => one.manifest.version);

test("a module that works is deployed under its version, and again changes nothing", async () => {
  expect(await versions()).toEqual([]);
  for (let i = 0; i < 2; i++) await deployFunction({ module: module("1.0.0"), folder });
  await deployFunction({ module: module("1.1.0"), folder });
  expect(await versions()).toEqual(["1.0.0", "1.1.0"]);
});

test("the newest version is withdrawn first, and what is not there is said", async () => {
  await deployFunction({ module: module("1.10.0"), folder });
  await deployFunction({ module: module("1.9.0"), folder });
  expect((await withdrawFunction({ id: "echo", folder })).manifest.version).toBe("1.10.0");
  expect(await versions()).toEqual(["1.9.0"]);
  await withdrawFunction({ id: "echo", folder });
  expect(await versions()).toEqual([]);
  await expect(withdrawFunction({ id: "echo", folder })).rejects.toMatchObject({
    code: "PACKAGE_UNKNOWN",
  });
});

test.each([
  ["throws on a sample", "onSample() { throw new Error('no'); }"],
  [
    "gives a state that it does not take back",
    "stateOf: () => ({}), adopt: () => ({ ok: false, problem: { code: 'MALFORMED' } }), onSample() {}",
  ],
])("a module that %s is refused and leaves nothing behind", async (_name, start) => {
  const refused = deployFunction({ module: module("1.0.0", start), folder });
  await expect(refused).rejects.toMatchObject({ code: "MODULE_INVALID" });
  expect(readdirSync(root)).not.toContain("functions");
});

test("a version keeps its bytes, and a file that is no module is none", async () => {
  await deployFunction({ module: module("1.0.0"), folder });
  const other = deployFunction({ module: module("1.0.0", "onSample() { return 1; }"), folder });
  await expect(other).rejects.toMatchObject({ code: "VERSION_TAKEN" });
  const path = join(root, "none.mjs");
  writeFileSync(path, 'import "./other.mjs";');
  const none = deployFunction({ module: path, folder });
  await expect(none).rejects.toMatchObject({ code: "MODULE_INVALID" });
  const missing = deployFunction({ module: join(root, "missing"), folder });
  await expect(missing).rejects.toMatchObject({ code: "MODULE_UNREADABLE" });
});
