import { KalmanSocEstimator, lgHg2Parameters, type SocEstimate } from "@voltfog/battery";
import type { Estimate, EstimateName, NetworkFunction } from "../network-function.ts";
import { OneCondition } from "./one-condition.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedPack } from "./served-pack.ts";

/** So long an estimate must be in doubt before anyone is told, and out of it before it is taken back. */
const doubtMin_ms = 10_000;
const doubtHold_ms = 60_000;

/** State of charge of each vehicle with its interval, by a Kalman filter per cell, and whether to rely on it. */
export const networkFunction: NetworkFunction = {
  manifest: {
    id: "state-estimation",
    version: "2.1.0",
    inputs: ["telemetry"],
    rate_Hz: 10,
    // For as many vehicles as are kept, of 96 cells: 35 kB and 50 µs a second each.
    cpu: 0.5,
    memory_MB: 384,
    latencyClass: "control",
  },
  start({ open }) {
    const vehicles = new PerVehicle((vehicleId) => ({
      filter: new KalmanSocEstimator({
        parameters: lgHg2Parameters,
        capacity_Ah: servedPack.capacity_Ah,
      }),
      doubt: new OneCondition({
        name: "estimate-suspect",
        class: "cell-anomaly",
        hold_ms: doubtHold_ms,
        open: open.filter((condition) => condition.vehicleId === vehicleId),
      }),
      doubtSince_ms: undefined as number | undefined,
    }));
    return {
      onSample(sample, findings) {
        const state = vehicles.of(sample.vehicleId);
        const estimate = state.filter.update(sample);
        for (const each of estimatesOf(estimate, state.filter.cellRange)) findings.estimate(each);
        const now_ms = sample.monotonic_ms;
        if (estimate.suspect === undefined) state.doubtSince_ms = undefined;
        else state.doubtSince_ms = Math.min(state.doubtSince_ms ?? now_ms, now_ms);
        const doubt_ms = now_ms - (state.doubtSince_ms ?? now_ms);
        const condition = state.doubt.update(
          {
            level: doubt_ms >= doubtMin_ms ? 1 : 0,
            cell: null,
            value: doubt_ms / 1000,
            limit: doubtMin_ms / 1000,
            unit: "s",
            sentence: sentenceOf(sample.vehicleId, estimate),
          },
          now_ms,
        );
        if (condition !== undefined) findings.condition(condition);
      },
    };
  },
};

function estimatesOf(
  { soc, low, high, estimator, version, at_ms, suspect }: SocEstimate,
  range: { readonly lowest: number; readonly highest: number },
): readonly Estimate[] {
  if (soc === undefined) return [];
  const made = { estimator: `${estimator} ${version}`, at_ms, suspect: suspect ?? null };
  // A cell's own interval is as wide as the mean's: both share the current sensor and the model.
  const cell = (name: EstimateName, value: number): Estimate => ({
    name,
    value,
    low: Math.max(0, value - (soc - low)),
    high: Math.min(1, value + (high - soc)),
    ...made,
  });
  return [
    { name: "soc", value: soc, low, high, ...made },
    cell("soc-lowest-cell", range.lowest),
    cell("soc-highest-cell", range.highest),
  ];
}

function sentenceOf(vehicleId: string, { suspect }: SocEstimate): string {
  if (suspect === undefined) return `the state of charge of ${vehicleId} can be relied on again`;
  return `the state of charge of ${vehicleId} is in doubt: ${suspect}`;
}
