import { describe, expect, it } from "vitest";
import { fleetHistory, historyStart_ms, historyVehicle } from "./fleet-history.ts";

const options = { seed: 3, vehicles: 4, days: 40 };

describe("a simulated fleet history", () => {
  it("gives the same numbers for the same seed, and others for another", () => {
    const first = [...fleetHistory({ ...options, vehicles: 1, days: 5 })];
    const again = [...fleetHistory({ ...options, vehicles: 1, days: 5 })];
    const other = [...fleetHistory({ ...options, vehicles: 1, days: 5, seed: 4 })];
    expect(again.map(({ readings }) => readings)).toEqual(first.map(({ readings }) => readings));
    expect(other[0]?.readings.cellMean_mV).not.toEqual(first[0]?.readings.cellMean_mV);
  });

  it("gives a vehicle that does not depend on how many there are, nor on the length of the history", () => {
    const alone = [...historyVehicle({ seed: 3, vehicles: 9, days: 6 }, 2).days()];
    const among = [...fleetHistory(options)].filter(
      ({ vehicle, day }) => vehicle.index === 2 && day < 6,
    );
    expect(among.map(({ readings }) => readings)).toEqual(alone.map(({ readings }) => readings));
  });

  it("gives rows of each day in order, with columns of one length and believable values", () => {
    for (const { readings, day } of fleetHistory(options)) {
      const { wall_ms, cellMin_mV, cellMean_mV, cellMax_mV } = readings;
      const from_ms = historyStart_ms + day * 86_400_000;
      expect(cellMax_mV).toHaveLength(wall_ms.length);
      for (let i = 0; i < wall_ms.length; i++) {
        expect(wall_ms[i]).toBeGreaterThan(i === 0 ? from_ms : (wall_ms[i - 1] as number));
        expect(wall_ms[i]).toBeLessThan(from_ms + 86_400_000);
        expect(cellMin_mV[i]).toBeGreaterThan(2500);
        expect(cellMean_mV[i]).toBeGreaterThan((cellMin_mV[i] as number) - 1);
        expect(cellMax_mV[i]).toBeGreaterThan((cellMean_mV[i] as number) - 1);
        expect(cellMax_mV[i]).toBeLessThan(4300);
      }
    }
  });

  it("loses capacity, and can deliver no more than its cells hold", () => {
    for (const { truth } of fleetHistory({ ...options, days: 3 })) {
      expect(truth.usable).toBeLessThanOrEqual(truth.cells);
      expect(truth.cells).toBeLessThan(1.01);
    }
    const days = [...historyVehicle({ seed: 3, vehicles: 1, days: 120 }, 0).days()];
    expect(days.at(-1)?.truth.cells).toBeLessThan((days[0]?.truth.cells ?? 0) - 0.003);
  });

  it("sends a vehicle whose fault failed to the workshop, which declares the gap", () => {
    const long = { seed: 1, vehicles: 40, days: 500 };
    const failed = Array.from({ length: long.vehicles }, (_, i) => historyVehicle(long, i)).find(
      ({ faults }) => faults.some(({ failureDay }) => failureDay < 480),
    );
    const failureDay = failed?.faults[0]?.failureDay ?? -1;
    const days = [...(failed?.days() ?? [])];
    expect(days[failureDay]?.truth.failsIn_d).toBe(0);
    const away = days[failureDay + 1];
    expect(away?.truth).toMatchObject({ isInWorkshop: true, fault: null });
    expect(away?.readings.wall_ms).toHaveLength(0);
    expect(away?.readings.gaps).toHaveLength(1);
  });

  it("equals the history without its faults up to the first onset", () => {
    const long = { seed: 1, vehicles: 40, days: 300 };
    const found = Array.from({ length: long.vehicles }, (_, i) => historyVehicle(long, i)).find(
      ({ faults }) => (faults[0]?.onsetDay ?? 0) > 20,
    );
    const onset = found?.faults[0]?.onsetDay ?? 0;
    // A history that ends before the onset has drawn no fault.
    const short = historyVehicle({ ...long, days: onset }, found?.index ?? 0);
    expect(short.faults).toEqual([]);
    const before = [...short.days()].map(({ readings }) => readings);
    const days = found?.days();
    for (const readings of before) expect(days?.next().value).toMatchObject({ readings });
  });

  it("tells when cells will have ended their life", () => {
    const days = historyVehicle(options, 1).days();
    let step = days.next();
    while (step.done !== true) step = days.next();
    expect(step.value.endOfLife_d).toBeGreaterThan(100);
  });
});
