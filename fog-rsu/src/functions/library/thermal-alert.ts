import type { LevelLimits, SafeOperatingArea, SafetyClass } from "@voltfog/battery";
import type { EventClass } from "@voltfog/messages";
import type { Movable, SavedState, StateReader } from "@voltfog/runtime";
import type {
  Condition,
  Findings,
  FunctionSample,
  NetworkFunction,
  OpenCondition,
} from "../network-function.ts";
import { PackConditions } from "./pack-conditions.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { type Runaway, RunawayConfirmation } from "./runaway-confirmation.ts";
import { RunawayTiers } from "./runaway-tiers.ts";
import { servedPack } from "./served-pack.ts";
import { rateSetting } from "./settings.ts";

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
    version: "2.1.0",
    inputs: ["telemetry"],
    rate_Hz: 10,
    cpu: 0.3,
    memory_MB: 256,
    latencyClass: "alert",
    cpuPerVehicle: 0.0003,
    memoryPerVehicle_MB: 0.05,
    settings: [
      rateSetting({ default: 10, min: 1, max: 10 }),
      {
        name: "margin_degC",
        default: 0,
        min: 0,
        max: 15,
        unit: "degC",
        description: "how far below their limits temperatures are alarming already",
      },
    ],
  },
  start({ open, settingsOf }) {
    const packs = new PerVehicle((vehicleId) => new WatchedPack(openOf(open, vehicleId)));
    return {
      onSample(sample, findings) {
        const { margin_degC = 0 } = settingsOf(sample.vehicleId);
        packs.of(sample.vehicleId).watch(sample, { findings, margin_degC });
      },
      stateOf: (vehicleId) => packs.stateOf(vehicleId),
      adopt: (vehicleId, state) => packs.adopt(vehicleId, state),
    };
  },
};

function openOf(open: readonly OpenCondition[], vehicleId: string): readonly OpenCondition[] {
  return open.filter((condition) => condition.vehicleId === vehicleId);
}

class WatchedPack implements Movable {
  readonly #conditions: PackConditions;
  readonly #runaway: RunawayConfirmation;
  readonly #tiers: RunawayTiers;
  /** Of the area in use, which is a matter of settings, not of state. */
  #margin_degC = 0;

  constructor(open: readonly OpenCondition[]) {
    const isConfirmed = open.some(({ name }) => name === "runaway");
    this.#conditions = new PackConditions({ area: servedPack, classes, open });
    this.#runaway = new RunawayConfirmation({ area: servedPack, isConfirmed });
    this.#tiers = new RunawayTiers(open);
  }

  watch(
    sample: FunctionSample,
    { findings, margin_degC }: { findings: Findings; margin_degC: number },
  ): void {
    if (margin_degC !== this.#margin_degC) {
      this.#margin_degC = margin_degC;
      this.#conditions.useArea(coolerBy(servedPack, margin_degC));
    }
    for (const condition of this.#conditions.update(sample)) findings.condition(condition);
    const confirmed = this.#runaway.update(sample);
    if (confirmed !== undefined) findings.condition(runawayCondition(confirmed, sample.vehicleId));
    const breakdown = this.#tiers.update(sample);
    if (breakdown !== undefined) findings.condition(breakdown);
  }

  save(): SavedState {
    return {
      conditions: this.#conditions.save(),
      runaway: this.#runaway.save(),
      tiers: this.#tiers.save(),
    };
  }

  restore(from: StateReader): void {
    this.#conditions.restore(from.object("conditions"));
    this.#runaway.restore(from.object("runaway"));
    this.#tiers.restore(from.object("tiers"));
    from.end();
  }
}

function coolerBy(area: SafeOperatingArea, margin_degC: number): SafeOperatingArea {
  const cooler = ([low, middle, high]: LevelLimits): LevelLimits => [
    low - margin_degC,
    middle - margin_degC,
    high - margin_degC,
  ];
  return {
    ...area,
    dischargeTemperatureMax_degC: cooler(area.dischargeTemperatureMax_degC),
    chargeTemperatureMax_degC: cooler(area.chargeTemperatureMax_degC),
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
