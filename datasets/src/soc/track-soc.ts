import { CellFilterBank, type CellParameters } from "@voltfog/battery";
import type { CellRun } from "./cell-run.ts";

export const estimatorNames = ["ekf", "coulomb", "none"] as const;
export type EstimatorName = (typeof estimatorNames)[number];

/** How a run is disturbed: what the estimator is told wrongly. */
export interface Disturbance {
  /** Added to the state of charge at the start, 0..1. */
  readonly initialError: number;
  /** Added to every current. */
  readonly currentBias_A: number;
}

/** One estimate per row; NaN where the estimator gives none. */
export interface SocTrack {
  readonly soc: Float64Array;
  /** About 90 % of the truth lies between; where there is an estimate. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The filter does not know how wrong its start is. */
const startSigma = 0.1;
/** Half-width of 90 % of a normal distribution. */
const interval90 = 1.645;
/** What a cell model misses for longer than the filter's memory, from cross-validation on the training runs. */
const modelSigma = 0.006;
/** A counter's offset, gain and capacity are known to this, as products promise. */
const counterOffset_A = 0.1;

/**
 * Runs an estimator over a recorded run. Every run begins at full charge: that, with the disturbance, is
 * all that an estimator knows of the truth.
 */
export function trackSoc(
  run: CellRun,
  o: { parameters: CellParameters; estimator: EstimatorName; disturbance: Disturbance },
): SocTrack {
  const rows = run.t_s.length;
  const track: SocTrack = {
    soc: new Float64Array(rows).fill(Number.NaN),
    low: new Float64Array(rows),
    high: new Float64Array(rows).fill(1),
  };
  if (o.estimator === "ekf") filter(run, { ...o, track });
  if (o.estimator === "coulomb") count(run, { ...o, track });
  return track;
}

interface Tracking {
  readonly parameters: CellParameters;
  readonly disturbance: Disturbance;
  readonly track: SocTrack;
}

function filter(run: CellRun, { parameters, disturbance, track }: Tracking): void {
  const bank = new CellFilterBank({
    parameters,
    cells: 1,
    soc: 1 + disturbance.initialError,
    socSigma: startSigma,
  });
  const voltage_V = new Float64Array(1);
  const temperature_degC = new Float64Array([25]);
  const reading = { step_s: 0, current_A: 0, voltage_V, temperature_degC };
  let last_s = run.t_s[0] ?? 0;
  for (const [row, t_s] of run.t_s.entries()) {
    const measured_A = (run.current_A[row] as number) + disturbance.currentBias_A;
    const cell_degC = run.temperature_degC[row] as number;
    // A row without a current is bridged by the last one; one without a time is no row.
    if (Number.isFinite(measured_A)) reading.current_A = measured_A;
    if (Number.isFinite(cell_degC)) temperature_degC[0] = cell_degC;
    reading.step_s = Math.max(0, Number.isFinite(t_s) ? t_s - last_s : 0);
    if (Number.isFinite(t_s)) last_s = Math.max(last_s, t_s);
    voltage_V[0] = run.voltage_V[row] as number;
    bank.step(reading);
    keep(track, {
      row,
      soc: bank.soc(0),
      halfWidth: interval90 * Math.hypot(bank.socSigma(0), modelSigma),
    });
  }
}

function count(run: CellRun, { parameters, disturbance, track }: Tracking): void {
  let soc = 1 + disturbance.initialError;
  let last_s = run.t_s[0] ?? 0;
  for (const [row, t_s] of run.t_s.entries()) {
    const measured_A = (run.current_A[row] as number) + disturbance.currentBias_A;
    if (Number.isFinite(t_s) && t_s > last_s) {
      const hours = (t_s - last_s) / 3600;
      if (Number.isFinite(measured_A)) soc += (measured_A * hours) / parameters.capacity_Ah;
      last_s = t_s;
    }
    const elapsed_h = (last_s - (run.t_s[0] ?? 0)) / 3600;
    const drift = (counterOffset_A * elapsed_h) / parameters.capacity_Ah;
    keep(track, { row, soc: Math.min(1, Math.max(0, soc)), halfWidth: startSigma + drift });
  }
}

function keep(track: SocTrack, o: { row: number; soc: number; halfWidth: number }): void {
  track.soc[o.row] = o.soc;
  track.low[o.row] = Math.max(0, o.soc - o.halfWidth);
  track.high[o.row] = Math.min(1, o.soc + o.halfWidth);
}
