import { SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lgHg2Parameters } from "../cell/lg-hg2.ts";
import type { PackSample } from "../pack-sample.ts";
import { DriveCurrent } from "../simulation/drive-current.ts";
import type { Fault } from "../simulation/fault.ts";
import { packPresets } from "../simulation/pack-preset.ts";
import { PackSimulator } from "../simulation/pack-simulator.ts";
import { PackTwin } from "./pack-twin.ts";
import { twinStatus } from "./read-twin.ts";
import { twinState } from "./save-twin.ts";
import { decodeTwinState } from "./twin-state.ts";
import type { TwinStatus } from "./twin-status.ts";

const { cell, cells, sensors, capacity_Ah } = packPresets.nmc96;

function newTwin(): PackTwin {
  return new PackTwin({ cell, parameters: lgHg2Parameters, cells, sensors, capacity_Ah });
}

interface Driven {
  readonly twin: PackTwin;
  readonly pack: PackSimulator;
  readonly last: PackSample;
}

/** A simulated pack that drives for some time at 1 Hz, and its twin. */
function driven(o: { seed: number; time_s: number; faults?: readonly Fault[] }): Driven {
  const random = new SeededRandom(o.seed);
  const faults = o.faults ?? [];
  const pack = new PackSimulator({ random, startSoc: 0.85, ambient_degC: 20, faults });
  const drive = new DriveCurrent({ random, capacity_Ah });
  const twin = newTwin();
  let last: PackSample | undefined;
  for (let i = 0; i < o.time_s; i++) {
    const current_A = drive.next_A({ step_s: 1, soc: pack.soc });
    const at_ms = i * 1000;
    last = pack.step({ current_A, step_s: 1, wall_ms: 1.7e12 + at_ms, monotonic_ms: at_ms });
    twin.update(last);
  }
  return { twin, pack, last: last as PackSample };
}

function statusOf(twin: PackTwin): TwinStatus {
  return twinStatus(twin) as TwinStatus;
}

function numbersIn(value: unknown): readonly number[] {
  if (typeof value === "number") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

describe("the twin of a simulated pack", () => {
  it("finds charge, imbalance and resistance, and says nothing against a sound pack's sensors", () => {
    const { twin, pack } = driven({ seed: 5, time_s: 5400 });
    const status = statusOf(twin);
    const { soc, resistanceFactor } = pack.physics;
    const spread = Math.max(...soc) - Math.min(...soc);
    expect(Math.abs(status.soc.value - pack.soc)).toBeLessThan(0.02);
    expect(Math.abs(status.imbalance.value - spread)).toBeLessThan(0.004);
    expect(soc[status.imbalance.emptiestCell]).toBeLessThan(Math.min(...soc) + 0.002);
    // A reading holds its busbar's 0.05 mΩ as well.
    const busbar = (5e-5 * capacity_Ah) / cell.ohmicPerRate;
    const truth = resistanceFactor.reduce((sum, each) => sum + each, 0) / cells + busbar;
    expect(Math.abs(status.resistanceFactor.value / truth - 1)).toBeLessThan(0.05);
    expect(status.suspect).toBeUndefined();
    const codes = status.hints.map(({ code }) => code);
    expect(codes.filter((code) => code !== "balance-cells")).toEqual([]);
  });

  it("names the cell whose joint became loose, by its resistance", () => {
    const fault = { kind: "connection", onset_s: 0, cell: 41, resistance_mOhm: 1 } as const;
    const { twin } = driven({ seed: 6, time_s: 3600, faults: [fault] });
    const { resistanceFactor, hints } = statusOf(twin);
    expect(resistanceFactor.highestCell).toBe(41);
    expect(hints).toContainEqual(expect.objectContaining({ code: "check-connection", place: 41 }));
  });

  it("says what is left in the pack within its interval, by emptying the simulated pack", () => {
    const { twin, pack } = driven({ seed: 7, time_s: 3600 });
    const told = statusOf(twin).energy_Wh;
    let emptied_Wh = 0;
    const current_A = -told.load * capacity_Ah;
    while (Math.min(...pack.physics.voltage_V) > cell.dischargeEnd_V) {
      pack.advance({ current_A, step_s: 10 });
      emptied_Wh -= (pack.physics.terminal_V * current_A * 10) / 3600;
    }
    expect(emptied_Wh).toBeGreaterThan(told.low);
    expect(emptied_Wh).toBeLessThan(told.high);
    expect(Math.abs(told.value / emptied_Wh - 1)).toBeLessThan(0.12);
  });

  it("tells a power that the simulated pack can hold for that long and not much more", () => {
    for (const place of [0, 1, 2]) {
      const { twin, pack, last } = driven({ seed: 8, time_s: 7000 });
      const told = statusOf(twin).power[place] as TwinStatus["power"][number];
      const discharge = told.discharge_kW;
      const current_A = (-1000 * discharge.value) / last.packVoltage_V;
      pack.advance({ current_A, step_s: told.time_s });
      const lowest_V = Math.min(...pack.physics.voltage_V);
      expect(lowest_V).toBeGreaterThan(cell.dischargeEnd_V - 0.15);
      expect(discharge.low).toBeLessThanOrEqual(discharge.value);
      expect(discharge.value).toBeLessThanOrEqual(discharge.high);
    }
  });

  it("is the same after it was saved and read again", () => {
    const { twin } = driven({ seed: 9, time_s: 1800 });
    const decoded = decodeTwinState(JSON.stringify(twinState(twin)));
    if (!decoded.ok) throw new Error(decoded.problem.detail);
    const options = { cell, parameters: lgHg2Parameters, cells, sensors, capacity_Ah };
    const again = PackTwin.asSaved({ ...options, saved: decoded.value }) as PackTwin;
    const [before, after] = [statusOf(twin), statusOf(again)];
    for (const name of ["soc", "imbalance", "capacity_Ah", "resistanceFactor"] as const) {
      expect(after[name].value).toBeCloseTo(before[name].value, 4);
    }
    expect(after.samples).toBe(before.samples);
    expect(after.anomaly).toEqual(before.anomaly);
  });

  it("is of bounded size when saved, whatever it went through", () => {
    const { twin } = driven({ seed: 9, time_s: 600 });
    expect(JSON.stringify(twinState(twin)).length).toBeLessThan(30_000);
  });
});

describe("a saved twin", () => {
  it("is refused, never thrown at, whatever its text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodeTwinState(text).ok).toBe(false);
      }),
    );
  });

  it("is refused where one number of it is out of range", () => {
    const state = twinState(driven({ seed: 2, time_s: 60 }).twin);
    const broken = [
      { ...state, sigma: -1 },
      { ...state, soc: [...(state?.soc ?? [])].slice(1) },
      { ...state, suspect: { cause: "bored", since_ms: 1 } },
      { ...state, thermal: {} },
      { ...state, anomaly: null },
    ];
    for (const each of broken) {
      const problem = { code: "TWIN_STATE_MALFORMED" };
      expect(decodeTwinState(JSON.stringify(each))).toMatchObject({ ok: false, problem });
    }
  });
});

describe("whatever a sample holds", () => {
  const anything = fc.oneof(
    fc.double(),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1e9, 0),
  );
  const sample = fc.record({
    wall_ms: anything,
    monotonic_ms: anything,
    packVoltage_V: anything,
    packCurrent_A: fc.oneof(anything, fc.double({ min: -400, max: 400, noNaN: true })),
    soc: anything,
    cellVoltage_mV: fc.oneof(
      fc.uint16Array({ maxLength: 12 }),
      fc.uint16Array({ minLength: 8, maxLength: 8, min: 3000, max: 4200 }),
    ),
    temperature_degC: fc.oneof(
      fc.float32Array({ maxLength: 4 }),
      fc.float32Array({ minLength: 2, maxLength: 2, min: -20, max: 60, noNaN: true }),
    ),
  });

  it("no estimate becomes NaN and a saved state can be read", () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 40 }), (samples) => {
        const twin = new PackTwin({
          ...{ cell, parameters: lgHg2Parameters, cells: 8, sensors: 2, capacity_Ah },
        });
        samples.forEach((each, i) => {
          const isOften = i % 3 > 0;
          const steady = { wall_ms: 1.7e12 + i * 1000, monotonic_ms: i * 1000 };
          twin.update(isOften ? { ...each, ...steady } : each);
        });
        const status = twinStatus(twin);
        expect(numbersIn(status).every(Number.isFinite)).toBe(true);
        const state = twinState(twin);
        if (state !== undefined) {
          const decoded = decodeTwinState(JSON.stringify(state));
          expect(decoded.ok ? "" : decoded.problem.detail).toBe("");
        }
      }),
      { numRuns: 300 },
    );
  });
});
