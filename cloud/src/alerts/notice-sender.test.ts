import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MaintenanceNotice, parseMaintenanceNotice } from "@voltfog/messages";
import { CodedError, ManualClock, SeededRandom, silentLogger, utf8 } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { EventView } from "../api/responses.ts";
import type { Reply } from "../remote/remote.ts";
import { openSideDatabase, type SideDatabase } from "../store/side-database.ts";
import type { FrameAt } from "../store/telemetry-store.ts";
import { feedEvent } from "../testing/store-rows.ts";
import { reading, TestVehicle } from "../testing/test-vehicle.ts";
import { AlertDesk } from "./alert-desk.ts";
import { type AlertSettings, usualSettings } from "./alert-settings.ts";
import { AlertStore } from "./alert-store.ts";
import { alertTables } from "./alert-tables.ts";
import { Courier } from "./courier.ts";
import type { DayFigures } from "./find-alerts.ts";
import { NoticeSender } from "./notice-sender.ts";
import { senderOf } from "./send-alert.ts";

const minute_ms = 60_000;
let folder: string;
let clock: ManualClock;
let database: SideDatabase;
let store: AlertStore;
let desk: AlertDesk;
let settings: AlertSettings;
let events: Map<string, EventView>;
let frame: FrameAt | undefined;
/** What each unit recorded, by notice id. */
let units: Map<string, Map<string, MaintenanceNotice>>;
let away: Set<string>;
let refusal: object | undefined;
/** Whether answers are lost on their way back. */
let isDeaf: boolean;
let posts: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "notices-"));
  clock = new ManualClock(1_700_000_000_000);
  settings = usualSettings;
  events = new Map();
  frame = undefined;
  units = new Map([
    ["unit-1", new Map()],
    ["unit-2", new Map()],
  ]);
  away = new Set();
  refusal = undefined;
  isDeaf = false;
  posts = 0;
  await open();
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<void> {
  const path = join(folder, "maintenance.duckdb");
  database = await openSideDatabase({ path, tables: alertTables, memoryMax_bytes: 2e8, clock });
  store = new AlertStore(database);
  desk = new AlertDesk({
    ...{ store, settings: () => settings, clock, logger: silentLogger },
    fleetOf: (id) => (id === "car-1" ? "north" : "south"),
  });
  await desk.restore();
}

/** A unit as the real one answers: strict, once per id. */
async function post(unitId: string, path: string, json: string): Promise<Reply> {
  expect(path).toBe("/v1/notices");
  posts += 1;
  if (away.has(unitId)) throw new CodedError({ code: "UNREACHABLE", message: "nobody answers" });
  if (refusal !== undefined) return { status: 404, body: utf8(JSON.stringify(refusal)) };
  const parsed = parseMaintenanceNotice(JSON.parse(json));
  if (!parsed.ok) expect.fail(parsed.problem.detail);
  const notice = parsed.value;
  const held = units.get(unitId);
  const before = held?.get(notice.id);
  if (before !== undefined) expect(notice).toEqual(before);
  held?.set(notice.id, notice);
  if (isDeaf) throw new CodedError({ code: "UNREACHABLE", message: "the answer was lost" });
  const body = utf8(JSON.stringify({ eventId: notice.id.padEnd(64, "0") }));
  return { status: before === undefined ? 201 : 200, body };
}

function courier(): Courier {
  const signal = new AbortController().signal;
  const notices = new NoticeSender({
    store: { event: async (id) => events.get(id), frameAt: async () => frame },
    alerts: store,
    remoteOf: (id) => (units.has(id) ? { post: (path, json) => post(id, path, json) } : undefined),
    ...{ crypto: nodeCrypto, signal },
  });
  const send = senderOf({ notices, allowed: [], clock, signal });
  const random = new SeededRandom(1);
  return new Courier({
    ...{ store, settings: () => settings, send, clock, random, logger: silentLogger },
  });
}

async function deliver(for_ms: number): Promise<void> {
  const one = courier();
  for (const end_ms = clock.wall_ms() + for_ms; clock.wall_ms() <= end_ms; ) {
    const { pause_ms } = await one.step();
    clock.advance(Math.max(pause_ms, 1));
  }
}

/** An event that the store has. */
function event(changes: Partial<EventView>): EventView {
  const { event: found, salt, recorded_ms } = feedEvent({ at_ms: 5, state: "asserted" });
  const fresh = { cursor: 1, salt, recorded_ms, finality: "logged", finalHeight: null } as const;
  const id = `e-${events.size}`;
  const view = { ...found, ...fresh, final_ms: null, resultIndex: null, id, ...changes };
  events.set(id, view);
  return view;
}

const sentences = (unitId: string): readonly string[] =>
  [...(units.get(unitId)?.values() ?? [])].map(({ sentence }) => sentence);

const sick: DayFigures = {
  ...{ vehicleId: "car-1", day: "2023-11-13", at_ms: 1_699_920_000_000, estimator: "e 2" },
  origin: "replayed",
  figures: {
    ...{ soh: 0.7, resistance_Ohm: null, imbalance_mV: null, temperatureSpread_K: null },
    ...{ anomalyScore: null, safetyScore: null, remainingLife_d: null },
  },
};

test("without a word of anybody, every alert is recorded by the unit whose event raised it", async () => {
  const hot = event({ unitId: "unit-2" });
  await desk.takeEvents([hot], 1);
  await desk.takeEvents([event({ unitId: "unit-2", state: "cleared", standing: 0, at_ms: 9 })], 2);
  await deliver(minute_ms);
  const told = [...(units.get("unit-2")?.values() ?? [])];
  expect(told).toMatchObject([
    { vehicleId: "car-1", state: "asserted", frame: hot.frame, at_ms: 5 },
    { vehicleId: "car-1", state: "cleared", at_ms: 9 },
  ]);
  expect(told[0]?.sentence).toBe(`New alert: ${hot.sentence}`);
  const [first] = await store.deliveries(1);
  expect(first).toMatchObject({ state: "delivered", eventId: told[0]?.id.padEnd(64, "0") });
});

test("a unit that is away gets all in order when it is back, each once, and holds up no other unit", async () => {
  away.add("unit-1");
  for (let i = 0; i < 5; i++) {
    await desk.takeEvents([event({ condition: `cell ${i}`, sentence: `${i}` })], i + 1);
  }
  await desk.takeEvents([event({ vehicleId: "car-2", unitId: "unit-2" })], 6);
  await deliver(minute_ms);
  expect(sentences("unit-2")).toHaveLength(1);
  await database.close();
  await open();
  away.clear();
  await deliver(20 * minute_ms);
  expect(sentences("unit-1")).toEqual([0, 1, 2, 3, 4].map((i) => `New alert: ${i}`));
});

test("when the answer is lost, the same notice comes again, whatever frames have come since", async () => {
  const vehicle = new TestVehicle("car-1");
  const cut = (): FrameAt => {
    const samples = [reading(1_699_900_000_000)];
    const { bytes } = vehicle.cut({ type: "telemetry", origin: "replayed", source: "x", samples });
    const final = { finality: "final", finalHeight: 1, final_ms: 1 } as const;
    return {
      frame: bytes,
      sampleIndex: 0,
      commitment: "ab".repeat(32),
      unitId: "unit-2/3",
      ...final,
    };
  };
  frame = cut();
  await desk.takeDays([sick]);
  isDeaf = true;
  await deliver(minute_ms);
  isDeaf = false;
  frame = { ...cut(), unitId: "unit-1" };
  await deliver(minute_ms);
  expect(posts).toBeGreaterThan(2);
  expect(sentences("unit-1")).toEqual([]);
  const [told] = [...(units.get("unit-2")?.values() ?? [])];
  expect(told).toMatchObject({ frame: { sequence: 1 }, level: 1, unit: "", value: 0.7 });
  expect(await store.heads()).toEqual([]);
});

test("figures without a signed frame are on record as such at once, and hold up nothing", async () => {
  await desk.takeDays([sick]);
  await desk.takeEvents([event({})], 1);
  await deliver(1000);
  expect(await store.deliveries(1)).toMatchObject([
    { state: "given-up", eventId: null, error: expect.stringContaining("NOTICE_WITHOUT_FRAME") },
  ]);
  expect(sentences("unit-1")).toHaveLength(1);
  expect(posts).toBe(1);
});

test("what a unit refuses for good is given up with its reason; a route that it lacks yet is tried again", async () => {
  await desk.takeEvents([event({})], 1);
  refusal = { code: "NOT_FOUND", message: "no such route" };
  await deliver(minute_ms);
  expect((await store.deliveries(1))[0]).toMatchObject({ state: "waiting" });
  refusal = { code: "FRAME_UNKNOWN", message: "no log holds it" };
  await deliver(20 * minute_ms);
  expect((await store.deliveries(1))[0]).toMatchObject({
    state: "given-up",
    error: "FRAME_UNKNOWN: unit-1 answers 404: no log holds it",
  });
});

test("a chain of one fleet records that fleet's vehicles alone", async () => {
  settings = { ...usualSettings, receivers: [{ id: "ours", kind: "chain", fleet: "south" }] };
  await desk.takeEvents([event({}), event({ vehicleId: "car-2" })], 1);
  await deliver(1000);
  expect([...(units.get("unit-1")?.values() ?? [])]).toMatchObject([{ vehicleId: "car-2" }]);
});

test("a file of before the chain was a receiver is opened and goes on", async () => {
  await database.close();
  rmSync(join(folder, "maintenance.duckdb"));
  const path = join(folder, "maintenance.duckdb");
  const tables = alertTables.filter((sql) => !sql.startsWith("alter"));
  database = await openSideDatabase({ path, tables, memoryMax_bytes: 2e8, clock });
  await database.transaction((transaction) =>
    transaction.append("deliveries", [
      [1n, "hook", 1n, "raised", 5n, 0, 5n, "delivered", 6n, null, "{}"],
    ]),
  );
  await database.close();
  await open();
  expect(await store.deliveries(1)).toMatchObject([{ lane: "", restsOn: null, eventId: null }]);
  await desk.takeEvents([event({})], 1);
  await deliver(1000);
  expect(sentences("unit-1")).toHaveLength(1);
});
