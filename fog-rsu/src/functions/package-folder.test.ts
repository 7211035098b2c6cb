import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { noLinks } from "../testing/host-links.ts";
import { reading } from "../testing/test-vehicle.ts";
import { fixtureFunction } from "./fixtures/fixture-function.ts";
import { FunctionHost } from "./function-host.ts";
import {
  compareVersions,
  packageEnding,
  packageFormat,
  parseFunctionManifest,
  parseFunctionPackage,
} from "./function-package.ts";
import type { FunctionManifest } from "./network-function.ts";
import { followPackageFolder, readPackageFolder } from "./package-folder.ts";
import { startWorkerThread } from "./worker-thread.ts";

vi.setConfig({ testTimeout: 60_000 });

let folder: string;
const enders: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-functions-"));
});
afterEach(async () => {
  for (const end of enders.splice(0)) await end();
  rmSync(folder, { recursive: true });
});

const { manifest: base } = fixtureFunction({ id: "echo", onSample: () => undefined });

/** A module that says its version as an estimate. */
const moduleOf = (share: number): string => `export const networkFunction = {
  start: () => ({
    onSample(sample, findings) {
      const value = ${share};
      findings.estimate({ name: "soc", value, low: value, high: value, estimator: "file", at_ms: sample.wall_ms, suspect: null });
    },
    stateOf: () => undefined,
    adopt: () => ({ ok: true, value: undefined }),
  }),
};`;

function put(options: {
  name: string;
  text: string;
  manifest?: Partial<FunctionManifest>;
  sha256?: string;
}): void {
  const { name, text } = options;
  const sha256 = options.sha256 ?? createHash("sha256").update(text).digest("hex");
  const manifest = { ...base, ...options.manifest };
  writeFileSync(join(folder, `${name}.mjs`), text);
  const value = { format: packageFormat, module: `${name}.mjs`, sha256, manifest };
  writeFileSync(join(folder, `${name}${packageEnding}`), JSON.stringify(value));
}

async function codes(): Promise<readonly string[]> {
  return (await readPackageFolder(folder)).refused.map(({ code }) => code);
}

describe("a package is refused", () => {
  test("when its module was changed, is missing or is too large", async () => {
    put({ name: "a", text: moduleOf(0.1) });
    expect(await codes()).toEqual([]);
    writeFileSync(join(folder, "a.mjs"), moduleOf(0.2));
    expect(await codes()).toEqual(["MODULE_CHANGED"]);
    unlinkSync(join(folder, "a.mjs"));
    expect(await codes()).toEqual(["MODULE_MISSING"]);
    put({ name: "a", text: " ".repeat(5_000_000) });
    expect(await codes()).toEqual(["MODULE_TOO_LARGE"]);
  });

  test("when it is none, leads out of the folder or is there twice", async () => {
    writeFileSync(join(folder, `x${packageEnding}`), "{");
    put({ name: "a", text: moduleOf(0.1) });
    put({ name: "b", text: moduleOf(0.2) });
    expect(await codes()).toEqual(["PACKAGE_TWICE", "PACKAGE_INVALID"]);
    const value = { format: packageFormat, module: "../a.mjs", sha256: "0".repeat(64) };
    writeFileSync(join(folder, `b${packageEnding}`), JSON.stringify({ ...value, manifest: base }));
    expect(await codes()).toEqual(["PACKAGE_INVALID", "PACKAGE_INVALID"]);
  });
});

test("a package and a manifest are read strictly", () => {
  const value = { format: packageFormat, module: "a.mjs", sha256: "0".repeat(64), manifest: base };
  expect(parseFunctionPackage(value).ok).toBe(true);
  expect(parseFunctionManifest({ ...base, rate_Hz: Number.NaN }).ok).toBe(false);
  expect(parseFunctionManifest({ ...base, version: "1" }).ok).toBe(false);
  const setting = { name: "a", default: 2, min: 0, max: 1, unit: "", description: "" };
  expect(parseFunctionManifest({ ...base, settings: [setting] }).ok).toBe(false);
  fc.assert(
    fc.property(fc.jsonValue(), (odd) => {
      expect(parseFunctionPackage(odd).ok).toBe(false);
      expect(parseFunctionManifest(odd).ok).toBe(false);
      expect(parseFunctionPackage({ ...value, manifest: odd }).ok).toBe(false);
    }),
  );
});

test("versions are compared by their numbers", () => {
  const versions = ["1.10.0", "1.9.9", "2.0.0", "1.9.10"];
  expect(versions.toSorted(compareVersions)).toEqual(["1.9.9", "1.9.10", "1.10.0", "2.0.0"]);
});

test("a running unit follows the folder: a newer version serves, a broken one is taken back, a withdrawn one goes", async () => {
  const values: number[] = [];
  const host = new FunctionHost({
    ...noLinks,
    functions: [],
    stall_ms: 20_000,
    clock: systemClock,
    logger: silentLogger,
    startThread: startWorkerThread,
    found: (finding) => {
      if (finding.kind === "estimate") values.push(finding.estimate.value);
    },
  });
  host.start();
  const clock = {
    ...systemClock,
    after: (_: number, task: () => void) => systemClock.after(50, task),
  };
  const end = followPackageFolder({
    ...{ folder, clock },
    changed: (contents) => host.deploy(contents),
    failed: () => undefined,
  });
  enders.push(end, () => host.stop());
  let logIndex = 0;
  const said = async (value: number): Promise<void> => {
    await vi.waitFor(
      () => {
        const commitment = "00".repeat(32);
        const frame = {
          logIndex: logIndex++,
          stream: "telemetry",
          sequence: 1,
          commitment,
        } as const;
        const samples = [reading({ monotonic_ms: 1000 * logIndex })];
        host.show([
          {
            ...{ vehicleId: "vehicle-01", boot: 1 },
            payload: { type: "telemetry", origin: "simulated", source: "a test", samples },
            reference: { ...frame, origin: "simulated" },
          },
        ]);
        expect(values.at(-1)).toBe(value);
      },
      { timeout: 20_000, interval: 50 },
    );
  };
  put({ name: "one", text: moduleOf(0.1), manifest: { version: "1.0.0" } });
  await said(0.1);
  put({ name: "two", text: moduleOf(0.2), manifest: { version: "1.1.0" } });
  await said(0.2);
  put({ name: "three", text: "throw new Error('broken')", manifest: { version: "1.2.0" } });
  await vi.waitFor(() => expect(host.status[0]?.failed).toHaveLength(1), 20_000);
  expect(host.status[0]).toMatchObject({ version: "1.1.0", failed: [{ version: "1.2.0" }] });
  await said(0.2);
  unlinkSync(join(folder, `two${packageEnding}`));
  await said(0.1);
  expect(host.status[0]).toMatchObject({ version: "1.0.0", versions: ["1.0.0", "1.2.0"] });
});
