import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PackSample } from "../pack-sample.ts";
import type { Fault } from "../simulation/fault.ts";
import { packPresets } from "../simulation/pack-preset.ts";
import { VehicleSimulator } from "../simulation/vehicle-simulator.ts";
import { steadySample } from "../testing/steady-sample.ts";
import { type Anomaly, AnomalyDetector } from "./anomaly-detector.ts";

const preset = packPresets.nmc96;
const onset_s = 2.3 * 86_400;

/** Scores of one vehicle until some time after the onset, the worst before it and the first alarm after. */
function watch(
  fault: Fault | undefined,
  watched_s: number,
  socError = 0,
): { before: number; alarm: Anomaly | undefined; found_s: number } {
  const simulator = new VehicleSimulator({
    seed: 77,
    vehicle: 0,
    preset,
    start_ms: 1e12,
    steps: { driving_s: 10, charging_s: 60, parked_s: 300 },
    window: { from_s: onset_s - 300, to_s: onset_s + 1800, step_s: 1 },
    faults: fault === undefined ? [] : [fault],
  });
  const detector = new AnomalyDetector(preset);
  let before = 0;
  let missed = 0;
  while (simulator.pack.elapsed_s < onset_s + watched_s) {
    const { elapsed_s, sample, mode, insulation_Ohm, arrives } = simulator.next();
    missed = arrives ? missed : missed + 1;
    if (!arrives) continue;
    const alarm = detector.update(
      { ...sample, soc: sample.soc + socError },
      { isParked: mode === "parked", insulation_Ohm, missed },
    );
    missed = 0;
    if (elapsed_s <= onset_s) before = Math.max(before, alarm.score);
    else if (alarm.score >= 1) return { before, alarm, found_s: elapsed_s - onset_s };
  }
  return { before, alarm: undefined, found_s: Number.POSITIVE_INFINITY };
}

const cases: readonly [string, Fault, number, Partial<Anomaly>][] = [
  [
    "a short of 0.1 Ω",
    { kind: "internal-short", onset_s, cell: 30, resistance_Ohm: 0.1 },
    20,
    { cause: "cell", place: 30 },
  ],
  [
    "a short of 1 Ω",
    { kind: "internal-short", onset_s, cell: 31, resistance_Ohm: 1 },
    900,
    { cause: "cell", place: 31 },
  ],
  [
    "a voltage that never changes",
    { kind: "sensor-stuck", onset_s, sensor: "voltage", place: 7 },
    60,
    { cause: "cell", place: 7 },
  ],
  [
    "an open thermistor",
    { kind: "sensor-open", onset_s, sensor: "temperature", place: 5 },
    300,
    {},
  ],
  [
    "an insulation of 100 kΩ",
    { kind: "insulation-loss", onset_s, resistance_Ohm: 100_000 },
    300,
    { cause: "insulation" },
  ],
  [
    "a fifth of samples missing",
    { kind: "packet-loss", onset_s, share: 0.2 },
    300,
    { cause: "samples-missing" },
  ],
  [
    "a current sensor off by 2 A",
    { kind: "sensor-offset", onset_s, sensor: "current", place: 0, offset: 2 },
    43_200,
    {},
  ],
];

describe("the anomaly detector", () => {
  it("stays below its threshold on a sound vehicle", () => {
    const { before, alarm } = watch(undefined, 86_400);
    expect(before).toBeLessThan(1);
    expect(alarm).toBeUndefined();
  });

  it("is not misled by a pack that thinks itself three per cent fuller", () => {
    expect(watch(undefined, 86_400, 0.03).alarm).toBeUndefined();
  });

  it.each(cases)("finds %s, and says where", (_, fault, within_s, expected) => {
    const { before, alarm, found_s } = watch(fault, within_s);
    expect(before).toBeLessThan(1);
    expect(alarm).toMatchObject(expected);
    expect(found_s).toBeLessThanOrEqual(within_s);
  });

  it("never throws and never says NaN, whatever the sample", () => {
    const number = fc.oneof(fc.double(), fc.integer({ min: -400, max: 400 }));
    const samples = fc.array(
      fc.record({
        packCurrent_A: number,
        soc: number,
        monotonic_ms: fc.oneof(number, fc.integer({ min: 0, max: 1e9 })),
        cells_mV: fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 3, maxLength: 4 }),
        sensors_degC: fc.array(number, { minLength: 2, maxLength: 3 }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(samples, (list) => {
        const detector = new AnomalyDetector({ ...preset, cells: 4, sensors: 2 });
        for (const [t_s, change] of list.entries()) {
          const sample: PackSample = {
            ...steadySample(t_s, change),
            monotonic_ms: change.monotonic_ms,
          };
          expect(Number.isNaN(detector.update(sample).score)).toBe(false);
        }
      }),
    );
  });
});
