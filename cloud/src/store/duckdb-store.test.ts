import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { systemClock } from "@voltfog/runtime/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  batch,
  blockRecord,
  feedEvent,
  frameRow,
  gapRow,
  resultBytes,
} from "../testing/store-rows.ts";
import { openDuckDbStore } from "./duckdb-store.ts";
import { openStoreReader } from "./store-reader.ts";
import type { TelemetryStore } from "./telemetry-store.ts";

let folder: string;
let store: TelemetryStore;

const open = (): Promise<TelemetryStore> =>
  openDuckDbStore({ folder, memoryMax_bytes: 512e6, clock: systemClock });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-store-"));
  store = await open();
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the telemetry store", () => {
  test("an unknown log starts at its first entry", async () => {
    const position = await store.position("unit-1");
    expect(position).toEqual({ size: 0, tree: new Uint8Array(), eventCursor: 0 });
  });

  test("rows, cursor and tree of a batch are there together after a restart", async () => {
    await store.commitEntries(batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 3 })] }));
    await store.close();
    store = await open();
    expect((await store.position("unit-1")).size).toBe(1);
    expect((await store.position("unit-1")).tree).toEqual(Uint8Array.of(7, 1));
    const frames = await store.frames({
      vehicleId: "car-1",
      stream: "telemetry",
      before: 99,
      limit: 9,
    });
    expect(frames.map((frame) => [frame.sequence, frame.samples, frame.finality])).toEqual([
      [1, 3, "logged"],
    ]);
  });

  test("a batch that does not continue the log is refused and leaves nothing behind", async () => {
    await store.commitEntries(batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 1 })] }));
    for (const from of [0, 2]) {
      const repeated = batch({ from, rows: [frameRow({ sequence: 2, samples: 1 })] });
      await expect(store.commitEntries(repeated)).rejects.toMatchObject({ code: "STORE_POSITION" });
    }
    const [totals] = await store.vehicleTotals();
    expect(totals?.samples.logged).toBe(1);
    expect((await store.position("unit-1")).size).toBe(1);
  });

  test("a failure in the middle of a batch rolls back what was appended before it", async () => {
    const broken = { ...frameRow({ sequence: 2, samples: 1 }), accepted_ms: 1.5 };
    const rows = [frameRow({ sequence: 1, samples: 2 }), broken];
    await expect(store.commitEntries(batch({ from: 0, rows }))).rejects.toMatchObject({
      code: "STORE_FAILED",
    });
    expect(await store.vehicleTotals()).toEqual([]);
    await store.commitEntries(batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 2 })] }));
    const [totals] = await store.vehicleTotals();
    expect(totals?.samples).toEqual({ logged: 2, final: 0 });
  });

  test("a frame that two units logged counts its samples once", async () => {
    const row = frameRow({ sequence: 5, samples: 4 });
    await store.commitEntries(batch({ from: 0, rows: [row] }));
    const second = await store.commitEntries(batch({ unitId: "unit-2", from: 0, rows: [row] }));
    expect([...second.duplicates]).toEqual([0]);
    const [totals] = await store.vehicleTotals();
    expect(totals?.frames.logged).toBe(1);
    expect(totals?.samples.logged).toBe(4);
    const frames = await store.frames({
      vehicleId: "car-1",
      stream: "telemetry",
      before: 99,
      limit: 9,
    });
    expect(frames.map((frame) => frame.duplicate).sort()).toEqual([false, true]);
  });

  test("an older frame that only the second unit holds is no duplicate", async () => {
    await store.commitEntries(batch({ from: 0, rows: [frameRow({ sequence: 5, samples: 1 })] }));
    const late = frameRow({ sequence: 3, samples: 2 });
    const commit = await store.commitEntries(batch({ unitId: "unit-2", from: 0, rows: [late] }));
    expect(commit.duplicates.size).toBe(0);
    expect((await store.vehicleTotals())[0]?.samples.logged).toBe(3);
  });

  test("the newest frames are found whatever numbers lie between them, and so are those before", async () => {
    const sequences = [1, 2, 3, 1000, 1001, 5000];
    const rows = sequences.map((sequence, logIndex) =>
      frameRow({ sequence, samples: 1, logIndex, start_ms: 1000 * sequence }),
    );
    await store.commitEntries(batch({ from: 0, rows }));
    const found = async (before: number, limit: number): Promise<number[]> => {
      const frames = await store.frames({ vehicleId: "car-1", stream: "telemetry", before, limit });
      return frames.map(({ sequence }) => sequence);
    };
    expect(await found(Number.MAX_SAFE_INTEGER, 1)).toEqual([5000]);
    expect(await found(Number.MAX_SAFE_INTEGER, 4)).toEqual([5000, 1001, 1000, 3]);
    expect(await found(1000, 2)).toEqual([3, 2]);
    expect(await found(1, 5)).toEqual([]);
  });

  test("a final checkpoint raises exactly the rows below its size", async () => {
    const rows = [1, 2, 3].map((sequence) =>
      frameRow({ sequence, samples: 2, logIndex: sequence - 1 }),
    );
    await store.commitEntries(batch({ from: 0, rows }));
    const checkpoint = {
      unitId: "unit-1",
      size: 2,
      root: new Uint8Array(32),
      height: 9,
      resultIndex: 4,
      final_ms: 777,
      tree: Uint8Array.of(1),
    };
    expect(await store.commitFinality(checkpoint)).toEqual([
      { vehicleId: "car-1", frames: 2, samples: 4 },
    ]);
    expect(await store.commitFinality(checkpoint)).toEqual([]);
    const frames = await store.frames({
      vehicleId: "car-1",
      stream: "telemetry",
      before: 99,
      limit: 9,
    });
    expect(frames.map((frame) => [frame.finalHeight, frame.final_ms])).toEqual([
      [null, null],
      [9, 777],
      [9, 777],
    ]);
    expect(await store.finalRange("unit-1")).toMatchObject({ size: 2, height: 9 });
    expect((await store.vehicleTotals())[0]?.frames).toEqual({ logged: 3, final: 2 });
  });

  test("an earlier checkpoint keeps its own height when a later one follows", async () => {
    const rows = [1, 2].map((sequence) =>
      frameRow({ sequence, samples: 1, logIndex: sequence - 1 }),
    );
    await store.commitEntries(batch({ from: 0, rows }));
    const base = {
      unitId: "unit-1",
      root: new Uint8Array(32),
      resultIndex: 0,
      tree: Uint8Array.of(1),
    };
    await store.commitFinality({ ...base, size: 1, height: 3, final_ms: 30 });
    await store.commitFinality({ ...base, size: 2, height: 4, final_ms: 40 });
    const frames = await store.frames({
      vehicleId: "car-1",
      stream: "telemetry",
      before: 99,
      limit: 9,
    });
    expect(frames.map((frame) => frame.finalHeight)).toEqual([4, 3]);
  });

  test("history keeps a single extreme sample however wide its bucket", async () => {
    const row = frameRow({ sequence: 1, samples: 60 });
    const changed = batch({ from: 0, rows: [row] });
    changed.samples.packVoltage_V[31] = 999;
    changed.samples.cellMin_mV[17] = 5;
    await store.commitEntries(changed);
    const history = await store.history({
      vehicleId: "car-1",
      from_ms: 0,
      to_ms: 100_000,
      points: 2,
    });
    expect(Math.max(...history.buckets.map((bucket) => bucket.packVoltageMax_V ?? 0))).toBe(999);
    expect(Math.min(...history.buckets.map((bucket) => bucket.cellMin_mV ?? 9999))).toBe(5);
    expect(history.buckets.reduce((sum, bucket) => sum + bucket.samples, 0)).toBe(60);
    expect(history.origins).toEqual(["replayed"]);
  });

  test("a silence breaks the line with a row of nulls, and the axis never runs back", async () => {
    const early = frameRow({ sequence: 1, samples: 3 });
    const late = frameRow({ sequence: 2, samples: 3, logIndex: 1, start_ms: 50_000 });
    await store.commitEntries(batch({ from: 0, rows: [early, late] }));
    const history = await store.history({
      vehicleId: "car-1",
      from_ms: 0,
      to_ms: 60_000,
      points: 60,
    });
    const nulls = history.buckets.filter((bucket) => bucket.packVoltageMean_V === null);
    expect(nulls).toHaveLength(1);
    const times = history.buckets.map((bucket) => bucket.time_ms);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  test("a declared gap comes with the history as an interval with its cause", async () => {
    await store.commitEntries(
      batch({ from: 0, rows: [gapRow({ sequence: 7, from_ms: 2000, to_ms: 4000 })] }),
    );
    const history = await store.history({
      vehicleId: "car-1",
      from_ms: 0,
      to_ms: 60_000,
      points: 60,
    });
    expect(history.gaps).toEqual([
      {
        stream: "telemetry",
        from_ms: 2000,
        to_ms: 4000,
        samples: 20,
        firstSequence: 5,
        lastSequence: 6,
        cause: "outbox-full",
        unitId: "unit-1",
      },
    ]);
    expect((await store.vehicleTotals())[0]?.gaps).toBe(1);
  });

  test("the newest sample at a moment is found with its frame", async () => {
    await store.commitEntries(batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 10 })] }));
    const found = await store.frameAt({ vehicleId: "car-1", at_ms: 4500 });
    expect(found).toMatchObject({ sampleIndex: 3, unitId: "unit-1", finality: "logged" });
    expect(await store.frameAt({ vehicleId: "car-1", at_ms: 10 })).toBeUndefined();
  });

  test("an event is stored once however often its feed repeats it", async () => {
    const one = feedEvent({ at_ms: 5, state: "asserted" });
    expect(
      await store.commitEvents({ unitId: "unit-1", cursor: 1, events: [one, one] }),
    ).toHaveLength(1);
    expect(await store.commitEvents({ unitId: "unit-1", cursor: 2, events: [one] })).toEqual([]);
    expect((await store.position("unit-1")).eventCursor).toBe(2);
    expect((await store.eventCounts()).get("car-1")).toBe(1);
    expect((await store.event(one.event.id))?.sentence).toBe(one.event.sentence);
  });

  test("an event is final from the block that records it, whichever comes first", async () => {
    const early = feedEvent({ at_ms: 5, state: "asserted" });
    const late = feedEvent({ at_ms: 6, state: "asserted" });
    await store.commitEvents({ unitId: "unit-1", cursor: 1, events: [early] });
    await store.commitBlock(
      blockRecord({
        height: 1,
        events: [early, late].map(({ event }, at) => ({
          id: event.id,
          height: 1,
          resultIndex: at,
          final_ms: 50,
        })),
      }),
    );
    const [fresh] = await store.commitEvents({ unitId: "unit-1", cursor: 2, events: [late] });
    expect(fresh).toMatchObject({
      finality: "final",
      finalHeight: 1,
      resultIndex: 1,
      final_ms: 50,
    });
    expect((await store.event(early.event.id))?.resultIndex).toBe(0);
  });

  test("an alert is open until the same function clears it", async () => {
    const asserted = feedEvent({ at_ms: 5, state: "asserted" });
    await store.commitEvents({ unitId: "unit-1", cursor: 1, events: [asserted] });
    expect((await store.openAlerts()).map((event) => event.id)).toEqual([asserted.event.id]);
    const cleared = feedEvent({ at_ms: 9, state: "cleared" });
    await store.commitEvents({ unitId: "unit-1", cursor: 2, events: [cleared] });
    expect(await store.openAlerts()).toEqual([]);
  });

  test("a block comes back with its bytes, its results and its signers", async () => {
    const results = [resultBytes(1, "OK"), resultBytes(2, "DUPLICATE")];
    await store.commitBlock(blockRecord({ height: 1, results }));
    expect(await store.height()).toBe(1);
    const block = await store.block(1);
    expect(block?.results).toEqual(results);
    expect(block?.view.signers).toEqual(["validator-1", "validator-2"]);
    expect(await store.block(2)).toBeUndefined();
    expect(
      (await store.blocksFrom({ height: 1, limit: 5 })).map((stored) => stored.height),
    ).toEqual([1]);
    expect((await store.blocks({ before: 9, limit: 5 })).map((view) => view.height)).toEqual([1]);
  });

  test("a store of version 3 learns which transactions and epochs its blocks hold", async () => {
    const results = [resultBytes(1, "OK"), resultBytes(2, "DUPLICATE")];
    const header = new Uint8Array(60); // A length, a version, the chain's id, a height; then the epoch.
    header[52] = 3;
    await store.commitBlock({ ...blockRecord({ height: 1, results }), block: header });
    await store.close();
    const instance = await DuckDBInstance.create(join(folder, "telemetry.duckdb"));
    const connection = await instance.connect();
    for (const sql of [
      "drop table transactions",
      "drop table epochs",
      "update store_version set version = 3",
    ]) {
      await connection.run(sql);
    }
    connection.closeSync();
    instance.closeSync();
    store = await open();
    const { chain } = store;
    expect((await chain.transaction(new Uint8Array(32).fill(2)))?.bytes).toEqual(results[1]);
    expect(await chain.transaction(new Uint8Array(32).fill(3))).toBeUndefined();
    const refused = await chain.transactions({ refused: true, before: 9, limit: 9 });
    expect(refused.map(({ index }) => index)).toEqual([1]);
    expect(await chain.epochs()).toEqual([{ epoch: 3, firstHeight: 1, members: [] }]);
  });

  test("a repeated incident counts up instead of filling the table", async () => {
    const incident = { code: "ROOT_MISMATCH", unitId: null, sentence: "roots differ", at_ms: 1 };
    await store.recordIncident(incident);
    const again = await store.recordIncident({ ...incident, at_ms: 5 });
    expect(again).toMatchObject({ id: 1, count: 2, first_ms: 1, last_ms: 5 });
    expect(await store.incidents(10)).toEqual([again]);
  });

  test("a stopped store is read without its process", async () => {
    const rows = [frameRow({ sequence: 1, samples: 3 })];
    await store.commitEntries(batch({ from: 0, rows }));
    await store.commitEntries(batch({ unitId: "unit-2", from: 0, rows }));
    await store.commitEvents({
      unitId: "unit-1",
      cursor: 1,
      events: [feedEvent({ at_ms: 5, state: "asserted" })],
    });
    await expect(openStoreReader(join(folder, "elsewhere"))).rejects.toMatchObject({
      code: "STORE_UNREADABLE",
    });
    await store.close();
    const reader = await openStoreReader(folder);
    expect(await reader.samplesStored()).toBe(3);
    expect(await reader.frames()).toEqual([
      { commitment: "01".padEnd(64, "0"), stored_ms: 30_000 },
    ]);
    expect(await reader.events()).toEqual([
      { id: "5".padStart(64, "0"), recorded_ms: 6, final_ms: null },
    ]);
    await reader.close();
    store = await open();
  });
});
