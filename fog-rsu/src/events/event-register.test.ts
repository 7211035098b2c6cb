import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventDetail, eventId } from "@voltfog/messages";
import { ManualClock, SeededRandom, silentLogger } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { decodeJournalRecord, encodeJournalRecord, type JournalRecord } from "./event-record.ts";
import { type EventFinding, EventRegister } from "./event-register.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-events-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(changed = (): void => {}): Promise<EventRegister> {
  return EventRegister.open({
    folder,
    unitId: "unit-1",
    crypto: nodeCrypto,
    random: new SeededRandom(1),
    clock: new ManualClock(5000),
    logger: silentLogger,
    restored: () => {},
    changed,
  });
}

const finding = (logIndex: number, changes: Partial<EventFinding> = {}): EventFinding => ({
  functionId: "thermal-alert",
  functionVersion: "1.0.0",
  vehicleId: "vehicle-01",
  frame: {
    logIndex,
    stream: "telemetry",
    sequence: 7,
    commitment: "ab".repeat(32),
    origin: "replayed",
  },
  at_ms: 1000 + logIndex,
  condition: "over-temperature",
  class: "thermal-alert",
  state: "asserted",
  level: 1,
  standing: 1,
  cell: 3,
  value: 61,
  limit: 60,
  unit: "degC",
  sentence: "too hot",
  ...changes,
});
const over = { state: "cleared", standing: 0 } as const;
const finality = { height: 9, resultIndex: 4, final_ms: 6000 };

test("an event is in the feed once, and again with a new cursor when it is final", async () => {
  const changed = vi.fn();
  const events = await open(changed);
  expect(events.record(finding(1))).toBe(true);
  expect(events.record(finding(2))).toBe(false);
  await events.settled();
  const [first] = await events.read({ from: 1, limit: 10 });
  expect(first).toMatchObject({ cursor: 1, final: null, recorded: { recorded_ms: 5000 } });
  const { event, salt } = first?.recorded ?? expect.fail("no event");
  const { id, ...detail } = event;
  expect(eventId({ detail: eventDetail(detail), salt, crypto: nodeCrypto })).toBe(id);
  expect(events.pendingIds).toEqual([id]);
  events.finalise({ id, finality });
  events.finalise({ id, finality: { ...finality, height: 10 } });
  await events.settled();
  expect(
    (await events.read({ from: 2, limit: 10 })).map(({ cursor, final }) => [cursor, final]),
  ).toEqual([[2, finality]]);
  expect(events.pendingIds).toEqual([]);
  expect(changed).toHaveBeenCalled();
  await events.close();
});

test("after a restart the feed goes on where it was, and what stood still stands", async () => {
  const before = await open();
  before.record(finding(1));
  before.record(finding(2, { vehicleId: "vehicle-02" }));
  before.record(finding(3, { vehicleId: "vehicle-02", ...over }));
  await before.settled();
  const [id = ""] = before.pendingIds;
  before.finalise({ id, finality });
  before.noteShown(4);
  const feed = await before.settled().then(() => before.read({ from: 1, limit: 100 }));
  await before.close();

  const after = await open();
  expect(await after.read({ from: 1, limit: 100 })).toEqual(feed);
  expect(after.cursor).toBe(4);
  expect(after.pendingIds).toHaveLength(2);
  expect(after.shownUpTo).toBe(4);
  expect(after.openConditions("thermal-alert")).toEqual([
    { name: "over-temperature", vehicleId: "vehicle-01", level: 1 },
  ]);
  expect(after.record(finding(1))).toBe(false);
  expect(after.record(finding(9, over))).toBe(true);
  await after.close();
});

test.each([
  ["a value that is no number", { value: Number.NaN }],
  ["a sentence without an end", { sentence: "very ".repeat(1000) }],
  ["a time before all time", { at_ms: -1 }],
  ["a cell that is none", { cell: 1.5 }],
  ["a condition without a name", { condition: "" }],
  ["a condition with an endless name", { condition: "a".repeat(300) }],
  ["a level that is none", { standing: 9 as 3 }],
])("a finding with %s is no event and leaves the journal readable", async (_name, changes) => {
  const events = await open();
  expect(events.record(finding(1, changes))).toBe(false);
  expect(events.record(finding(2))).toBe(true);
  await events.close();
  const after = await open();
  expect(after.cursor).toBe(1);
  await after.close();
});

test("a page has a limit and goes on from any cursor", async () => {
  const events = await open();
  for (let vehicle = 10; vehicle < 30; vehicle++) {
    events.record(finding(vehicle, { vehicleId: `vehicle-${vehicle}` }));
  }
  await events.settled();
  const page = await events.read({ from: 5, limit: 3 });
  expect(page.map(({ cursor }) => cursor)).toEqual([5, 6, 7]);
  expect(await events.read({ from: 21, limit: 3 })).toEqual([]);
  await events.close();
});

test("a journal record has one encoding: every changed, missing or further byte is another or none", () => {
  const records: readonly JournalRecord[] = [
    { kind: "final", eventId: "cd".repeat(32), finality },
    { kind: "progress", shownUpTo: 77 },
    {
      kind: "adopted",
      adopted: {
        ...{ functionId: "thermal-alert", vehicleId: "vehicle-01", seen_ms: 5000 },
        open: [{ name: "over-temperature", class: "thermal-alert", level: 2 }],
      },
    },
  ];
  for (const record of records) {
    const bytes = encodeJournalRecord(record);
    expect(decodeJournalRecord(bytes, nodeCrypto)).toEqual({ ok: true, value: record });
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
      expect(decodeJournalRecord(changed, nodeCrypto)).not.toEqual({ ok: true, value: record });
      expect(decodeJournalRecord(bytes.subarray(0, at), nodeCrypto).ok).toBe(false);
    }
    expect(decodeJournalRecord(Uint8Array.of(...bytes, 0), nodeCrypto).ok).toBe(false);
  }
});

test("no bytes make the journal's decoder throw", () => {
  const anything = fc.tuple(
    fc.constantFrom(0, 1, 2, 3, 4),
    fc.constantFrom(0, 1, 2, 3, 4, 5),
    fc.uint8Array(),
  );
  fc.assert(
    fc.property(anything, ([version, kind, rest]) => {
      const bytes = Uint8Array.of(version, kind, ...rest);
      expect(typeof decodeJournalRecord(bytes, nodeCrypto).ok).toBe("boolean");
    }),
  );
});

test("what was adopted from another unit still stands after a restart, and its end is an event", async () => {
  const first = await open();
  const place = { functionId: "thermal-alert", vehicleId: "vehicle-01" };
  const standing = [{ name: "over-temperature", class: "thermal-alert", level: 1 }] as const;
  expect(first.adopt({ ...place, seen_ms: 500, open: standing })).toBe(true);
  await first.close();
  const second = await open();
  expect(second.standingOf(place)).toEqual(standing);
  expect(second.record(finding(1))).toBe(false);
  expect(second.record(finding(2, over))).toBe(true);
  expect(second.adopt({ ...place, seen_ms: 500, open: standing })).toBe(false);
  await second.settled();
  expect(second.cursor).toBe(1);
  await second.close();
});

test("what the unit did is an event each time, and no condition that stands", async () => {
  const events = await open();
  const deed = { class: "function-change", condition: "set rate hz", standing: 0 } as const;
  const ids = [events.recordDeed(finding(1, deed)), events.recordDeed(finding(1, deed))];
  await events.settled();
  const items = await events.read({ from: 1, limit: 10 });
  expect(items.map(({ recorded }) => recorded.event.id)).toEqual(ids);
  expect(events.cursor).toBe(2);
  expect(events.openConditions("thermal-alert")).toEqual([]);
  await events.close();
});
