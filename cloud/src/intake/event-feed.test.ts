import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Problem } from "@voltfog/runtime";
import { nodeCrypto, systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EventView } from "../api/responses.ts";
import { LoopbackLink } from "../backbone/loopback-link.ts";
import { openDuckDbStore } from "../store/duckdb-store.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import { createSite } from "../testing/fake-chain.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import type { FakeUnit } from "../testing/fake-unit.ts";
import { EventFeed } from "./event-feed.ts";

let folder: string;
let store: TelemetryStore;
let unit: FakeUnit;
let recorded: EventView[];
let rejected: Problem[];
let logName: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-feed-"));
  store = await openDuckDbStore({ folder, memoryMax_bytes: 512e6, clock: systemClock });
  const [first] = createSite().units;
  if (first === undefined) throw new Error("the site is empty");
  unit = first;
  recorded = [];
  rejected = [];
  logName = unit.id;
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function feed(): EventFeed {
  return new EventFeed({
    unitId: unit.id,
    logName: () => logName,
    link: new LoopbackLink(fakeRemote(unit)),
    store,
    crypto: nodeCrypto,
    signal: new AbortController().signal,
    longPoll_ms: 100,
    listener: {
      recorded: (events) => recorded.push(...events),
      rejected: async (problem) => {
        rejected.push(problem);
      },
    },
  });
}

describe("a unit's event feed", () => {
  test("events are stored once, and a new process asks for what follows", async () => {
    const first = unit.record({ vehicleId: "car-1" });
    await feed().step();
    const second = unit.record({ vehicleId: "car-1", state: "cleared" });
    await feed().step();
    await feed().step();
    expect(recorded.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(unit.requests.at(-1)).toContain("from=3&");
    const stored = await store.events({ vehicleId: "car-1", before: 99, limit: 9 });
    expect(stored.map(({ id }) => id)).toEqual([second.id, first.id]);
  });

  test("a restored unit's journal is read from its beginning: what it recorded since is not skipped", async () => {
    const kept = unit.record({ vehicleId: "car-1" });
    unit.record({ vehicleId: "car-1", cell: 2 });
    unit.record({ vehicleId: "car-1", cell: 3 });
    await feed().step();
    // The journal of the backup ends after the first one and goes on with others at the same places.
    unit.events.splice(1);
    const news = [4, 5].map((cell) => unit.record({ vehicleId: "car-1", cell }));
    await feed().step();
    expect(recorded).toHaveLength(3);
    logName = `${unit.id}/2`;
    await feed().step();
    expect(recorded.slice(3).map(({ id }) => id)).toEqual(news.map(({ id }) => id));
    expect(recorded.map(({ id }) => id)).toContain(kept.id);
    expect((await store.position(logName)).eventCursor).toBe(4);
  });

  test("a repeated event with another cursor is the same event", async () => {
    const first = unit.record({ vehicleId: "car-1" });
    unit.events.push({ ...unit.events[0], cursor: 2, final: { height: 3 } });
    await feed().step();
    expect(recorded.map(({ id }) => id)).toEqual([first.id]);
    expect((await store.position(unit.id)).eventCursor).toBe(3);
  });

  test.each([
    [
      "an altered value",
      (item: Record<string, unknown>) => Object.assign(item["event"] as object, { value: 99 }),
    ],
    [
      "another unit's name",
      (item: Record<string, unknown>) =>
        Object.assign(item["event"] as object, { unitId: "unit-2" }),
    ],
    ["no salt", (item: Record<string, unknown>) => Object.assign(item, { salt: "" })],
    [
      "an unknown field",
      (item: Record<string, unknown>) => Object.assign(item["event"] as object, { extra: 1 }),
    ],
  ])(
    "an event with %s is passed over and reported, and the next one is taken",
    async (_what, lie) => {
      unit.record({ vehicleId: "car-1" });
      const good = unit.record({ vehicleId: "car-1", cell: 3 });
      lie(unit.events[0] as Record<string, unknown>);
      await feed().step();
      expect(rejected).toHaveLength(1);
      expect(recorded.map(({ id }) => id)).toEqual([good.id]);
    },
  );

  test("an item of before there were versions is taken, one of a later version waits for a later cloud", async () => {
    const [, , third] = [1, 2, 3].map((cell) => unit.record({ vehicleId: "car-1", cell }));
    const [older, newer] = unit.events as Record<string, unknown>[];
    delete older?.["version"];
    Object.assign(newer ?? {}, { version: 3 });
    await feed().step();
    const verdict = await feed().step();
    expect(verdict.pause_ms).toBeGreaterThan(1000);
    expect(rejected.map(({ code }) => code)).toEqual(["EVENT_VERSION_UNKNOWN"]);
    expect(recorded).toHaveLength(1);
    expect((await store.position(unit.id)).eventCursor).toBe(2);
    Object.assign(newer ?? {}, { version: 2 });
    await feed().step();
    expect(recorded.map(({ id }) => id).at(-1)).toBe(third?.id);
    expect(recorded).toHaveLength(3);
  });

  test.each([
    ["null", "[null]"],
    ["a number", "[7]"],
    ["no list", "{}"],
    ["no JSON", "<html>"],
  ])("an answer that holds %s stores nothing and moves nothing", async (_what, body) => {
    Object.assign(unit, { answer: () => ({ status: 200, body: Buffer.from(body) }) });
    await feed()
      .step()
      .catch(() => {});
    expect(recorded).toEqual([]);
    expect((await store.position(unit.id)).eventCursor).toBe(0);
  });
});
