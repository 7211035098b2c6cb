import { describe, expect, it } from "vitest";
import type { Fault } from "./fault.ts";
import { type PackPresetId, packPresets } from "./pack-preset.ts";
import { type VehicleReading, VehicleSimulator } from "./vehicle-simulator.ts";

const steps = { driving_s: 5, charging_s: 60, parked_s: 300 };

function vehicle(o: {
  seed?: number;
  preset?: PackPresetId;
  faults?: readonly Fault[];
}): VehicleSimulator {
  const preset = packPresets[o.preset ?? "nmc96"];
  return new VehicleSimulator({
    seed: o.seed ?? 1,
    vehicle: 0,
    preset,
    start_ms: 1e12,
    steps,
    faults: o.faults ?? [],
  });
}

function readings(simulator: VehicleSimulator, days: number): VehicleReading[] {
  const list: VehicleReading[] = [];
  while (simulator.pack.elapsed_s < days * 86_400) list.push(simulator.next());
  return list;
}

const onset_s = 1.35 * 86_400;
const faults: readonly Fault[] = [
  { kind: "internal-short", onset_s, cell: 17, resistance_Ohm: 1 },
  { kind: "weak-cell", onset_s, cell: 3, capacityLoss: 0.1, resistanceRise: 0.5 },
  { kind: "connection", onset_s, cell: 40, resistance_mOhm: 1 },
  { kind: "cooling-loss", onset_s, remaining: 0.1 },
  { kind: "sensor-stuck", onset_s, sensor: "voltage", place: 5 },
  { kind: "sensor-drift", onset_s, sensor: "voltage", place: 6, perHour: 20 },
  { kind: "sensor-offset", onset_s, sensor: "temperature", place: 7, offset: 5 },
  { kind: "sensor-open", onset_s, sensor: "temperature", place: 8 },
  { kind: "sensor-offset", onset_s, sensor: "current", place: 0, offset: 3 },
  { kind: "contactor-weld", onset_s },
  { kind: "insulation-loss", onset_s, resistance_Ohm: 50_000 },
  { kind: "packet-loss", onset_s, share: 0.5 },
  { kind: "clock-skew", onset_s, ppm: 500 },
];

describe("the simulated vehicle", () => {
  const sound = readings(vehicle({}), 3);

  it.each(faults.map((fault) => [fault.kind, fault] as const))(
    "is the same with and without %s up to the onset, and differs after it",
    (_, fault) => {
      const faulty = readings(vehicle({ faults: [fault] }), 3);
      const before = (list: VehicleReading[]): VehicleReading[] =>
        list.filter(({ elapsed_s }) => elapsed_s <= fault.onset_s);
      expect(before(faulty).length).toBeGreaterThan(500);
      expect(before(faulty)).toEqual(before(sound));
      expect(faulty).not.toEqual(sound);
    },
  );

  it("repeats by its seed and is another for another", () => {
    expect(readings(vehicle({}), 1)).toEqual(sound.filter(({ elapsed_s }) => elapsed_s <= 86_400));
    expect(readings(vehicle({ seed: 2 }), 1)).not.toEqual(readings(vehicle({}), 1));
  });

  it.each(["nmc96", "lfp100", "lmo48"] as const)(
    "of preset %s stays in what its cells bear for three weeks",
    (preset) => {
      const list = readings(vehicle({ preset, seed: 3 }), 21);
      const { cell } = packPresets[preset];
      const modes = new Set(list.map(({ mode }) => mode));
      expect(modes).toEqual(new Set(["parked", "driving", "charging"]));
      for (const { sample } of list) {
        expect(Math.max(...sample.cellVoltage_mV)).toBeLessThan(1000 * cell.chargeEnd_V + 25);
        expect(Math.min(...sample.cellVoltage_mV)).toBeGreaterThan(
          1000 * cell.dischargeEnd_V - 500,
        );
        expect(Math.max(...sample.temperature_degC)).toBeLessThan(50);
      }
    },
  );

  it("takes as many amp-hours out as its charge falls", () => {
    const simulator = vehicle({});
    const start = simulator.pack.soc;
    let charge_Ah = 0;
    let before_s = 0;
    for (const reading of readings(simulator, 2)) {
      charge_Ah += (reading.sample.packCurrent_A * (reading.elapsed_s - before_s)) / 3600;
      before_s = reading.elapsed_s;
    }
    // The sensor's offset of up to 0.1 A over two days is 4.8 Ah, its gain 0.5 %, leaks 0.2 Ah.
    expect(Math.abs((simulator.pack.soc - start) * 150 - charge_Ah)).toBeLessThan(6);
  });

  it("shows an internal short of 1 Ω as a cell that falls behind by 2.5 % of charge an hour", () => {
    const simulator = vehicle({ faults: faults.slice(0, 1) });
    readings(simulator, 1.35);
    const { soc } = simulator.pack.physics;
    const before = (soc[17] ?? 0) - simulator.pack.soc;
    const start_s = simulator.pack.elapsed_s;
    while (simulator.pack.elapsed_s < start_s + 3600) simulator.next();
    const hours = (simulator.pack.elapsed_s - start_s) / 3600;
    expect((before - ((soc[17] ?? 0) - simulator.pack.soc)) / hours).toBeCloseTo(3.8 / 150, 2);
  });
});
