import { expect, test } from "vitest";
import type { EventView, FrameView } from "../api/responses.ts";
import { eventSteps } from "./event-steps.ts";
import { type EventEvidence, stepNames } from "./step-view.ts";

const commitment = "ab".repeat(32);
const event: EventView = {
  ...{ id: "cd".repeat(32), class: "thermal-alert", state: "asserted", level: 2 },
  ...{
    vehicleId: "car-1",
    unitId: "unit-1",
    functionId: "thermal-alert",
    functionVersion: "1.2.0",
  },
  ...{ cell: 3, value: 51, limit: 50, unit: "degC", at_ms: 1000, origin: "replayed" },
  frame: { stream: "telemetry", sequence: 7, commitment },
  ...{ sentence: "car-1: cell 3 is 51 °C.", cursor: 5, recorded_ms: 1100, salt: "00" },
  ...{ finality: "final", finalHeight: 9, final_ms: 3100, resultIndex: 40 },
};
const frame: FrameView = {
  ...{ vehicleId: "car-1", kind: "frame", stream: "telemetry", sequence: 7, commitment },
  ...{ unitId: "unit-1", logIndex: 12, samples: 10, code: null, alarm: null, wall_ms: 1000 },
  ...{ accepted_ms: 1040, stored_ms: 1090, duplicate: false, link: "linked" },
  ...{ finality: "final", finalHeight: 8, final_ms: 2000 },
};
const attachment = {
  ...{ vehicleId: "car-1", unitId: "unit-1", standbyUnitId: "unit-2", phase: "settled" as const },
  ...{ latency_ms: 2, reason: "lowest latency (2.0 ms)", since_ms: 500 },
  considered: [{ unitId: "unit-2", verdict: "slower", latency_ms: 30, load: 1, score: null }],
  functions: [
    {
      ...{ id: "thermal-alert", version: "1.2.0", because: "the pack is at 47 °C" },
      settings: { limit_degC: 50 },
    },
  ],
};
const placements = { version: 1, term: 2, cost: 4, attachments: [attachment], functions: [] };
const view = {
  ...{ height: 9, hash: "", time_ms: 3000, proposer: "validator-1", round: 0, transactions: 1 },
  ...{ checkpoints: 0, events: 1, signers: ["validator-1", "validator-2"], size_bytes: 1 },
};
const result = {
  ...{
    height: 9,
    txIndex: 0,
    index: 40,
    hash: "ef".repeat(32),
    sender: "unit-1",
    module: "events",
    action: "record",
  },
  ...{ code: "OK", sentence: "" },
};
const full: EventEvidence = {
  ...{ event, frame, placements, history: { moves: [] }, validators: 3 },
  ...{ changeBefore: undefined, changesAfter: [], followed: [], block: { view, result } },
  running: { id: "thermal-alert", version: "1.2.0", vehicles: 2, health: "running" },
};
const away = { missing: "this site has no controller" };

function step(name: (typeof stepNames)[number], changes: Partial<EventEvidence> = {}) {
  const found = eventSteps({ ...full, ...changes }).find((one) => one.step === name);
  if (found === undefined) throw new Error(`no step ${name}`);
  return found;
}

test("the steps come in the published order, each with what it is about", () => {
  const steps = eventSteps(full);
  expect(steps.map((one) => one.step)).toEqual(stepNames);
  expect(step("collect").where).toMatchObject({ stream: "telemetry", sequence: 7, commitment });
  expect(step("process").where).toMatchObject({ unitId: "unit-1", logIndex: 12 });
  expect(step("record").where).toMatchObject({ transaction: result.hash, resultIndex: 40 });
  expect(step("verify").where).toMatchObject({
    ...{ height: 9, proof: `/v1/events/${event.id}/bundle` },
  });
});

test("times follow the reading; what stood before it is no part of them", () => {
  const times = eventSteps(full).map(({ after_ms }) => after_ms);
  expect(times).toEqual([null, 40, null, null, 60, 2000, null, null]);
  expect(step("deploy")).toMatchObject({ standing: true, at_ms: 500, clock: "controller" });
});

test("selection and place carry the controller's reasons, settings and other units", () => {
  expect(step("select").sentence).toContain("the pack is at 47 °C");
  expect(step("select").details[0]).toContain("limit_degC 50");
  expect(step("deploy").sentence).toContain("lowest latency");
  expect(step("deploy").details).toEqual([
    "unit-2 was slower.",
    "unit-2 keeps a copy of the function's state.",
  ]);
});

test("a change of functions before the event is how its function was selected", () => {
  const changeBefore = {
    ...event,
    recorded_ms: 200,
    sentence: "thermal-alert runs faster on car-1.",
  };
  expect(step("select", { changeBefore, placements: away })).toMatchObject({
    ...{ known: true, at_ms: 200, sentence: "thermal-alert runs faster on car-1." },
  });
});

test("an attachment that came after the event says nothing of it; a move before it does", () => {
  const later = { ...placements, attachments: [{ ...attachment, since_ms: 9000 }] };
  expect(step("deploy", { placements: later })).toMatchObject({ at_ms: null, known: true });
  const move = { at_ms: 300, vehicleId: "car-1", from: "unit-2", to: "unit-1", trigger: "dead" };
  const moves = [
    { ...move, at_ms: 9000, to: "unit-2", why: "back" },
    { ...move, why: "unit-2 died" },
  ];
  const found = step("deploy", { placements: later, history: { moves } });
  expect(found).toMatchObject({ at_ms: 300, clock: "controller" });
  expect(found.sentence).toContain("unit-2 died");
  expect(step("adapt", { history: { moves } })).toMatchObject({ at_ms: 9000, known: true });
});

test("without controller, frame and block the steps say what is not known, and why", () => {
  const little: Partial<EventEvidence> = {
    ...{ frame: undefined, placements: away, history: away, block: undefined, running: undefined },
    event: { ...event, finality: "logged", finalHeight: null, final_ms: null, resultIndex: null },
  };
  const known = eventSteps({ ...full, ...little }).map((one) => one.known);
  expect(known).toEqual([true, false, false, true, true, false, false, false]);
  expect(step("process", little).sentence).toContain("is not stored here");
  expect(step("select", little).sentence).toContain("this site has no controller");
  expect(step("deploy", little).sentence).toContain("Why there is not known");
  expect(step("verify", little).sentence).toContain("Not verified yet");
});

test("a function that is not selected now is said to be so, and whether the unit has it at all", () => {
  const other = { ...placements, attachments: [{ ...attachment, functions: [] }] };
  const now = step("select", { placements: other });
  expect([now.known, now.sentence]).toEqual([false, expect.stringContaining("is not known")]);
  const gone = step("select", { placements: other, running: undefined });
  expect(gone.sentence).toContain("none of unit-1's functions");
});

test("a change of a function is its own selection", () => {
  const change = { ...event, class: "function-change" as const, sentence: "limit from 50 to 48" };
  expect(step("select", { event: change })).toMatchObject({
    at_ms: 1100,
    sentence: "limit from 50 to 48.",
  });
  expect(step("record", { event: change }).sentence).toContain("took over the change");
});

test("what was found next and changed next are the last two steps", () => {
  const next = { ...event, recorded_ms: 5100, sentence: "car-1: cell 3 is 45 °C again." };
  const change = { ...next, recorded_ms: 6100, sentence: "thermal-alert asks more often." };
  const found = { followed: [next], changesAfter: [change] };
  expect(step("run", found)).toMatchObject({ after_ms: 4000, afterStep: "record", clock: "unit" });
  expect(step("run", found).sentence).toContain(next.sentence);
  expect(step("adapt", found)).toMatchObject({ sentence: change.sentence, after_ms: 5000 });
});

test("the functions that go on for the vehicle are told, of an event that none of them found too", () => {
  const own = { ...event, functionId: "intake" };
  const found = step("run", { event: own, running: undefined });
  expect(found).toMatchObject({ known: true, at_ms: null });
  expect(found.sentence).toBe("On unit-1 now work for car-1: thermal-alert.");
});

test("a refused frame is said to be refused", () => {
  const refused = { ...frame, kind: "refused" as const, code: "SIGNATURE_INVALID", samples: 0 };
  expect(step("process", { frame: refused }).sentence).toContain("refused the frame (SIGNATURE");
});
