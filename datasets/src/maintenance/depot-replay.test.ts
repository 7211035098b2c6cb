import { faultFeatureNames } from "@voltfog/battery";
import { SeededRandom } from "@voltfog/runtime";
import { describe, expect, it } from "vitest";
import { depotCosts, replayDepot } from "./depot-replay.ts";
import type { RiskSample, VehicleRecord } from "./vehicle-record.ts";

const days = 200;

/** A vehicle whose features are all of one size every week; a fault grows from day 50 to 150 if it has one. */
function vehicleOf(vehicle: number, o: { size: number; hasFault: boolean }): VehicleRecord {
  const samples = Array.from({ length: 28 }, (_, week): RiskSample => {
    const isGrowing = o.hasFault && week * 7 >= 80 && week * 7 <= 150;
    return {
      ...{ seed: 1, vehicle, day: week * 7 },
      features: faultFeatureNames.map((name) =>
        name.startsWith("worst") && isGrowing ? o.size : 0,
      ),
      ...{ age_d: vehicle, capacityLeft: 0.9, fails: isGrowing },
      ...{ anomalyScore: 0, safetyScore: 0, grown: null },
    };
  });
  const faults = o.hasFault
    ? [{ kind: "connection" as const, onsetDay: 50, failureDay: 150, cell: 3 }]
    : [];
  return { seed: 1, vehicle, faults, samples, soh: [], cells: [], life: [], changes: [] };
}

const records = Array.from({ length: 50 }, (_, i) => vehicleOf(i, { size: 6, hasFault: i === 7 }));

describe("the replay of a depot", () => {
  it("finds the fault that the risk shows, once, and pays for repair and inspection", () => {
    const outcome = replayDepot({ records, days, policy: "risk", random: new SeededRandom(1) });
    expect(outcome).toMatchObject({ inspections: 1, found: 1, failed: 0, lead_d: [66] });
    expect(outcome.cost_EUR).toBe(depotCosts.repair_EUR + depotCosts.inspection_EUR);
  });

  it("without inspections pays for the failure", () => {
    const outcome = replayDepot({ records, days, policy: "none", random: new SeededRandom(1) });
    expect(outcome).toMatchObject({ inspections: 0, found: 0, failed: 1, failedGrowing: 1 });
    expect(outcome.cost_EUR).toBe(depotCosts.failure_EUR);
  });

  it("inspects no more than there is room for, and leaves who was sound alone for a while", () => {
    const outcome = replayDepot({ records, days, policy: "by-age", random: new SeededRandom(1) });
    // One place a week of 50 vehicles, 28 weeks.
    expect(outcome.inspections).toBe(28);
    expect(outcome.found + outcome.failed).toBe(1);
  });
});
