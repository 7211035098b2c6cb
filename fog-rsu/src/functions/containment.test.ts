import { ManualClock, silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { DurableFrame } from "../log/durable-frame.ts";
import { noLinks } from "../testing/host-links.ts";
import { reading } from "../testing/test-vehicle.ts";
import { checkFindings } from "./check-findings.ts";
import { networkFunction as flooding } from "./fixtures/flooding-function.ts";
import { networkFunction as hoarding } from "./fixtures/hoarding-function.ts";
import { networkFunction as throwing } from "./fixtures/throwing-function.ts";
import { networkFunction as unsaveable } from "./fixtures/unsaveable-function.ts";
import { FunctionHost } from "./function-host.ts";
import { MemoryGuard } from "./memory-guard.ts";
import type { FunctionManifest, NetworkFunction } from "./network-function.ts";
import { arrivalsOf, packBatch } from "./sample-batch.ts";
import { startWorkerThread } from "./worker-thread.ts";

vi.setConfig({ testTimeout: 60_000 });

const hosts: FunctionHost[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

function hosted(definition: NetworkFunction): { host: FunctionHost; seen: readonly string[] } {
  const seen: string[] = [];
  const functions = [definition, throwing].map(({ manifest }) => ({
    manifest,
    module: new URL(`./fixtures/${manifest.id}-function.ts`, import.meta.url).href,
  }));
  const host = new FunctionHost({
    ...noLinks,
    functions,
    stall_ms: 20_000,
    clock: systemClock,
    logger: silentLogger,
    startThread: startWorkerThread,
    found: (finding, { id }: FunctionManifest) =>
      void seen.push(`${id} ${finding.kind} ${finding.vehicleId} ${finding.frame.logIndex}`),
  });
  hosts.push(host);
  host.start();
  return { host, seen };
}

function frame(vehicleId: string, logIndex: number): DurableFrame {
  const commitment = "00".repeat(32);
  return {
    vehicleId,
    boot: 1,
    payload: { type: "telemetry", origin: "simulated", source: "a test", samples: [reading()] },
    reference: { logIndex, stream: "telemetry", sequence: 1, commitment, origin: "simulated" },
  };
}

describe("a function is ended and starts again, the others never notice, and it is said", () => {
  test.each([
    [hoarding, "vehicle-heap", /memory/],
    [hoarding, "vehicle-buffers", /MB of buffers outside of its heap/],
    [flooding, "vehicle-flood", /findings of 1 samples/],
    [flooding, "vehicle-forged", /a finding of a frame that it was not shown/],
  ])("when it does harm (%#)", async ({ manifest }, harmful, reason) => {
    const { host, seen } = hosted(manifest.id === "hoarding" ? hoarding : flooding);
    host.show([frame("vehicle-01", 0)]);
    await vi.waitFor(() => expect(seen).toHaveLength(2), 30_000);
    host.show([frame(harmful, 1)]);
    await vi.waitFor(() => expect(host.status[0]?.health.restarts).toBe(1), 30_000);
    host.show([frame("vehicle-02", 2)]);
    const estimate = `${manifest.id} estimate vehicle-02 2`;
    await vi.waitFor(() => expect(seen).toContain(estimate), 30_000);
    expect(host.status[0]?.health).toMatchObject({ samplesShed: 1, state: "running" });
    expect(host.status[0]?.health.lastFailure).toMatch(reason);
    expect(host.status[1]?.health).toMatchObject({ restarts: 0, samplesSeen: 3 });
    expect(seen.filter((one) => one.includes(" command "))).toEqual([]);
  });
});

test("a function that dies of being asked for its states is not asked any more", async () => {
  const { host, seen } = hosted(unsaveable);
  host.show([frame("vehicle-01", 0)]);
  for (let i = 0; i < 8; i++) expect(await host.statesOf(["vehicle-01"])).toEqual([]);
  host.show([frame("vehicle-02", 1)]);
  await vi.waitFor(() => expect(seen).toContain("unsaveable estimate vehicle-02 1"), 20_000);
  const { restarts, lastFailure } = host.status[0]?.health ?? {};
  expect(lastFailure).toBe("mine");
  expect(restarts).toBeGreaterThanOrEqual(3);
  for (let i = 0; i < 3; i++) expect(await host.statesOf(["vehicle-01"])).toEqual([]);
  host.show([frame("vehicle-03", 2)]);
  await vi.waitFor(() => expect(seen).toContain("unsaveable estimate vehicle-03 2"), 20_000);
  expect(host.status[0]?.health.restarts).toBe(restarts);
});

describe("what a thread posts as findings", () => {
  const shown = frame("vehicle-01", 5);
  const batch = packBatch(arrivalsOf([shown]));
  const estimate = {
    ...{ name: "soc", value: 0.5, low: 0.4, high: 0.6, estimator: "test", at_ms: 1 },
    suspect: null,
  };
  const finding = {
    ...{ kind: "estimate", vehicleId: "vehicle-01", at_ms: 1, frame: shown.reference },
    estimate,
  };

  test("is taken with the frame that the unit itself knows", () => {
    const forged = { ...finding, frame: { ...shown.reference, commitment: "ff".repeat(32) } };
    const checked = checkFindings([forged], batch);
    expect(checked).toEqual({ ok: true, value: [finding] });
  });

  test.each([
    ["nothing", null],
    ["no finding", { kind: "estimate" }],
    ["a kind that is none", { ...finding, kind: "order" }],
    ["a vehicle of another frame", { ...finding, vehicleId: "vehicle-02" }],
    ["a time that is no number", { ...finding, at_ms: Number.NaN }],
    ["an estimate that is no number", { ...finding, estimate: { ...estimate, value: Number.NaN } }],
    ["an estimate beside its interval", { ...finding, estimate: { ...estimate, low: 0.7 } }],
    ["an estimate of nothing known", { ...finding, estimate: { ...estimate, name: "luck" } }],
    ["a request without a value", { ...finding, kind: "command", request: {} }],
  ])("is refused with %s", (_name, posted) => {
    expect(checkFindings([posted], batch).ok).toBe(false);
    expect(checkFindings([finding], undefined).ok).toBe(false);
  });
});

test("the function that is busiest while the process grows is ended, and none while all answer", () => {
  const ended: string[] = [];
  let resident_bytes = 1e9;
  const busy = { a: 0, b: 0 };
  const guard = new MemoryGuard({
    ...{ clock: new ManualClock(), logger: silentLogger },
    resident_bytes: () => resident_bytes,
    functions: () =>
      (["a", "b"] as const).map((id) => ({
        manifest: { ...throwing.manifest, id },
        busy_ms: busy[id],
        end: (reason: string) => void ended.push(`${id}: ${reason}`),
      })),
  });
  guard.look();
  resident_bytes = 4e9;
  guard.look();
  Object.assign(busy, { a: 500, b: 3000 });
  guard.look();
  expect(ended).toEqual([]);
  resident_bytes = 5e9;
  guard.look();
  expect(ended).toEqual(["b: the process grew by 954 MB while it was busy"]);
});
