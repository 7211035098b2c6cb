import { ManualClock } from "@voltfog/runtime";
import { expect, test } from "vitest";
import type { EventFinding } from "../events/event-register.ts";
import type { FunctionAssignment } from "./assignment.ts";
import { library } from "./built-in.ts";
import { FunctionChanges } from "./function-changes.ts";
import type { FrameReference } from "./network-function.ts";

const frame: FrameReference = {
  ...{ logIndex: 7, stream: "telemetry", sequence: 8, commitment: "ab".repeat(32) },
  origin: "simulated",
};

class Desk {
  readonly deeds: EventFinding[] = [];
  readonly changes: FunctionChanges;

  constructor() {
    const record = (deed: EventFinding): boolean => this.deeds.push(deed) > 0;
    this.changes = new FunctionChanges({ record, clock: new ManualClock(9000) });
  }

  assign(
    changes: Partial<FunctionAssignment>,
    options: { leaveOut?: string; frame?: FrameReference } = { frame },
  ): string[] {
    const functions = library
      .map(({ manifest: { id } }) => ({
        ...{ id, vehicles: ["vehicle-01"] },
        ...(id === "temperature-regulation" ? changes : {}),
      }))
      .filter(({ id }) => id !== options.leaveOut);
    this.changes.assigned({
      assignment: { version: 1, functions },
      manifests: library.map(({ manifest }) => manifest),
      frameOf: () => options.frame,
    });
    return this.said();
  }

  said(): string[] {
    return this.deeds.splice(0).map(({ condition, sentence }) => `${condition}; ${sentence}`);
  }
}

const faster = {
  settings: { "vehicle-01": { rate_Hz: 4 } },
  because: { "vehicle-01": "hottest sensor 43 °C" },
};

test("each setting that an assignment changes is said once, with from, to and why", () => {
  const desk = new Desk();
  expect(desk.assign({})).toEqual([]);
  expect(desk.assign(faster)).toEqual([
    "set rate hz; temperature-regulation 1.1.0 of vehicle-01: rate_Hz from 1 to 4 Hz: hottest sensor 43 °C",
  ]);
  expect(desk.assign(faster)).toEqual([]);
  expect(desk.assign({})).toEqual([
    "set rate hz; temperature-regulation 1.1.0 of vehicle-01: rate_Hz from 4 to 1 Hz: nothing asks for another value",
  ]);
});

test("which functions serve a vehicle is a change, and a vehicle that left the unit is none", () => {
  const desk = new Desk();
  expect(desk.assign({}, { frame, leaveOut: "cell-balancing" })).toEqual([
    "set serves; cell-balancing 1.1.0 no longer serves vehicle-01: the controller's choice is now thermal-alert, charge-guard, state-estimation, charging-control, temperature-regulation",
  ]);
  expect(desk.assign({})).toEqual([
    "set serves; cell-balancing 1.1.0 serves vehicle-01: the controller's choice is now thermal-alert, charge-guard, state-estimation, charging-control, temperature-regulation, cell-balancing",
  ]);
  desk.changes.assigned({
    assignment: { version: 2, functions: [] },
    manifests: library.map(({ manifest }) => manifest),
    frameOf: () => frame,
  });
  expect(desk.said()).toEqual([]);
});

test("a change waits for the first frame of its vehicle and holds from it on", () => {
  const desk = new Desk();
  expect(desk.assign(faster, {})).toEqual([]);
  desk.changes.seen("vehicle-02", frame);
  expect(desk.said()).toEqual([]);
  desk.changes.seen("vehicle-01", frame);
  desk.changes.seen("vehicle-01", frame);
  expect(desk.said()).toEqual([expect.stringMatching(/^begin rate hz; .* from 1 to 4 Hz/)]);
});

test("what was in force before a restart is no change after it", () => {
  const desk = new Desk();
  const recorded = {
    ...{ salt: new Uint8Array(16), recorded_ms: 1, logIndex: 7, standing: 0 },
    condition: "set rate hz",
  };
  const event = {
    ...({ id: "00".repeat(32), class: "function-change", state: "asserted", level: 1 } as const),
    ...{ vehicleId: "vehicle-01", unitId: "unit-1", functionId: "temperature-regulation" },
    ...{ functionVersion: "1.1.0", cell: null, value: 4, limit: 1, unit: "Hz", at_ms: 5 },
    ...{ frame, sentence: "" },
    origin: "simulated",
  } as const;
  desk.changes.restore({ ...recorded, event });
  expect(desk.assign(faster)).toEqual([]);
  expect(desk.assign({})).toHaveLength(1);
});

test("a take-over is said with how, how old and what was refused", () => {
  const desk = new Desk();
  const report = { vehicleId: "vehicle-01", from: "unit-1", frame, at_ms: 5 } as const;
  const refusals = { "thermal-alert": "a state of version 1.0.0" };
  desk.changes.tookOver({ ...report, states: "copy", age_ms: 640, refusals });
  expect(desk.deeds[0]).toMatchObject({ class: "function-change", value: 0.64, unit: "s", frame });
  expect(desk.said()).toEqual([
    "take over; vehicle-01 is taken over from unit-1 with copies 0.6 s old, for it does not answer; thermal-alert starts anew: a state of version 1.0.0",
  ]);
});
