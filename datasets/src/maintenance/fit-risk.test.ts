import { faultProbability, faultScore, usualFleet } from "@voltfog/battery";
import { normal, SeededRandom } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { fitSteps, fitWeights } from "./fit-risk.ts";
import { auroc } from "./risk-quality.ts";
import type { RiskSample } from "./vehicle-record.ts";

/** Vehicles whose chance to fail follows one of three features; the other two are noise. */
function samplesOf(seed: number, count: number): readonly RiskSample[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, i): RiskSample => {
    const features = [normal(random), 5 + 2 * normal(random), normal(random)];
    const chance = 1 / (1 + Math.exp(3 - 2 * (features[0] ?? 0)));
    return {
      ...{ seed, vehicle: Math.floor(i / 10), day: i, features },
      ...{ age_d: 100, capacityLeft: 0.9, fails: random.uniform() < chance },
      ...{ anomalyScore: 0, safetyScore: 0, grown: null },
    };
  });
}

const weights = fitWeights(samplesOf(1, 4000));
const calibration = fitSteps(samplesOf(2, 4000), { ...weights, fleet: usualFleet });

describe("the fit of a fault's risk", () => {
  it("weighs the feature that tells and hardly the noise", () => {
    const [telling = 0, other = 1, third = 1] = weights.weights;
    expect(telling).toBeGreaterThan(1);
    expect(Math.max(Math.abs(other), Math.abs(third))).toBeLessThan(0.25);
  });

  it("ranks samples that it has not seen", () => {
    const unseen = samplesOf(3, 2000).map(({ features, fails }) => ({
      score: faultScore(features, calibration),
      fails,
    }));
    expect(auroc(unseen)).toBeGreaterThan(0.85);
  });

  it("tells probabilities that rise with the score and come true", () => {
    const { steps } = calibration;
    const shares = steps.map(({ failed, days }) => failed / days);
    expect([...shares].sort((left, right) => left - right)).toEqual(shares);
    const unseen = samplesOf(4, 4000);
    const told = unseen.reduce(
      (sum, { features }) =>
        sum + faultProbability(faultScore(features, calibration), calibration).value,
      0,
    );
    const seen = unseen.filter(({ fails }) => fails).length;
    expect(told / seen).toBeGreaterThan(0.85);
    expect(told / seen).toBeLessThan(1.15);
  });
});
