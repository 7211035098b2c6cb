import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lgHg2Parameters } from "../cell/lg-hg2.ts";
import type { PackSample } from "../pack-sample.ts";
import type { SocEstimate } from "../soc-estimator.ts";
import { steadySample } from "../testing/steady-sample.ts";
import { CellFilterBank } from "./cell-filter.ts";
import { KalmanSocEstimator } from "./kalman-soc-estimator.ts";

const capacity_Ah = 150;
const scale = lgHg2Parameters.capacity_Ah / capacity_Ah;

function estimator(): KalmanSocEstimator {
  return new KalmanSocEstimator({ parameters: lgHg2Parameters, capacity_Ah });
}

interface Drive {
  readonly seconds: number;
  readonly rate_Hz?: number;
  readonly change?: (sample: PackSample, second: number) => Partial<PackSample>;
}

/** Four cells that are exactly the model, driven from a charge of 0.9 with loads of up to 1.3 C. */
function drive({ seconds, rate_Hz = 1, change }: Drive) {
  const truth = new CellFilterBank({
    parameters: lgHg2Parameters,
    cells: 1,
    soc: 0.9,
    socSigma: 0,
  });
  const filter = estimator();
  const estimates: SocEstimate[] = [];
  for (let i = 0; i <= seconds * rate_Hz; i++) {
    const t_s = i / rate_Hz;
    const packCurrent_A = Math.floor(t_s) % 60 < 40 ? -200 : 50;
    truth.step({
      step_s: i === 0 ? 0 : 1 / rate_Hz,
      current_A: packCurrent_A * scale,
      voltage_V: new Float64Array([Number.NaN]),
      temperature_degC: new Float64Array([25]),
    });
    const cell_mV = Math.round(1000 * truth.expected_V(0, packCurrent_A * scale));
    const sample = steadySample(t_s, {
      packCurrent_A,
      cells_mV: [cell_mV, cell_mV, cell_mV, cell_mV],
      sensors_degC: [25],
    });
    estimates.push(filter.update({ ...sample, ...change?.(sample, t_s) }));
  }
  const last = estimates.at(-1);
  return { truth: truth.soc(0), last, estimates, range: filter.cellRange };
}

describe("the pack's Kalman filter", () => {
  it.each([1, 10])(
    "finds the charge from a start under load, at %i readings a second",
    (rate_Hz) => {
      const { truth, last, estimates } = drive({ seconds: 1500, rate_Hz });
      expect(Math.abs((estimates[0]?.soc ?? 0) - 0.9)).toBeGreaterThan(0.05);
      expect(Math.abs((last?.soc ?? 0) - truth)).toBeLessThan(0.02);
      expect(last?.low).toBeLessThan(truth);
      expect(last?.high).toBeGreaterThan(truth);
      expect(last?.suspect).toBeUndefined();
    },
  );

  it("names a current of the wrong sign", () => {
    const { last } = drive({
      seconds: 300,
      change: ({ packCurrent_A }) => ({ packCurrent_A: -packCurrent_A }),
    });
    expect(last?.suspect).toBe("current-reversed");
  });

  it("names a stuck voltage, and leaves it out of the charge", () => {
    const { last, truth } = drive({
      seconds: 1500,
      change: ({ cellVoltage_mV }) => ({
        cellVoltage_mV: Uint16Array.from([3900, ...cellVoltage_mV.subarray(1)]),
      }),
    });
    expect(last?.suspect).toBe("voltage-stuck");
    expect(Math.abs((last?.soc ?? 0) - truth)).toBeLessThan(0.03);
  });

  it("names an impossible voltage and an impossible temperature, and goes on", () => {
    const dead = drive({
      seconds: 600,
      change: ({ cellVoltage_mV }) => ({
        cellVoltage_mV: Uint16Array.from([...cellVoltage_mV.subarray(1), 65_535]),
      }),
    });
    expect(dead.last?.suspect).toBe("voltage-invalid");
    expect(Math.abs((dead.last?.soc ?? 0) - dead.truth)).toBeLessThan(0.03);
    const open = drive({
      seconds: 600,
      change: () => ({ temperature_degC: Float32Array.from([Number.NaN]) }),
    });
    expect(open.last?.suspect).toBe("temperature-invalid");
    expect(Math.abs((open.last?.soc ?? 0) - open.truth)).toBeLessThan(0.03);
  });

  it("shows the cell that has least", () => {
    const { last, range } = drive({
      seconds: 1200,
      change: ({ cellVoltage_mV }) => ({
        cellVoltage_mV: cellVoltage_mV.map((cell_mV, i) => (i === 2 ? cell_mV - 60 : cell_mV)),
      }),
    });
    expect(range.lowest).toBeLessThan((last?.soc ?? 0) - 0.02);
    expect(range.highest).toBeGreaterThan(last?.soc ?? 1);
  });

  it("keeps the charge and widens it over a gap and a clock that ran back", () => {
    const filter = estimator();
    const first = filter.update(steadySample(0));
    const settled = [1, 2, 3, 4, 5].map((t_s) => filter.update(steadySample(t_s))).at(-1);
    const gap = filter.update(steadySample(905));
    expect(gap.suspect).toBe("samples-missing");
    expect(gap.soc).toBe(settled?.soc);
    expect(gap.high - gap.low).toBeGreaterThan((settled?.high ?? 1) - (settled?.low ?? 0));
    expect(filter.update(steadySample(900)).suspect).toBe("time-ran-back");
    expect(first.suspect).toBeUndefined();
  });

  it("takes the long steps of a parked pack, but no longer one and none between which current flowed", () => {
    const parked = { packCurrent_A: 0.3 };
    const after = (step_s: number, end: { packCurrent_A: number }): string | undefined => {
      const filter = estimator();
      for (const t_s of [0, 1, 2]) filter.update(steadySample(t_s, parked));
      return filter.update(steadySample(2 + step_s, end)).suspect;
    };
    expect(after(600, parked)).toBeUndefined();
    expect(after(601, parked)).toBe("samples-missing");
    expect(after(60, { packCurrent_A: -60 })).toBe("samples-missing");
    expect(after(60, { packCurrent_A: 60 })).toBe("samples-missing");
  });

  it("starts anew where the number of cells changes, and says so", () => {
    const filter = estimator();
    filter.update(steadySample(0));
    const changed = filter.update(steadySample(1, { cells_mV: [4000, 4000] }));
    expect(changed.suspect).toBe("cell-count-changed");
    expect(changed.soc).toBeGreaterThan(0.75);
  });

  it("says no NaN and no interval without the value, whatever is read", () => {
    const wild = fc.record({
      wall_ms: fc.double(),
      monotonic_ms: fc.oneof(fc.double(), fc.integer({ min: 0, max: 60_000 })),
      packVoltage_V: fc.double(),
      packCurrent_A: fc.oneof(fc.double(), fc.integer({ min: -10_000, max: 10_000 })),
      soc: fc.double(),
      cellVoltage_mV: fc.uint16Array({ maxLength: 4 }),
      temperature_degC: fc.float32Array({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(wild, { maxLength: 30 }), (samples) => {
        const filter = estimator();
        for (const sample of samples) {
          const { soc, low, high, at_ms } = filter.update(sample);
          expect(Number.isFinite(at_ms)).toBe(true);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          if (soc === undefined) continue;
          expect(low).toBeLessThanOrEqual(soc);
          expect(high).toBeGreaterThanOrEqual(soc);
        }
      }),
    );
  });
});
