import type { CellParameters } from "@voltfog/battery";
import type { CellRun } from "./cell-run.ts";
import { type Disturbance, type EstimatorName, type SocTrack, trackSoc } from "./track-soc.ts";

/** With a wrong start, what counts is after the filter has had this long. */
export const settling_s = 600;

export interface RunScore {
  readonly run: CellRun;
  readonly track: SocTrack;
  readonly errors: RunErrors | undefined;
  readonly counter: RunErrors | undefined;
}

/** Percentage points over the scored rows of one run. */
interface RunErrors {
  readonly rmse_pct: number;
  readonly max_pct: number;
  readonly rows: number;
  /** Share of scored rows whose truth lay in the interval. */
  readonly within90: number;
}

/** Follows a run with an estimator and with a Coulomb counter beside it. */
export function scoreRun(
  run: CellRun,
  o: { parameters: CellParameters; estimator: EstimatorName; disturbance: Disturbance },
): RunScore {
  const track = trackSoc(run, o);
  const counted = trackSoc(run, { ...o, estimator: "coulomb" });
  const from_s = o.disturbance.initialError === 0 ? 0 : settling_s;
  return {
    run,
    track,
    errors: errorsOf(run, track, from_s),
    counter: errorsOf(run, counted, from_s),
  };
}

function errorsOf(run: CellRun, track: SocTrack, from_s: number): RunErrors | undefined {
  const start_s = run.t_s[0] ?? 0;
  let [squares, most, rows, covered] = [0, 0, 0, 0];
  for (const [row, truth] of run.soc.entries()) {
    const estimate = track.soc[row] as number;
    if (!((run.t_s[row] as number) - start_s >= from_s)) continue;
    if (!Number.isFinite(truth + estimate)) continue;
    const error_pct = 100 * Math.abs(estimate - truth);
    squares += error_pct ** 2;
    most = Math.max(most, error_pct);
    if (truth >= (track.low[row] as number) && truth <= (track.high[row] as number)) covered++;
    rows++;
  }
  if (rows === 0) return undefined;
  return {
    rmse_pct: Math.sqrt(squares / rows),
    max_pct: most,
    rows,
    within90: covered / rows,
  };
}
