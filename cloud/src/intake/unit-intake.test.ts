import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CodedError, type Problem, utf8 } from "@voltfog/runtime";
import { nodeCrypto, systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LoopbackLink } from "../backbone/loopback-link.ts";
import { openDuckDbStore } from "../store/duckdb-store.ts";
import type { EntryBatch, TelemetryStore } from "../store/telemetry-store.ts";
import { createSite, type TestSite } from "../testing/fake-chain.ts";
import { fakeRemote } from "../testing/fake-remote.ts";
import { FakeUnit, ok } from "../testing/fake-unit.ts";
import { type TestVehicle, telemetry } from "../testing/test-vehicle.ts";
import type { LogIdentity } from "./log-tree.ts";
import { UnitIntake, type UnitIntakeOptions } from "./unit-intake.ts";

let folder: string;
let store: TelemetryStore;
let site: TestSite;
let unit: FakeUnit;
let car: TestVehicle;
let problems: Problem[];
let batches: EntryBatch[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-intake-"));
  store = await openStore();
  site = createSite();
  const [firstUnit] = site.units;
  const [firstCar] = site.vehicles;
  if (firstUnit === undefined || firstCar === undefined) throw new Error("the site is empty");
  unit = firstUnit;
  car = firstCar;
  problems = [];
  batches = [];
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

function openStore(): Promise<TelemetryStore> {
  return openDuckDbStore({ folder, memoryMax_bytes: 512e6, clock: systemClock });
}

function intake(
  options: { store?: TelemetryStore; entriesMax?: number; next?: UnitIntakeOptions["next"] } = {},
): UnitIntake {
  return new UnitIntake({
    identity: { unitId: unit.id, origin: unit.origin, publicKey: unit.signer.publicKey },
    next: options.next ?? (() => undefined),
    link: new LoopbackLink(fakeRemote(unit)),
    store: options.store ?? store,
    vehicleNames: new Map(),
    listener: {
      stored: (batch) => batches.push(batch),
      halted: async (problem) => {
        problems.push(problem);
      },
    },
    clock: systemClock,
    crypto: nodeCrypto,
    signal: new AbortController().signal,
    entriesMax: options.entriesMax ?? 256,
    longPoll_ms: 100,
  });
}

async function storedSamples(): Promise<number> {
  const totals = await store.vehicleTotals();
  return totals.reduce((sum, { samples }) => sum + samples.logged, 0);
}

function acceptFrames(count: number): void {
  for (let i = 0; i < count; i++) unit.accept(car.cut(telemetry(10_000 * (i + 1), 10)));
}

describe("intake of a unit's log", () => {
  test("frames are stored as logged, with their figures and their root", async () => {
    acceptFrames(3);
    const stage = intake();
    await stage.step();
    expect(stage.state).toBe("following");
    expect(stage.position?.size).toBe(3);
    expect(Buffer.from(stage.position?.root ?? "", "hex")).toEqual(Buffer.from(unit.rootAt(3)));
    expect(await storedSamples()).toBe(30);
    const [newest] = await store.frames({
      vehicleId: "car-1",
      stream: "telemetry",
      before: 99,
      limit: 1,
    });
    expect(newest).toMatchObject({ sequence: 3, samples: 10, finality: "logged", logIndex: 2 });
    const history = await store.history({
      vehicleId: "car-1",
      from_ms: 0,
      to_ms: 60_000,
      points: 60,
    });
    expect(history.buckets[0]).toMatchObject({ cellMin_mV: 3650, cellMax_mV: 3720, soc: 0.62 });
  });

  test("pages are joined whatever their size, and an empty answer changes nothing", async () => {
    acceptFrames(7);
    const stage = intake({ entriesMax: 2 });
    for (let i = 0; i < 6; i++) await stage.step();
    expect(stage.position?.size).toBe(7);
    expect(await storedSamples()).toBe(70);
    expect(problems).toEqual([]);
  });

  test("a new process goes on where the store is and stores nothing twice", async () => {
    acceptFrames(3);
    await intake().step();
    acceptFrames(2);
    await store.close();
    store = await openStore();
    const next = intake();
    await next.step();
    expect(next.position?.size).toBe(5);
    expect(batches.map(({ from }) => from)).toEqual([0, 3]);
    expect(await storedSamples()).toBe(50);
  });

  test.each(["before", "after"] as const)(
    "a crash %s the commit loses and doubles nothing",
    async (moment) => {
      acceptFrames(4);
      const crash = new CodedError({ code: "STORE_FAILED", message: "the machine went dark" });
      const crashing = new Proxy(store, {
        get: (target, name) => {
          if (name !== "commitEntries") return Reflect.get(target, name).bind(target);
          return async (batch: EntryBatch) => {
            if (moment === "after") await target.commitEntries(batch);
            throw crash;
          };
        },
      });
      await expect(intake({ store: crashing }).step()).rejects.toBe(crash);
      await store.close();
      store = await openStore();
      const next = intake();
      await next.step();
      await next.step();
      expect(next.position?.size).toBe(4);
      expect(await storedSamples()).toBe(40);
    },
  );

  test("a commit whose answer was lost is noticed in the same process too", async () => {
    acceptFrames(4);
    let lost = false;
    const forgetful = new Proxy(store, {
      get: (target, name) => {
        if (name !== "commitEntries") return Reflect.get(target, name).bind(target);
        return async (batch: EntryBatch) => {
          const commit = await target.commitEntries(batch);
          if (lost) return commit;
          lost = true;
          throw new CodedError({ code: "STORE_FAILED", message: "no answer" });
        };
      },
    });
    const stage = intake({ store: forgetful });
    await stage.restore();
    await expect(stage.step()).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(stage.position?.size).toBe(0);
    await stage.step();
    expect(stage.position?.size).toBe(4);
    expect(await storedSamples()).toBe(40);
  });

  test("entries beyond the signed head wait until a head covers them", async () => {
    acceptFrames(3);
    unit.noteOf = () => ({ size: 2, root: unit.rootAt(2) });
    const stage = intake();
    await stage.step();
    expect(stage.position?.size).toBe(2);
    unit.noteOf = (head) => head;
    await stage.step();
    expect(stage.position?.size).toBe(3);
  });

  test("a refused frame and a gap are rows of their own, and a gap tells what is missing", async () => {
    unit.accept(car.cut(telemetry(1000)));
    unit.refuse(car.cut(telemetry(2000)), 10);
    const gap = {
      type: "gap",
      firstSequence: 3,
      lastSequence: 4,
      samples: 20,
      from_ms: 5000,
      to_ms: 9000,
      cause: "outbox-full",
    } as const;
    unit.accept(car.cut(gap, { skip: 2 }));
    await intake().step();
    const rows = await store.frames({
      vehicleId: "car-1",
      stream: "telemetry",
      before: 99,
      limit: 9,
    });
    expect(rows.map(({ kind, code }) => [kind, code])).toEqual([
      ["gap", "outbox-full"],
      ["refused", "TIME_IN_FUTURE"],
      ["frame", null],
    ]);
    expect(await storedSamples()).toBe(10);
    const [declared] = await store.gaps({ vehicleId: "car-1", from_ms: 0, to_ms: 10_000 });
    expect(declared).toMatchObject({
      samples: 20,
      firstSequence: 3,
      lastSequence: 4,
      from_ms: 5000,
    });
  });

  test("an entry whose frame has left the unit is stored without samples and keeps the tree whole", async () => {
    acceptFrames(2);
    unit.tamper = (page) => {
      for (const { logged } of page) logged.frame = new Uint8Array();
    };
    const stage = intake();
    await stage.step();
    expect(stage.position?.size).toBe(2);
    expect(problems).toEqual([]);
  });

  const lies: readonly [string, string, (target: FakeUnit) => void][] = [
    [
      "a root that its entries do not give",
      "ROOT_MISMATCH",
      (target) => {
        target.noteOf = ({ size }) => ({ size, root: new Uint8Array(32) });
      },
    ],
    [
      "a frame that the entry does not commit to",
      "COMMITMENT_MISMATCH",
      (target) => {
        target.tamper = ([first]) => {
          if (first !== undefined) first.logged.frame = Uint8Array.of(1, 2, 3);
        };
      },
    ],
    [
      "an entry that cannot be read",
      "ENTRY_MALFORMED",
      (target) => {
        target.tamper = ([first]) => {
          if (first !== undefined) first.logged.entry = Uint8Array.of(9);
        };
      },
    ],
    [
      "an altered entry",
      "ROOT_MISMATCH",
      (target) => {
        target.tamper = ([first]) => {
          if (first === undefined) return;
          const entry = Uint8Array.from(first.logged.entry);
          entry[7] = 9; // The number of samples.
          first.logged.entry = entry;
        };
      },
    ],
    [
      "entries out of order",
      "ENTRY_OUT_OF_ORDER",
      (target) => {
        target.tamper = (page) => {
          page.reverse();
        };
      },
    ],
  ];

  test.each(lies)(
    "a unit that serves %s halts intake, and nothing of it is stored",
    async (_what, code, lie) => {
      acceptFrames(3);
      lie(unit);
      const stage = intake();
      const verdict = await stage.step();
      expect(problems.map((problem) => problem.code)).toEqual([code]);
      expect(stage.state).toBe("halted");
      expect(verdict.pause_ms).toBeGreaterThan(0);
      expect(await storedSamples()).toBe(0);
    },
  );

  test("a unit that becomes consistent again is followed again", async () => {
    acceptFrames(3);
    unit.noteOf = ({ size }) => ({ size, root: new Uint8Array(32) });
    const stage = intake();
    await stage.step();
    unit.noteOf = (head) => head;
    await stage.step();
    expect(stage.state).toBe("following");
    expect(await storedSamples()).toBe(30);
  });

  test("a lie ahead of the page is caught when the tree reaches it", async () => {
    acceptFrames(4);
    unit.noteOf = ({ size }) => ({ size, root: new Uint8Array(32) });
    const stage = intake({ entriesMax: 2 });
    await stage.step();
    expect(problems).toEqual([]);
    await stage.step();
    expect(problems.map(({ code }) => code)).toEqual(["ROOT_MISMATCH"]);
    expect(stage.position?.size).toBe(2);
  });

  test("a log that shrank is an incident", async () => {
    acceptFrames(3);
    const stage = intake();
    await stage.step();
    unit.logged.pop();
    await stage.step();
    expect(problems.map(({ code }) => code)).toEqual(["LOG_SHRANK"]);
  });

  test("a unit that was restored is followed to its next log, and both are kept", async () => {
    acceptFrames(3);
    const before = intake();
    await before.step();
    unit.logged.pop();
    const later = new FakeUnit(unit);
    later.number = 2;
    later.open({ logId: new Uint8Array(32), size: 3, root: new Uint8Array(32) });
    later.accept(car.cut(telemetry(90_000, 10)));
    const answer = unit.answer.bind(unit);
    Object.assign(unit, {
      answer(path: string) {
        const sizes = [unit, later].map(({ number, logged }) => ({ number, size: logged.length }));
        if (path === "/v1/logs") return ok(utf8(JSON.stringify(sizes)));
        return path.includes("log=2") ? later.answer(path) : answer(path);
      },
    });
    const next = (number: number): LogIdentity => ({
      unitId: `${unit.id}/${number}`,
      origin: later.origin,
      publicKey: unit.signer.publicKey,
    });
    for (const stage of [intake({ next }), intake({ next })]) {
      await stage.step();
      await stage.step();
      expect(stage.logName).toBe("unit-1/2");
      expect(stage.position?.size).toBe(2);
    }
    expect(problems).toEqual([]);
    expect((await store.position("unit-1")).size).toBe(3);
    expect((await store.position("unit-1/2")).size).toBe(2);
    expect(await storedSamples()).toBe(40);
  });

  test("a checkpoint that another key signed is an incident", async () => {
    acceptFrames(1);
    const [, other] = site.units;
    if (other === undefined) throw new Error("there are two units");
    Object.assign(unit, { noteAt: () => other.noteAt(0) });
    await intake().step();
    expect(problems.map(({ code }) => code)).toEqual(["NOTE_INVALID"]);
  });

  test("bytes that are no page are an incident", async () => {
    Object.assign(unit, { answer: () => ({ status: 200, body: Uint8Array.of(1, 2) }) });
    await intake().step();
    expect(problems.map(({ code }) => code)).toEqual(["MALFORMED"]);
  });
});
