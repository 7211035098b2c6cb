import { KalmanSocEstimator, lgHg2Parameters, type SocEstimate } from "@voltfog/battery";
import {
  type Movable,
  orNull,
  type SavedState,
  type StateReader,
  savedTime_ms,
} from "@voltfog/runtime";
import type {
  Condition,
  Estimate,
  EstimateName,
  FunctionSample,
  NetworkFunction,
  OpenCondition,
} from "../network-function.ts";
import { OneCondition } from "./one-condition.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedPack } from "./served-pack.ts";
import { rateSetting } from "./settings.ts";

/** So long an estimate must be in doubt before anyone is told, and out of it before it is taken back. */
const doubtMin_ms = 10_000;
const doubtHold_ms = 60_000;

/** State of charge of each vehicle with its interval, by a Kalman filter per cell, and whether to rely on it. */
export const networkFunction: NetworkFunction = {
  manifest: {
    id: "state-estimation",
    version: "2.2.0",
    inputs: ["telemetry"],
    rate_Hz: 10,
    // For as many vehicles as are kept, of 96 cells: 35 kB and 50 µs a second each.
    cpu: 0.5,
    memory_MB: 384,
    latencyClass: "control",
    cpuPerVehicle: 0.0002,
    memoryPerVehicle_MB: 0.065,
    settings: [
      rateSetting({ default: 10, min: 0.2, max: 10 }),
      {
        name: "doubtMin_ms",
        default: doubtMin_ms,
        min: 1000,
        max: 600_000,
        unit: "ms",
        description: "how long an estimate is in doubt before anyone is told",
      },
    ],
  },
  start({ open, settingsOf }) {
    const vehicles = new PerVehicle(
      (vehicleId) =>
        new EstimatedVehicle(open.filter((condition) => condition.vehicleId === vehicleId)),
    );
    return {
      onSample(sample, findings) {
        const vehicle = vehicles.of(sample.vehicleId);
        const estimate = vehicle.filter.update(sample);
        for (const each of estimatesOf(estimate, vehicle.filter.cellRange)) findings.estimate(each);
        const settings = settingsOf(sample.vehicleId);
        const condition = vehicle.doubt(sample, {
          estimate,
          min_ms: settings["doubtMin_ms"] ?? doubtMin_ms,
        });
        if (condition !== undefined) findings.condition(condition);
      },
      stateOf: (vehicleId) => vehicles.stateOf(vehicleId),
      adopt: (vehicleId, state) => vehicles.adopt(vehicleId, state),
    };
  },
};

class EstimatedVehicle implements Movable {
  readonly filter = new KalmanSocEstimator({
    parameters: lgHg2Parameters,
    capacity_Ah: servedPack.capacity_Ah,
  });
  readonly #condition: OneCondition;
  #doubtSince_ms: number | undefined;

  constructor(open: readonly OpenCondition[]) {
    this.#condition = new OneCondition({
      name: "estimate-suspect",
      class: "cell-anomaly",
      hold_ms: doubtHold_ms,
      open,
    });
  }

  /** What this estimate makes known of the doubt in it. */
  doubt(
    sample: FunctionSample,
    { estimate, min_ms }: { estimate: SocEstimate; min_ms: number },
  ): Condition | undefined {
    const now_ms = sample.monotonic_ms;
    if (estimate.suspect === undefined) this.#doubtSince_ms = undefined;
    else this.#doubtSince_ms = Math.min(this.#doubtSince_ms ?? now_ms, now_ms);
    const doubt_ms = now_ms - (this.#doubtSince_ms ?? now_ms);
    return this.#condition.update(
      {
        level: doubt_ms >= min_ms ? 1 : 0,
        cell: null,
        value: doubt_ms / 1000,
        limit: min_ms / 1000,
        unit: "s",
        sentence: sentenceOf(sample.vehicleId, estimate),
      },
      now_ms,
    );
  }

  save(): SavedState {
    return {
      filter: this.filter.save(),
      condition: this.#condition.save(),
      doubtSince_ms: orNull(this.#doubtSince_ms),
    };
  }

  restore(from: StateReader): void {
    this.filter.restore(from.object("filter"));
    this.#condition.restore(from.object("condition"));
    this.#doubtSince_ms = from.maybe("doubtSince_ms", savedTime_ms);
    from.end();
  }
}

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
