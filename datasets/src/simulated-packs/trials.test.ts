import { ChargeLedger, ChargingControl, PlainCharge, packPresets } from "@voltfog/battery";
import { describe, expect, it } from "vitest";
import { balancingPack, bleed_Ohm, runBalancing } from "./balancing-trial.ts";
import {
  anodeCell,
  chargingPack,
  chargingScenario,
  rateMax,
  runCharging,
  targetSoc,
} from "./charging-trial.ts";
import { faultCases, runFaultTrial } from "./fault-trial.ts";

describe("a fault trial", () => {
  const length = { warmUp_d: 1, watched_d: 0.2 };
  const short = faultCases.find(({ name }) => name === "short-0.1Ohm");
  const trial = { seed: 41, vehicle: 2, length, noise_mV: 1.5, preset: packPresets.nmc96 };

  it("finds a hard short within seconds, in the right cell, and nothing in the twin", () => {
    const faulty = runFaultTrial({ ...trial, fault: short });
    expect(faulty).toMatchObject({ cause: "cell", place: faulty.trueCell, falseAlarms: 0 });
    expect(faulty.found_s).toBeLessThan(20);
    const sound = runFaultTrial({ ...trial, fault: undefined });
    expect(sound.found_s).toBeUndefined();
    expect(sound.score).toBeLessThan(1);
    expect(sound.trueCell).toBe(faulty.trueCell);
  });

  it("repeats by its seed", () => {
    const run = (): unknown => runFaultTrial({ ...trial, fault: short });
    expect(run()).toEqual(run());
  });
});

describe("a balancing trial", () => {
  it("brings a pack below one per cent within days by the charge ledger", () => {
    const rule = new ChargeLedger({
      cells: balancingPack.cells,
      capacity_Ah: balancingPack.capacity_Ah,
      ocv_V: balancingPack.cell.ocv_V,
      noise_mV: 1.5,
      bleed_Ohm,
    });
    const trial = runBalancing({ seed: 41, rule, days: 4, noise_mV: 1.5, isReal: true });
    expect(trial.spreadAtStart).toBeGreaterThan(0.05);
    expect(trial.days).toBeLessThan(4);
    expect(trial.spreadAtEnd).toBeLessThan(0.0115);
    // What 96 resistors of 41 Ω could turn to heat at most in that time.
    expect(trial.energy_Wh).toBeLessThan(((96 * 4.2 ** 2) / bleed_Ohm) * 24 * 4);
  });
});

describe("a charging trial", () => {
  it("reaches its target without a fatal alarm and plates less than a plain charge as quick in the cold", () => {
    const scenario = { ...chargingScenario(1, 1.5), ambient_degC: 8 };
    const { capacity_Ah } = chargingPack;
    const control = new ChargingControl({
      capacity_Ah,
      cell: anodeCell,
      currentMax_A: rateMax * capacity_Ah,
      targetSoc,
    });
    const own = runCharging({ ...scenario, decide: (sample) => control.decide(sample).current_A });
    expect(own.fatalEvents).toBe(0);
    const time_h = (own.time_s ?? Number.NaN) / 3600;
    expect(time_h).toBeLessThan(2);
    const rate = (targetSoc - scenario.start + 0.01) / time_h;
    const plain = new PlainCharge({ rate, capacity_Ah, chargeEnd_V: 4.2, targetSoc });
    const other = runCharging({ ...scenario, decide: (sample) => plain.current_A(sample) });
    expect((other.time_s ?? 0) / 3600).toBeGreaterThan(0.9 * time_h);
    expect(other.platingWear).toBeGreaterThan(2 * own.platingWear);
  });
});
