import type { DailyIndicators, Interval90 } from "./daily-indicators.ts";
import { faultFeatures, faultProbability, faultReason, faultScore } from "./fault-risk.ts";

/** What a fault costs on the road, and what it costs to look for it. */
export interface FaultCosts {
  readonly failure_EUR: number;
  readonly inspection_EUR: number;
}

export interface RankedVehicle {
  readonly vehicleId: string;
  /** That a fault fails within the horizon of faultHorizon_d. */
  readonly faultProbability: Interval90;
  /** Probability times the cost of a failure, less the inspection: above 0 an inspection pays. */
  readonly expectedCost_EUR: number;
  readonly because: string;
}

/**
 * Vehicles by what an inspection of each saves, the most first; equal ones by their id. Each vehicle comes
 * with its last 31 days or more, oldest first; one without signs has the chance of the least step.
 */
export function rankByExpectedCost(
  vehicles: readonly {
    readonly vehicleId: string;
    readonly history: readonly DailyIndicators[];
  }[],
  costs: FaultCosts,
): readonly RankedVehicle[] {
  return vehicles
    .map(({ vehicleId, history }): RankedVehicle => {
      const features = faultFeatures(history);
      const probability = faultProbability(
        features === undefined ? Number.NEGATIVE_INFINITY : faultScore(features),
      );
      return {
        vehicleId,
        faultProbability: probability,
        expectedCost_EUR: probability.value * costs.failure_EUR - costs.inspection_EUR,
        because: faultReason(history),
      };
    })
    .sort(
      (left, right) =>
        right.expectedCost_EUR - left.expectedCost_EUR ||
        (left.vehicleId < right.vehicleId ? -1 : 1),
    );
}
