import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FaultCalibration, type FleetReference, fleetReference } from "@voltfog/battery";
import type { Trainer } from "../evaluation/evaluation.ts";
import { seedRange } from "../evaluation/seed-range.ts";
import { fitSteps, fitWeights } from "./fit-risk.ts";
import { type HistoryRange, type RiskSample, recordVehicle, soundSigns } from "./vehicle-record.ts";

const vehicles = 150;
const soundVehicles = 40;
const days = 730;

/** `voltfog train maintenance`: the risk of a fault, from simulated fleets alone. */
export const trainMaintenance: Trainer = {
  name: "maintenance",
  summary: "Fits the risk of a fault to simulated fleet histories, and what a score means",
  flags: [
    { name: "seeds", value: "A..B", summary: "fleets for the weights", fallback: "1..2" },
    {
      name: "calibration-seeds",
      value: "A..B",
      summary: "fleets for the probabilities",
      fallback: "3..4",
    },
  ],
  async run({ flags, out, progress }): Promise<readonly string[]> {
    const [fitted, calibrated] = [seedRange(flags["seeds"]), seedRange(flags["calibration-seeds"])];
    const total = (fitted.length + calibrated.length) * vehicles;
    let done = 0;
    progress({ done, total, doing: "sound vehicles" });
    const sound = { seed: fitted[0] ?? 1, vehicles: soundVehicles, days };
    const fleet = roundedFleet(fleetReference(soundSigns(sound)));
    const samplesOf = (seeds: readonly number[]): readonly RiskSample[] =>
      seeds.flatMap((seed) => {
        const range: HistoryRange = { seed, vehicles, days };
        return Array.from({ length: vehicles }, (_, vehicle) => {
          progress({ done: done++, total, doing: `fleet ${seed}` });
          return recordVehicle(range, vehicle, fleet).samples;
        }).flat();
      });
    const weights = fitWeights(samplesOf(fitted));
    const calibration = fitSteps(samplesOf(calibrated), { ...weights, fleet });
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, "fault-calibration.ts"), sourceOf(calibration));
    return [
      `${calibration.steps.length} steps in ${join(out, "fault-calibration.ts")}`,
      "it belongs to packages/battery/src/maintenance",
    ];
  },
};

function sourceOf(calibration: FaultCalibration): string {
  const json = JSON.stringify(calibration, null, 2);
  return `import type { FaultCalibration } from "./fault-model.ts";\n\n/** Made by: voltfog train maintenance. */\nexport const faultCalibration: FaultCalibration = ${json};\n`;
}

function roundedFleet(fleet: FleetReference): FleetReference {
  return JSON.parse(
    JSON.stringify(fleet, (_, value: unknown) =>
      typeof value === "number" ? Number(value.toPrecision(4)) : value,
    ),
  ) as FleetReference;
}
