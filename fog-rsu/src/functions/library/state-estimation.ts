import { KalmanSocEstimator, lgHg2Parameters } from "@voltfog/battery";
import type { NetworkFunction } from "../network-function.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedPack } from "./served-pack.ts";

/** State of charge of each vehicle with its interval, by a Kalman filter per cell. */
export const networkFunction: NetworkFunction = {
  manifest: {
    id: "state-estimation",
    version: "2.0.0",
    inputs: ["telemetry"],
    rate_Hz: 10,
    // For as many vehicles as are kept, of 96 cells: 35 kB and 50 µs a second each.
    cpu: 0.5,
    memory_MB: 384,
    latencyClass: "control",
  },
  start() {
    const filters = new PerVehicle(
      () =>
        new KalmanSocEstimator({
          parameters: lgHg2Parameters,
          capacity_Ah: servedPack.capacity_Ah,
        }),
    );
    return {
      onSample(sample, findings) {
        const estimate = filters.of(sample.vehicleId).update(sample);
        if (estimate.soc === undefined) return;
        findings.estimate({
          name: "soc",
          value: estimate.soc,
          low: estimate.low,
          high: estimate.high,
          estimator: `${estimate.estimator} ${estimate.version}`,
          at_ms: estimate.at_ms,
        });
      },
    };
  },
};
