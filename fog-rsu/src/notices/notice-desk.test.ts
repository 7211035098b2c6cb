import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoredEntry } from "@voltfog/ledger/node";
import { eventDetail, eventId, type MaintenanceNotice } from "@voltfog/messages";
import { ManualClock, SeededRandom, silentLogger, toHex } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EventRegister } from "../events/event-register.ts";
import type { UnitLogView } from "../log/earlier-logs.ts";
import { type CutFrame, TestVehicle } from "../testing/test-vehicle.ts";
import { NoticeDesk } from "./notice-desk.ts";

let folder: string;
let events: EventRegister;
let desk: NoticeDesk;
let isDiskFull: boolean;
const vehicle = new TestVehicle("vehicle-01");
const earlier = [vehicle.cut(), vehicle.cut()];
const frames = [vehicle.cut(), vehicle.cut()];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "voltfog-notices-"));
  isDiskFull = false;
  await open();
});
afterEach(async () => {
  await events.close();
  rmSync(folder, { recursive: true });
});

async function open(): Promise<void> {
  let register: EventRegister | undefined;
  desk = new NoticeDesk({
    deviceOf: (id) => (id === vehicle.id ? vehicle.device : undefined),
    logs: [logOf(frames), logOf(earlier)],
    record: (deed) => register?.recordDeed(deed),
    isKept: async (id) => {
      await register?.settled();
      return !isDiskFull && (await register?.find(id)) !== undefined;
    },
  });
  register = await EventRegister.open({
    ...{ folder, unitId: "unit-1", crypto: nodeCrypto, random: new SeededRandom(1) },
    ...{ clock: new ManualClock(5000), logger: silentLogger, changed: () => {} },
    restored: (recorded) => desk.restore(recorded),
  });
  events = register;
}

/** A log that holds these frames of the vehicle, behind its opening. */
function logOf(held: readonly CutFrame[]): Pick<UnitLogView, "view"> {
  const at = (index: number): readonly StoredEntry[] => {
    const cut = held[index - 1];
    if (cut === undefined) return [];
    const { bytes: frame, sequence, commitment } = cut;
    const entry = { kind: "frame", stream: "telemetry", keyId: vehicle.keyId, sequence } as const;
    const signed = { ...entry, commitment, unlinked: false, sampleCount: 1 };
    const vehicleId = vehicle.id;
    return [
      { index, vehicleId, accepted_ms: 1, entryBytes: new Uint8Array(), entry: signed, frame },
    ];
  };
  const find = ({ sequence }: { sequence: number }): number | undefined => {
    const place = held.findIndex((cut) => cut.sequence === sequence);
    return place === -1 ? undefined : place + 1;
  };
  const view = { find, read: async ({ from }: { from: number }) => at(from) };
  return { view: view as unknown as UnitLogView["view"] };
}

function notice(changes: Partial<MaintenanceNotice> = {}, frame = frames[0]): MaintenanceNotice {
  if (frame === undefined) throw new Error("no frame");
  const { sequence, commitment } = frame;
  return {
    ...{ id: "n-1", vehicleId: vehicle.id, state: "asserted", level: 3, value: 61, limit: 60 },
    ...{ unit: "degC", at_ms: 4000, sentence: "New alert: too hot" },
    frame: { stream: "telemetry", sequence, commitment: toHex(commitment) },
    ...changes,
  };
}

const recorded = async (): ReturnType<EventRegister["read"]> =>
  await events.read({ from: 1, limit: 100 });

test("a notice becomes one event that rests on its frame and stands for nothing itself", async () => {
  const taken = await desk.take(notice());
  const [item] = await recorded();
  const { event, salt, logIndex } = item?.recorded ?? expect.fail("no event");
  expect(taken).toEqual({ ok: true, value: { eventId: event.id, isRepeat: false } });
  expect(event).toMatchObject({
    ...{ class: "maintenance-notice", condition: "notice n-1", standing: 0, level: 3 },
    ...{ functionId: "maintenance", unitId: "unit-1", origin: "simulated" },
    frame: notice().frame,
  });
  expect(logIndex).toBe(1);
  const { id, ...detail } = event;
  expect(eventId({ detail: eventDetail(detail), salt, crypto: nodeCrypto })).toBe(id);
  expect(events.pendingIds).toEqual([id]);
  expect(events.alertsOf(vehicle.id)).toBe(0);
});

test("a notice is recorded once, however often it comes: again, at once, and after a restart", async () => {
  const [first, second] = await Promise.all([desk.take(notice()), desk.take(notice())]);
  expect(second).toMatchObject({ ok: true, value: { isRepeat: true } });
  await events.close();
  await open();
  const third = await desk.take(notice());
  expect(third).toEqual(second);
  expect(first).toMatchObject({ ok: true, value: { isRepeat: false } });
  expect(await recorded()).toHaveLength(1);
  await desk.take(notice({ id: "n-2" }));
  expect(await recorded()).toHaveLength(2);
});

test("a frame of an earlier log of the unit counts as one of its own", async () => {
  expect(await desk.take(notice({}, earlier[1]))).toMatchObject({ ok: true });
});

test.each([
  ["FRAME_UNKNOWN", "a frame that no log has", {}, vehicle.cut()],
  [
    "FRAME_UNKNOWN",
    "another frame in that place",
    { frame: { stream: "telemetry", sequence: 3, commitment: "ab".repeat(32) } },
    undefined,
  ],
  ["VEHICLE_UNKNOWN", "a vehicle that is not enrolled", { vehicleId: "vehicle-09" }, undefined],
] as const)("%s: %s is refused and nothing is recorded", async (code, _what, changes, frame) => {
  expect(await desk.take(notice(changes, frame ?? frames[0]))).toMatchObject({
    ok: false,
    problem: { code },
  });
  expect(await recorded()).toEqual([]);
});

test("another notice of the same id is refused, also after a restart", async () => {
  await desk.take(notice());
  const other = notice({ sentence: "Over: too hot", state: "cleared" });
  const differs = { ok: false, problem: { code: "NOTICE_DIFFERS" } };
  expect(await desk.take(other)).toMatchObject(differs);
  await events.close();
  await open();
  expect(await desk.take(other)).toMatchObject(differs);
  expect(await recorded()).toHaveLength(1);
});

test("what the disk did not take is said so, and the next try is no repeat", async () => {
  isDiskFull = true;
  expect(await desk.take(notice())).toMatchObject({ problem: { code: "NOTICE_NOT_KEPT" } });
  isDiskFull = false;
  expect(await desk.take(notice())).toMatchObject({ ok: true, value: { isRepeat: false } });
});
