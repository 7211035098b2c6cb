import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@voltfog/runtime/node";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HistoryView } from "../api/responses.ts";
import { batch, frameRow } from "../testing/store-rows.ts";
import { openDuckDbStore } from "./duckdb-store.ts";
import { openStoreReader } from "./store-reader.ts";
import type { EntryBatch, TelemetryStore } from "./telemetry-store.ts";

const hour_ms = 3_600_000;
const day_ms: number = 24 * hour_ms;
const car = { vehicleId: "car-1" };

let folder: string;
let store: TelemetryStore;

const open = (): Promise<TelemetryStore> =>
  openDuckDbStore({ folder: join(folder, "a"), memoryMax_bytes: 512e6, clock: systemClock });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloud-store-"));
  store = await open();
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One frame of as many samples as given, a second apart, whose voltage tells each sample. */
function frame(at: number, start_ms: number, samples: number): EntryBatch {
  const row = frameRow({ sequence: at + 1, samples, logIndex: at, start_ms });
  const made = batch({ from: at, rows: [row] });
  made.samples.packVoltage_V.forEach((_, i, column) => {
    column[i] = 300 + ((at * 64 + i) % 200);
  });
  return made;
}

function countOf(history: HistoryView): number {
  return history.buckets.reduce((sum, { samples }) => sum + samples, 0);
}

async function threeDays(): Promise<void> {
  for (let at = 0; at < 72; at++) await store.commitEntries(frame(at, at * hour_ms, 60));
}

describe("roll-ups", () => {
  test("say what the samples say, whenever these were settled and whatever the range", async () => {
    const starts = fc.array(fc.integer({ min: 0, max: 5 * day_ms }), {
      minLength: 3,
      maxLength: 12,
    });
    const instant = fc.integer({ min: 0, max: 6 * day_ms });
    let next = 0;
    const kept: { wall_ms: number; voltage_V: number }[] = [];
    await fc.assert(
      fc.asyncProperty(
        starts,
        fc.integer({ min: 1, max: 4 }),
        instant,
        instant,
        fc.integer({ min: 2, max: 60 }),
        async (begins, every, a, b, points) => {
          for (const start_ms of begins) {
            const made = frame(next, start_ms, 50);
            made.samples.packVoltage_V.forEach((voltage_V, i) => {
              kept.push({ wall_ms: start_ms + 1000 * i, voltage_V });
            });
            await store.commitEntries(made);
            next += 1;
            if (next % every === 0) await store.settle();
          }
          const range = { from_ms: Math.min(a, b), to_ms: Math.max(a, b) + 1 };
          const history = await store.history({ ...car, ...range, points });
          const inside = kept.filter(
            ({ wall_ms }) => wall_ms >= range.from_ms && wall_ms < range.to_ms,
          );
          expect(countOf(history)).toBe(inside.length);
          const highest = history.buckets.map((bucket) => bucket.packVoltageMax_V ?? 0);
          expect(Math.max(0, ...highest)).toBe(Math.max(0, ...inside.map((one) => one.voltage_V)));
          const total = history.buckets.reduce(
            (sum, { samples, packVoltageMean_V }) => sum + samples * (packVoltageMean_V ?? 0),
            0,
          );
          expect(total).toBeCloseTo(
            inside.reduce((sum, one) => sum + one.voltage_V, 0),
            -1,
          );
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe("retention", () => {
  const keep = { samplesFrom_ms: 2 * day_ms, framesFrom_ms: 0 };
  const wide = { ...car, from_ms: 0, to_ms: 3 * day_ms, points: 100 };

  test("removes samples of before, and charts still show their extremes", async () => {
    await threeDays();
    const before = await store.history(wide);
    expect(await store.retain(keep)).toEqual({ samples: 48 * 60, frames: 0 });
    expect(await store.retain(keep)).toEqual({ samples: 0, frames: 0 });
    expect(await store.history(wide)).toEqual(before);
    expect(await store.frameAt({ ...car, at_ms: day_ms })).toBeUndefined();
    const narrow = { ...car, from_ms: hour_ms, to_ms: hour_ms + 90_000, points: 90 };
    const { buckets, bucket_ms } = await store.history(narrow);
    expect(bucket_ms).toBe(60_000);
    expect(buckets.reduce((sum, { samples }) => sum + samples, 0)).toBe(60);
    await store.close();
    const reader = await openStoreReader(join(folder, "a"));
    expect(await reader.samplesStored()).toBe(72 * 60);
    await reader.close();
    store = await open();
  });

  test("removes no signed frame before it is final", async () => {
    await threeDays();
    const all = { samplesFrom_ms: 0, framesFrom_ms: Number.MAX_SAFE_INTEGER };
    expect(await store.retain(all)).toEqual({ samples: 0, frames: 0 });
    const proof = { root: new Uint8Array(32), height: 1, resultIndex: 0, final_ms: 1 };
    await store.commitFinality({
      ...{ unitId: "unit-1", size: 70, tree: Uint8Array.of(1) },
      ...proof,
    });
    expect(await store.retain(all)).toEqual({ samples: 0, frames: 70 });
    expect(await store.entryBytes({ unitId: "unit-1", from: 0, to: 99 })).toHaveLength(72);
    expect((await store.vehicleTotals())[0]?.samples.logged).toBe(72 * 60);
  });
});

describe("an archive", () => {
  const wide = { ...car, from_ms: 0, to_ms: 3 * day_ms, points: 100 };

  test("brings into another store what was in this one, once", async () => {
    await threeDays();
    const out = join(folder, "archive");
    const archive = await store.exportArchive({ folder: out, from_ms: 0, to_ms: 2 * day_ms });
    expect(archive.rows).toMatchObject({ samples: 48 * 60, hours: 48, days: 2 });
    const other = await openDuckDbStore({
      folder: join(folder, "b"),
      memoryMax_bytes: 512e6,
      clock: systemClock,
    });
    expect(await other.importArchive(out)).toEqual({ samples: 48 * 60, known: 0 });
    expect(await other.importArchive(out)).toEqual({ samples: 0, known: 48 * 60 });
    const half = { ...wide, to_ms: 2 * day_ms };
    expect((await other.history(half)).buckets).toEqual((await store.history(half)).buckets);
    await other.close();
  });

  test("brings back what retention removed, and no chart counts it twice", async () => {
    await threeDays();
    const before = await store.history(wide);
    const out = join(folder, "archive");
    await store.exportArchive({ folder: out, from_ms: 0, to_ms: 2 * day_ms });
    await store.retain({ samplesFrom_ms: day_ms, framesFrom_ms: 0 });
    expect(await store.importArchive(out)).toEqual({ samples: 24 * 60, known: 24 * 60 });
    expect(await store.history(wide)).toEqual(before);
    expect(await store.frameAt({ ...car, at_ms: 5000 })).toMatchObject({ sampleIndex: 5 });
  });

  test("is neither written over another one nor read where it is not whole", async () => {
    await threeDays();
    const out = join(folder, "it's an archive");
    const range = { from_ms: 0, to_ms: day_ms };
    await store.exportArchive({ folder: out, ...range });
    await expect(store.exportArchive({ folder: out, ...range })).rejects.toMatchObject({
      code: "ARCHIVE_EXISTS",
    });
    const empty = join(folder, "empty");
    mkdirSync(empty);
    await expect(store.importArchive(empty)).rejects.toMatchObject({ code: "ARCHIVE_INVALID" });
    writeFileSync(join(empty, "archive.json"), `{"version":1}`);
    writeFileSync(join(empty, "samples.parquet"), "PAR1 no parquet");
    await expect(store.importArchive(empty)).rejects.toMatchObject({ code: "ARCHIVE_INVALID" });
    expect(countOf(await store.history(wide))).toBe(72 * 60);
  });
});
