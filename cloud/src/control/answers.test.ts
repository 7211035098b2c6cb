import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeAnswer } from "./answer-fields.ts";
import { decodeHistory } from "./history.ts";
import { decodePlacements } from "./placements.ts";
import { decodePolicies } from "./policies.ts";
import { decodeTopology } from "./topology.ts";
import { decodeWhatIf } from "./what-if.ts";

const unit = { id: "unit-1", alive: true, connectedVehicles: 2 };
const attachment = { vehicleId: "car-1", unitId: "unit-1", reason: "lowest latency (2.0 ms)" };
const move = { at_ms: 5, vehicleId: "car-1", from: null, to: "unit-1", trigger: "new", why: "" };
const ordered = { at_ms: 1, who: "operator", action: "deny", subject: "10.0.0.1", why: "flood" };

const topology = {
  ...{ controllerId: "controller", term: 3, role: "leading" },
  units: [{ ...unit, zone: "a", capacity: { cpu: 2, memory_MB: 1024 }, latency_ms: 1.5 }],
  links: [{ from: "unit-1", to: "unit-2", latency_ms: 2.5, at_ms: 1 }],
  vehicles: [{ vehicleId: "car-1", latencies: [{ unitId: "unit-1", latency_ms: 2 }] }],
};
const placements = {
  version: 4,
  attachments: [
    {
      ...attachment,
      ...{ standbyUnitId: "unit-2", phase: "preparing", latency_ms: 2, since_ms: 7 },
      considered: [{ unitId: "unit-2", verdict: "slower", latency_ms: 9, load: 1 }],
      functions: [{ id: "thermal-alert", version: "1.0.0", settings: { limit_degC: 50 } }],
    },
  ],
};

test("a unit of which nothing was heard yet is neither there nor dead", () => {
  const silent = { ...unit, alive: false, unknown: true };
  expect(decodeTopology({ units: [silent] })).toMatchObject({
    value: { units: [{ alive: false, unknown: true }] },
  });
  expect(decodeTopology({ units: [{ ...unit, unknown: "yes" }] })).toMatchObject({
    problem: { code: "ANSWER_INVALID", detail: "units[0].unknown" },
  });
});

test("a controller that says little is read, and what it does not say is not known", () => {
  const least = decodeTopology({ units: [unit] });
  expect(least).toMatchObject({
    ok: true,
    value: {
      ...{ term: null, role: null, links: [], vehicles: [] },
      units: [{ zone: null, used: null, unknown: false }],
    },
  });
  expect(decodePlacements({ version: 1, attachments: [attachment], functions: [] })).toMatchObject({
    value: { cost: null, attachments: [{ standbyUnitId: null, phase: "settled", functions: [] }] },
  });
  expect(decodePolicies({})).toEqual({
    ok: true,
    value: { version: null, limits: [], quarantine: [], deny: [], units: [], changes: [] },
  });
});

test("all that the controller says is kept, and what it says besides is passed over", () => {
  expect(decodeTopology({ ...topology, weather: "fine" })).toMatchObject({ value: topology });
  expect(decodePlacements(placements)).toMatchObject({ value: placements });
});

test("policies say how far they are in force, and the newest changes of them", () => {
  const read = decodePolicies({
    units: [{ unitId: "unit-1", version: 3, inForce_ms: 4, cannot: ["addresses"], behind: null }],
    audit: Array.from({ length: 60 }, (_, at) => ({ ...ordered, at_ms: 60 - at })),
  });
  expect(read).toMatchObject({
    ok: true,
    value: { units: [{ version: 3, cannot: ["addresses"] }] },
  });
  expect(read.ok && read.value.changes.length).toBe(50);
  expect(read.ok && read.value.changes[0]).toEqual({ ...ordered, at_ms: 60, order: null });
});

test("a change that is an order names the event that it became, once it is one", () => {
  const event = { id: "ab", unitId: "unit-1" };
  const orders = [
    { id: "v1-1", event: null },
    { id: "v1-2", event },
  ];
  const read = decodePolicies({ audit: orders.map((order) => ({ ...ordered, order })) });
  expect(read).toMatchObject({
    value: { changes: [{ order: { event: null } }, { order: { event } }] },
  });
});

test("moves come newest first", () => {
  const read = decodeHistory({ moves: [move, { ...move, at_ms: 9 }, { ...move, at_ms: 7 }] });
  expect(read.ok && read.value.moves.map(({ at_ms }) => at_ms)).toEqual([9, 7, 5]);
});

test.each([
  ["not an object", decodeTopology(null)],
  ["role", decodeTopology({ role: "king" })],
  ["units", decodeTopology({ units: {} })],
  ["units[0].alive", decodeTopology({ units: [{ ...unit, alive: "yes" }] })],
  ["units[0].latency_ms", decodeTopology({ units: [{ ...unit, latency_ms: -1 }] })],
  ["units[0].capacity.cpu", decodeTopology({ units: [{ ...unit, capacity: { memory_MB: 1 } }] })],
  ["vehicles[0].latencies[0].latency_ms", decodeTopology(withLatency(Number.NaN))],
  ["version", decodePlacements({ version: 1.5 })],
  ["attachments[0].unitId", decodePlacements(withAttachment({ unitId: 7 }))],
  ["attachments[0].functions[0].settings", decodePlacements(withSettings({ limit: "50" }))],
  ["moves[0].why", decodeHistory({ moves: [{ ...move, why: undefined }] })],
  ["quarantine[0].reason", decodePolicies({ quarantine: [{ vehicleId: "car-1" }] })],
  ["audit[0].order", decodePolicies({ audit: [{ ...ordered, order: 7 }] })],
  ["audit[0].order.event.unitId", decodePolicies({ audit: [withEvent({ id: "ab" })] })],
  ["units[0].before", decodeWhatIf({ sentence: "", units: [{ id: "unit-1", after: 1 }] })],
])("a wrong %s is refused with its place", (detail, read) => {
  expect(read).toEqual({ ok: false, problem: { code: "ANSWER_INVALID", detail } });
});

function withEvent(event: object): object {
  return { ...ordered, order: { id: "v1-1", event } };
}

function withLatency(latency_ms: number): object {
  return { vehicles: [{ vehicleId: "car-1", latencies: [{ unitId: "unit-1", latency_ms }] }] };
}

function withAttachment(changes: object): object {
  return { version: 1, attachments: [{ ...attachment, ...changes }] };
}

function withSettings(settings: object): object {
  return withAttachment({ functions: [{ id: "thermal-alert", settings }] });
}

test("no value makes a decoder throw", () => {
  const decoders = [decodeTopology, decodePlacements, decodeHistory, decodePolicies, decodeWhatIf];
  const keys = ["units", "attachments", "moves", "quarantine", "after", "before", "version"];
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...keys), (value, key) => {
      for (const decode of decoders) {
        decode(value);
        decode({ [key]: value });
        decode({ [key]: [value] });
        decode({ [key]: [{ ...unit, ...attachment, settings: value, considered: [value] }] });
      }
      decodeAnswer(value, (fields) => fields.numbers("settings", 3));
    }),
  );
});
