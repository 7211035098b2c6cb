import type { SafetyClass } from "@voltfog/battery";
import type { EventClass } from "@voltfog/messages";
import type { Condition, NetworkFunction, OpenCondition } from "../network-function.ts";
import { PackConditions } from "./pack-conditions.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { type Runaway, RunawayConfirmation } from "./runaway-confirmation.ts";
import { RunawayTiers } from "./runaway-tiers.ts";
import { servedPack } from "./served-pack.ts";

const classes: ReadonlyMap<SafetyClass, EventClass> = new Map([
  ["over-temperature", "thermal-alert"],
  ["temperature-rise", "thermal-alert"],
]);

/**
 * Three tiers. 1: temperature limits and rise with assert, clear and hold, and the runaway that GB 38031-2025
 * confirms; 2: a sensor that heats up, or cells that break down, as none in service do; 3: a runaway is
 * more likely than not. Tiers run beside each other: nothing that one sees or doubts holds back another.
 */
export const networkFunction: NetworkFunction = {
  manifest: {
    id: "thermal-alert",
    version: "2.0.0",
    inputs: ["telemetry"],
    rate_Hz: 10,
    cpu: 0.3,
    memory_MB: 256,
    latencyClass: "alert",
  },
  start({ open }) {
    const packs = new PerVehicle((vehicleId) => watch(openOf(open, vehicleId)));
    return {
      onSample(sample, findings) {
        const { conditions, runaway, tiers } = packs.of(sample.vehicleId);
        for (const condition of conditions.update(sample)) findings.condition(condition);
        const confirmed = runaway?.update(sample);
        if (confirmed !== undefined) {
          findings.condition(runawayCondition(confirmed, sample.vehicleId));
        }
        const breakdown = tiers.update(sample);
        if (breakdown !== undefined) findings.condition(breakdown);
      },
    };
  },
};

function openOf(open: readonly OpenCondition[], vehicleId: string): readonly OpenCondition[] {
  return open.filter((condition) => condition.vehicleId === vehicleId);
}

function watch(open: readonly OpenCondition[]): {
  conditions: PackConditions;
  runaway: RunawayConfirmation | undefined;
  tiers: RunawayTiers;
} {
  const known = open.some(({ name }) => name === "runaway");
  return {
    conditions: new PackConditions({ area: servedPack, classes, open }),
    runaway: known ? undefined : new RunawayConfirmation({ area: servedPack }),
    tiers: new RunawayTiers(open),
  };
}

function runawayCondition(runaway: Runaway, vehicleId: string): Condition {
  const rise = Math.round(runaway.rise * 100) / 100;
  return {
    name: "runaway",
    class: "thermal-alert",
    state: "asserted",
    level: 3,
    standing: 3,
    cell: runaway.sensor,
    value: runaway.rise,
    limit: 1,
    unit: "degC/s",
    sentence: `thermal runaway of ${vehicleId} confirmed: sensor ${runaway.sensor + 1} rises by ${rise} °C/s with a ${runaway.cause}`,
  };
}
