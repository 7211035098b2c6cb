import { silentLogger } from "@voltfog/runtime";
import { systemClock } from "@voltfog/runtime/node";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noLinks } from "../testing/host-links.ts";
import { type Assignment, AssignmentDesk } from "./assignment.ts";
import { FunctionHost } from "./function-host.ts";
import type { FunctionManifest } from "./network-function.ts";
import { parseAssignment } from "./parse-assignment.ts";

const full: Assignment = {
  term: 3,
  controllerId: "controller",
  version: 7,
  peers: [{ unitId: "unit-2", url: "https://127.0.0.1:8093" }],
  functions: [
    {
      id: "thermal-alert",
      version: "2.0.0",
      vehicles: ["vehicle-01"],
      standby: ["vehicle-02"],
      settings: { "vehicle-01": { rate_Hz: 10 } },
      because: { "vehicle-01": "48 °C" },
    },
  ],
  states: { "vehicle-02": "unit-2" },
};

const manifest: FunctionManifest = {
  id: "thermal-alert",
  version: "2.0.0",
  inputs: ["telemetry"],
  rate_Hz: 10,
  cpu: 0.1,
  memory_MB: 64,
  latencyClass: "alert",
  cpuPerVehicle: 0.001,
  memoryPerVehicle_MB: 0.1,
  settings: [
    { name: "rate_Hz", default: 1, min: 0.1, max: 10, unit: "Hz", description: "samples seen" },
  ],
};

function desk(): AssignmentDesk {
  const functions = new FunctionHost({
    functions: [{ manifest, module: "none" }],
    stall_ms: 1000,
    clock: systemClock,
    logger: silentLogger,
    startThread: () => ({ post: () => undefined, stop: async () => undefined }),
    ...noLinks,
    found: () => undefined,
  });
  return new AssignmentDesk({ functions });
}

describe("an assignment", () => {
  test("is taken as it came, and so is the small one of before", () => {
    expect(parseAssignment(JSON.parse(JSON.stringify(full)))).toEqual({ ok: true, value: full });
    const small = { version: 1, functions: [{ id: "charge-guard", vehicles: [] }] };
    expect(parseAssignment(small)).toEqual({ ok: true, value: small });
  });

  test.each([
    ["a further field", { ...full, force: true }],
    ["a negative term", { ...full, term: -1 }],
    ["a peer without mutual TLS", { ...full, peers: [{ unitId: "unit-2", url: "http://a" }] }],
    ["a peer with a path", { ...full, peers: [{ unitId: "unit-2", url: "https://a/v1" }] }],
    ["a function named twice", { ...full, functions: [...full.functions, ...full.functions] }],
    ["a state from nowhere", { ...full, states: { "vehicle-02": 2 } }],
    ["a vehicle that is none", { ...full, states: { "../": "unit-2" } }],
    ["a setting in words", withSettings({ rate_Hz: "10" })],
    ["a setting that is null, as JSON makes of NaN", withSettings({ rate_Hz: null })],
    [
      "a setting that is a prototype",
      JSON.parse(
        '{"version":1,"functions":[{"id":"a","vehicles":[],"settings":{"v":{"__proto__":1}}}]}',
      ),
    ],
  ])("with %s is ASSIGNMENT_INVALID", (_name, body) => {
    expect(parseAssignment(body)).toMatchObject({
      ok: false,
      problem: { code: "ASSIGNMENT_INVALID" },
    });
  });

  test("gets a verdict whatever it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parseAssignment(value).ok).toBe(false);
        const odd = parseAssignment({ version: 1, functions: [{ id: "a", vehicles: value }] });
        expect(odd.ok).toBe(Array.isArray(value) && value.length === 0);
      }),
    );
  });
});

function withSettings(values: object): object {
  const settings = { "vehicle-01": values };
  return { version: 1, functions: [{ id: "thermal-alert", vehicles: [], settings }] };
}

describe("the desk", () => {
  test.each([
    ["SETTING_OUT_OF_RANGE", { rate_Hz: 11 }],
    ["SETTING_OUT_OF_RANGE", { rate_Hz: Number.NaN }],
    ["SETTING_UNKNOWN", { rate: 1 }],
    ["SETTING_UNKNOWN", { constructor: 1 }],
  ])("refuses with %s and takes nothing", (code, values) => {
    const taker = desk();
    const asked = withSettings(values) as Assignment;
    expect(taker.take(asked)).toMatchObject({ ok: false, problem: { code } });
    expect(taker.version).toBeNull();
  });

  test("refuses a version that the unit does not have", () => {
    const functions = [{ id: "thermal-alert", version: "9.9.9", vehicles: [] }];
    const taken = desk().take({ version: 1, functions });
    expect(taken).toMatchObject({ ok: false, problem: { code: "VERSION_UNKNOWN" } });
  });

  test("passes over a function that the unit does not know", () => {
    const taker = desk();
    expect(taker.take({ version: 4, functions: [{ id: "other", vehicles: [] }] }).ok).toBe(true);
    expect(taker.version).toBe(4);
  });
});
