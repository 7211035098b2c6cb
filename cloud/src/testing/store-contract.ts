import fc from "fast-check";
import { expect, test } from "vitest";
import type { HistoryView } from "../api/responses.ts";
import type { TelemetryStore } from "../store/telemetry-store.ts";
import { batch, frameRow } from "./store-rows.ts";

/** A store under test: open now, and opened again over the same data. */
export interface StoreUnderTest {
  readonly store: TelemetryStore;
  reopen(): Promise<TelemetryStore>;
}

const car = { vehicleId: "car-1" };
const all = { ...car, from_ms: 0, to_ms: 100_000 };
const minute_ms = 60_000;
const day_ms: number = 24 * 60 * minute_ms;

/** What every engine that keeps samples has to hold, over a store that is empty before each test. */
export function storeContract(given: () => StoreUnderTest): void {
  exactlyOnce(given);
  disorder(given);
  ranges(given);
  hostility(given);
}

async function samplesOf(store: TelemetryStore): Promise<number> {
  return countOf(await store.history({ ...all, points: 10 }));
}

function countOf(history: HistoryView): number {
  return history.buckets.reduce((sum, { samples }) => sum + samples, 0);
}

function exactlyOnce(given: () => StoreUnderTest): void {
  test("samples are there with their cursor, and after the store is opened again", async () => {
    await given().store.commitEntries(
      batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 7 })] }),
    );
    const store = await given().reopen();
    expect((await store.position("unit-1")).size).toBe(1);
    expect(await samplesOf(store)).toBe(7);
  });

  test("a batch that is stored again is refused and changes nothing", async () => {
    const { store } = given();
    const once = batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 4 })] });
    await store.commitEntries(once);
    await expect(store.commitEntries(once)).rejects.toMatchObject({ code: "STORE_POSITION" });
    const skipping = batch({ from: 9, rows: [frameRow({ sequence: 2, samples: 4 })] });
    await expect(store.commitEntries(skipping)).rejects.toMatchObject({ code: "STORE_POSITION" });
    expect(await samplesOf(store)).toBe(4);
  });

  test("a batch that failed half-way is stored whole when it comes again", async () => {
    const { store } = given();
    const rows = [frameRow({ sequence: 1, samples: 3 })];
    const broken = { ...frameRow({ sequence: 2, samples: 2, start_ms: 9000 }), accepted_ms: 1.5 };
    const whole = frameRow({ sequence: 2, samples: 2, logIndex: 1, start_ms: 9000 });
    await expect(
      store.commitEntries(batch({ from: 0, rows: [...rows, broken] })),
    ).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect((await store.position("unit-1")).size).toBe(0);
    await store.commitEntries(batch({ from: 0, rows: [...rows, whole] }));
    expect(await samplesOf(store)).toBe(5);
  });

  test("a frame that two units logged counts its samples once", async () => {
    const { store } = given();
    const rows = [frameRow({ sequence: 5, samples: 4 })];
    await store.commitEntries(batch({ from: 0, rows }));
    const second = await store.commitEntries(batch({ unitId: "unit-2", from: 0, rows }));
    expect([...second.duplicates]).toEqual([0]);
    expect(await samplesOf(store)).toBe(4);
  });
}

function disorder(given: () => StoreUnderTest): void {
  test("late and out-of-order frames stand where their time is", async () => {
    const { store } = given();
    for (const [from, sequence] of [4, 2, 3, 1].entries()) {
      const row = frameRow({ sequence, samples: 5, logIndex: from, start_ms: 10_000 * sequence });
      await store.commitEntries(batch({ from, rows: [row] }));
    }
    const { buckets } = await store.history({ ...all, points: 100 });
    const times = buckets.filter(({ samples }) => samples > 0).map(({ time_ms }) => time_ms);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times).toHaveLength(20);
    expect(await store.frameAt({ ...car, at_ms: 22_500 })).toMatchObject({ sampleIndex: 2 });
  });

  test("a clock that was set back loses no sample, also at the same millisecond", async () => {
    const { store } = given();
    const rows = [1, 2, 3].map((sequence) =>
      frameRow({ sequence, samples: 6, logIndex: sequence - 1, start_ms: 5000 }),
    );
    await store.commitEntries(batch({ from: 0, rows }));
    expect(await samplesOf(store)).toBe(18);
  });

  test("a clock that was never set puts its samples at 1970", async () => {
    const { store } = given();
    await store.commitEntries(
      batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 2, start_ms: 0 })] }),
    );
    const { buckets } = await store.history({ ...all, to_ms: 2000, points: 2 });
    expect(buckets.map(({ time_ms, samples }) => [time_ms, samples])).toEqual([
      [0, 1],
      [1000, 1],
    ]);
  });
}

function ranges(given: () => StoreUnderTest): void {
  test("a single extreme sample survives however wide the bucket", async () => {
    const { store } = given();
    const changed = batch({
      from: 0,
      rows: [frameRow({ sequence: 1, samples: 60, start_ms: 40 * day_ms + 30_000 })],
    });
    changed.samples.packVoltage_V[31] = 999;
    changed.samples.cellMin_mV[17] = 5;
    changed.samples.temperatureMax_degC[3] = 71.5;
    await store.commitEntries(changed);
    for (const [span_ms, points] of [
      [day_ms / 2, 100],
      [40 * day_ms, 300],
      [80 * day_ms, 3],
    ] as const) {
      const from_ms = 40 * day_ms - span_ms / 2;
      const history = await store.history({ ...car, from_ms, to_ms: from_ms + span_ms, points });
      const of = (value: (bucket: HistoryView["buckets"][number]) => number | null): number[] =>
        history.buckets.map(value).filter((one) => one !== null);
      expect(Math.max(...of(({ packVoltageMax_V }) => packVoltageMax_V))).toBe(999);
      expect(Math.min(...of(({ cellMin_mV }) => cellMin_mV))).toBe(5);
      expect(Math.max(...of(({ temperatureMax_degC }) => temperatureMax_degC))).toBe(71.5);
      expect(countOf(history)).toBe(60);
      expect(history.buckets.length).toBeLessThanOrEqual(points + 2);
    }
  });

  test("a range takes its start in and leaves its end out", async () => {
    const { store } = given();
    await store.commitEntries(
      batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 10, start_ms: 0 })] }),
    );
    const inside = await store.history({ ...car, from_ms: 2000, to_ms: 5000, points: 3 });
    expect(inside.buckets.map(({ time_ms }) => time_ms)).toEqual([2000, 3000, 4000]);
  });

  test("a pack without temperature sensors has none", async () => {
    const { store } = given();
    const bare = batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 2 })] });
    bare.samples.temperatureMin_degC.fill(Number.NaN);
    bare.samples.temperatureMax_degC.fill(Number.NaN);
    await store.commitEntries(bare);
    const { buckets } = await store.history({ ...all, points: 1 });
    expect(buckets).toMatchObject([
      { samples: 2, temperatureMax_degC: null, packVoltageMean_V: 350 },
    ]);
  });

  test("another vehicle's samples are not shown", async () => {
    const { store } = given();
    await store.commitEntries(batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 2 })] }));
    expect(countOf(await store.history({ ...all, vehicleId: "car-2", points: 9 }))).toBe(0);
    expect(await store.frameAt({ vehicleId: "car-2", at_ms: 50_000 })).toBeUndefined();
  });
}

const hostileIds = [
  "car-1' OR vehicle != '",
  "car-1'; DROP MEASUREMENT pack; --",
  "car-1\\",
  "car-1\\' OR 1=1",
  "car\n-1",
  '"car-1"',
  "*",
  "%",
  "",
];

function hostility(given: () => StoreUnderTest): void {
  test("no text of a query reaches beyond its place", async () => {
    const { store } = given();
    await store.commitEntries(batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 3 })] }));
    const other = fc.oneof(
      fc.constantFrom(...hostileIds),
      fc.string({ unit: "binary", maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(other, async (vehicleId) => {
        fc.pre(vehicleId !== "car-1");
        expect(countOf(await store.history({ ...all, vehicleId, points: 9 }))).toBe(0);
        expect(await store.frameAt({ vehicleId, at_ms: Number.MAX_SAFE_INTEGER })).toBeUndefined();
      }),
      { numRuns: 60 },
    );
    expect(await samplesOf(store)).toBe(3);
  });

  test("any range of time that the API lets through is answered", async () => {
    const { store } = given();
    await store.commitEntries(batch({ from: 0, rows: [frameRow({ sequence: 1, samples: 3 })] }));
    const instant = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 8_640_000_000_000_000 }));
    await fc.assert(
      fc.asyncProperty(
        instant,
        instant,
        fc.integer({ min: 2, max: 2000 }),
        async (a, b, points) => {
          fc.pre(a !== b);
          const range = { from_ms: Math.min(a, b), to_ms: Math.max(a, b) };
          const { buckets } = await store.history({ ...car, ...range, points });
          expect(buckets.length).toBeLessThanOrEqual(2 * points);
          await store.frameAt({ ...car, at_ms: a });
        },
      ),
      { numRuns: 60 },
    );
  });
}
