import { type LogFields, silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, expect, test, vi } from "vitest";
import type { DurableFrame } from "../log/durable-frame.ts";
import { noLinks } from "../testing/host-links.ts";
import { reading } from "../testing/test-vehicle.ts";
import { networkFunction as babbling } from "./fixtures/babbling-function.ts";
import { networkFunction as looping } from "./fixtures/looping-function.ts";
import { networkFunction as throwing } from "./fixtures/throwing-function.ts";
import { FunctionHost } from "./function-host.ts";
import type { Finding, FunctionManifest } from "./network-function.ts";
import { startWorkerThread } from "./worker-thread.ts";

const hosts: FunctionHost[] = [];

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

function hosted(functions: readonly { manifest: FunctionManifest; fixture: string }[]): {
  host: FunctionHost;
  seen: () => readonly string[];
  said: readonly [string, LogFields][];
} {
  const found: [Finding, FunctionManifest][] = [];
  const said: [string, LogFields][] = [];
  const host = new FunctionHost({
    functions: functions.map(({ manifest, fixture }) => ({
      manifest,
      module: new URL(`./fixtures/${fixture}.ts`, import.meta.url).href,
    })),
    stall_ms: 500,
    clock: systemClock,
    logger: { ...silentLogger, warn: (phrase, fields = {}) => void said.push([phrase, fields]) },
    startThread: startWorkerThread,
    ...noLinks,
    found: (finding, by) => void found.push([finding, by]),
  });
  hosts.push(host);
  host.start();
  const seen = (): readonly string[] =>
    found.map(([{ vehicleId }, { id }]) => `${id} ${vehicleId}`);
  return { host, seen, said };
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

const both = [
  { manifest: throwing.manifest, fixture: "throwing-function" },
  { manifest: looping.manifest, fixture: "looping-function" },
];

test("a function that throws is said, starts again and goes on with what came behind", async () => {
  const { host, seen, said } = hosted(both.slice(0, 1));
  host.show([frame("vehicle-01", 0)]);
  host.show([frame("vehicle-poison", 1)]);
  host.show([frame("vehicle-02", 2)]);
  await vi.waitFor(
    () => expect(seen()).toEqual(["throwing vehicle-01", "throwing vehicle-02"]),
    20_000,
  );
  expect(said[0]).toMatchObject(["function failed and starts again", { reason: "poisoned" }]);
  expect(host.status[0]?.health).toMatchObject({
    state: "running",
    lastFailure: "poisoned",
    samplesSeen: 2,
    samplesShed: 1,
  });
}, 30_000);

test("a function in an endless loop is ended and starts again, and the other one never waits for it", async () => {
  const { host, seen, said } = hosted(both);
  host.assign({
    version: 1,
    functions: [
      { id: "throwing", vehicles: ["vehicle-01", "vehicle-02"] },
      { id: "looping", vehicles: ["vehicle-poison", "vehicle-02"] },
    ],
  });
  host.show([frame("vehicle-01", 0)]);
  host.show([frame("vehicle-poison", 1)]);
  host.show([frame("vehicle-02", 2)]);
  await vi.waitFor(() => expect(seen()).toContain("throwing vehicle-02"), 20_000);
  await vi.waitFor(() => expect(seen()).toContain("looping vehicle-02"), 20_000);
  expect(seen()).not.toContain("looping vehicle-01");
  expect(said.map(([, { functionId }]) => functionId)).toEqual(["looping"]);
  expect(host.status.map(({ health }) => health.restarts)).toEqual([0, 1]);
}, 30_000);

test.each(["vehicle-01", "vehicle-02"])(
  "a function that says what no function says is started anew (%s)",
  async (vehicleId) => {
    const { host } = hosted([{ manifest: babbling.manifest, fixture: "babbling-function" }]);
    host.show([frame(vehicleId, 0)]);
    await vi.waitFor(
      () =>
        expect(host.status[0]?.health).toMatchObject({ restarts: 1, samplesShed: 1, backlog: 0 }),
      20_000,
    );
  },
  30_000,
);

test("a function that the assignment leaves out serves nobody here", async () => {
  const { host, seen } = hosted(both);
  host.assign({ version: 1, functions: [{ id: "throwing", vehicles: ["vehicle-02"] }] });
  host.show([frame("vehicle-01", 0), frame("vehicle-02", 1)]);
  await vi.waitFor(() => {
    expect(host.status.map(({ health }) => health.samplesSeen)).toEqual([2, 2]);
  }, 20_000);
  expect(seen()).toEqual(["throwing vehicle-02"]);
  expect(host.status.map(({ vehicles }) => vehicles)).toEqual([["vehicle-02"], []]);
}, 30_000);
