import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Payload } from "@voltfog/messages";
import { assert, CodedError, toHex } from "@voltfog/runtime";
import { nodeCrypto, systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { FrameView } from "../api/responses.ts";
import { LoopbackLink } from "../backbone/loopback-link.ts";
import { FleetState } from "../live/fleet-state.ts";
import { openDuckDbStore } from "../store/duckdb-store.ts";
import type { EntryBatch, TelemetryStore } from "../store/telemetry-store.ts";
import { createSite } from "../testing/fake-chain.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import type { FakeUnit } from "../testing/fake-unit.ts";
import { type CutFrame, type TestVehicle, telemetry } from "../testing/test-vehicle.ts";
import { UnitIntake } from "./unit-intake.ts";

let folder: string;
let store: TelemetryStore;
let fleet: FleetState;
let one: FakeUnit;
let two: FakeUnit;
let car: TestVehicle;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-links-"));
  store = await open();
  fleet = new FleetState();
  const site = createSite();
  [one, two] = site.units as [FakeUnit, FakeUnit];
  [car] = site.vehicles as [TestVehicle];
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(): Promise<TelemetryStore> {
  return openDuckDbStore({ folder, memoryMax_bytes: 512e6, clock: systemClock });
}

async function reopen(): Promise<void> {
  await store.close();
  store = await open();
}

/** Everything of the unit that is not stored yet. */
async function follow(unit: FakeUnit, into: TelemetryStore = store): Promise<void> {
  const intake = new UnitIntake({
    identity: { unitId: unit.id, origin: unit.origin, publicKey: unit.signer.publicKey },
    next: () => undefined,
    link: new LoopbackLink(fakeRemote(unit)),
    store: into,
    vehicleNames: new Map(),
    listener: {
      stored: (batch, commit) => fleet.applyEntries(batch, commit),
      halted: async (problem) => expect.fail(problem.code),
    },
    clock: systemClock,
    crypto: nodeCrypto,
    signal: new AbortController().signal,
    entriesMax: 256,
    longPoll_ms: 100,
  });
  await intake.step();
}

let time_ms = 0;
function cut(payload?: Payload, options?: { skip: number }): CutFrame {
  time_ms += 10_000;
  return car.cut(payload ?? telemetry(time_ms, 2), options);
}

const unlinked = { unlinked: true };

/** Oldest first: sequence, unit and link state of every row; `…` for one that another log holds too. */
async function links(): Promise<readonly string[]> {
  const rows = await store.frames({
    vehicleId: car.id,
    stream: "telemetry",
    before: 1_000_000,
    limit: 100,
  });
  const say = ({ sequence, unitId, link }: FrameView): string => `${sequence} ${unitId} ${link}`;
  return rows.map(say).reverse();
}

/** The same count three ways: live, as a restart would read it, and from the list of links. */
async function counts(): Promise<{ open: number; closed: number }> {
  const [totals] = await store.vehicleTotals();
  const live = fleet.view(car.id)?.links;
  expect(live).toEqual(totals?.links);
  const listed = async (state: "open" | "closed"): Promise<number> =>
    (await store.links({ vehicleId: car.id, state, limit: 100 })).length;
  expect({ open: await listed("open"), closed: await listed("closed") }).toEqual(live);
  assert(live !== undefined, "the vehicle has sent something");
  return live;
}

test("a link that a unit could not make is closed when the frame before is stored already", async () => {
  one.accept(cut());
  one.accept(cut());
  two.accept(cut(), 60_000, unlinked);
  two.accept(cut());
  await follow(one);
  await follow(two);
  expect(await links()).toEqual([
    "1 unit-1 linked",
    "2 unit-1 linked",
    "3 unit-2 closed",
    "4 unit-2 linked",
  ]);
  expect(await counts()).toEqual({ open: 0, closed: 1 });
});

test("it stays open until then, in whichever order the logs come, also over a restart", async () => {
  const before = cut();
  one.accept(before);
  two.accept(cut(), 60_000, unlinked);
  await follow(two);
  expect(await links()).toEqual(["2 unit-2 open"]);
  expect(await counts()).toEqual({ open: 1, closed: 0 });
  const [waiting] = await store.links({ state: "open", limit: 9 });
  expect(waiting).toMatchObject({
    vehicleId: car.id,
    sequence: 2,
    unitId: "unit-2",
    logIndex: 0,
    previous: toHex(before.commitment),
    follows: 1,
    closed_ms: null,
    byUnitId: null,
  });
  await reopen();
  await follow(one);
  expect(await links()).toEqual(["1 unit-1 linked", "2 unit-2 closed"]);
  expect(await counts()).toEqual({ open: 0, closed: 1 });
  const [closed] = await store.links({ vehicleId: car.id, state: "closed", limit: 9 });
  expect(closed).toMatchObject({ state: "closed", byUnitId: "unit-1", byLogIndex: 0 });
});

test("a vehicle that goes back and forth closes every link, within one batch too", async () => {
  one.accept(cut());
  two.accept(cut(), 0, unlinked);
  one.accept(cut(), 0, unlinked);
  one.accept(cut());
  two.accept(cut(), 0, unlinked);
  await follow(two);
  await follow(one);
  expect(await counts()).toEqual({ open: 0, closed: 3 });
});

test("a gap is linked to the frame before the first that it declares missing", async () => {
  one.accept(cut());
  const gap = {
    type: "gap",
    firstSequence: 2,
    lastSequence: 4,
    samples: 20,
    from_ms: 5000,
    to_ms: 9000,
    cause: "outbox-full",
  } as const;
  two.accept(cut(gap, { skip: 3 }), 0, unlinked);
  await follow(two);
  await follow(one);
  expect(await links()).toEqual(["1 unit-1 linked", "5 unit-2 closed"]);
});

test("numbers that were skipped and not declared leave the link open: that is what it shows", async () => {
  one.accept(cut());
  two.accept(cut(undefined, { skip: 1 }), 0, unlinked);
  await follow(one);
  await follow(two);
  expect(await counts()).toEqual({ open: 1, closed: 0 });
});

test("where a frame is in no log, what lies before it closes nothing", async () => {
  one.accept(cut());
  const lost = cut();
  two.accept(cut(), 0, unlinked);
  await follow(one);
  await follow(two);
  expect(lost.sequence).toBe(2);
  expect(await links()).toEqual(["1 unit-1 linked", "3 unit-2 open"]);
});

test("a refused frame that the chain goes on from closes a link, and has none itself", async () => {
  one.accept(cut());
  one.refuse(cut(), 13);
  two.accept(cut(), 0, unlinked);
  await follow(one);
  await follow(two);
  expect(await links()).toEqual(["1 unit-1 linked", "2 unit-1 null", "3 unit-2 closed"]);
});

test("a frame in two logs closes what waits for it once", async () => {
  const both = cut();
  const next = cut();
  two.accept(next, 0, unlinked);
  await follow(two);
  one.accept(both);
  await follow(one);
  two.accept(both, 0, unlinked);
  await follow(two);
  // The second copy is unlinked itself: it says that something comes before number 1.
  expect(await counts()).toEqual({ open: 1, closed: 1 });
});

test("a unit that no longer holds the frame leaves a link that nothing can close, not a fault", async () => {
  cut();
  two.accept(cut(), 0, unlinked);
  two.tamper = (page) => {
    for (const { logged } of page) logged.frame = new Uint8Array();
  };
  await follow(two);
  const [waiting] = await store.links({ state: "open", limit: 9 });
  expect(waiting).toMatchObject({ previous: null, follows: 1 });
});

test.each(["before", "after"] as const)(
  "a commit that fails %s it is durable forgets no open link and closes none twice",
  async (moment) => {
    one.accept(cut());
    two.accept(cut(), 0, unlinked);
    await follow(two);
    const crash = new CodedError({ code: "STORE_FAILED", message: "no answer" });
    const failing = new Proxy(store, {
      get: (target, name) => {
        if (name !== "commitEntries") return Reflect.get(target, name).bind(target);
        return async (batch: EntryBatch) => {
          if (moment === "after") await target.commitEntries(batch);
          else await target.commitEntries({ ...batch, stored_ms: 0.5 }).catch(() => {});
          throw crash;
        };
      },
    });
    await expect(follow(one, failing)).rejects.toBe(crash);
    await follow(one);
    expect((await store.vehicleTotals())[0]?.links).toEqual({ open: 0, closed: 1 });
  },
);

test("a store of before there were links is brought up to date when it is opened", async () => {
  one.accept(cut());
  two.accept(cut(), 0, unlinked);
  two.refuse(cut(), 11);
  await follow(two);
  await store.close();
  const instance = await DuckDBInstance.create(join(folder, "telemetry.duckdb"));
  const connection = await instance.connect();
  await connection.run("drop view links");
  for (const table of ["unlinked", "link_closings"]) await connection.run(`drop table ${table}`);
  await connection.run("update store_version set version = 1");
  connection.closeSync();
  instance.closeSync();
  store = await open();
  expect((await store.vehicleTotals())[0]?.links).toEqual({ open: 1, closed: 0 });
  await follow(one);
  expect((await store.vehicleTotals())[0]?.links).toEqual({ open: 0, closed: 1 });
});
