import { TemperatureRegulator, type ThermalRequest, usualThermalSystem } from "@voltfog/battery";
import type { NetworkFunction } from "../network-function.ts";
import { movable } from "./movable-parts.ts";
import { OneCondition } from "./one-condition.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedPack } from "./served-pack.ts";
import { rateSetting } from "./settings.ts";
import { StandingRequest } from "./standing-request.ts";

const hold_ms = 60_000;

/** Asks the vehicle for flow or heat, and says when it begins and ends; the vehicle confirms or refuses. */
export const networkFunction: NetworkFunction = {
  manifest: {
    id: "temperature-regulation",
    version: "1.1.0",
    inputs: ["telemetry"],
    rate_Hz: 1,
    cpu: 0.02,
    memory_MB: 64,
    latencyClass: "control",
    cpuPerVehicle: 0.00001,
    memoryPerVehicle_MB: 0.003,
    settings: [
      rateSetting({ default: 1, min: 0.1, max: 10 }),
      {
        name: "earlier_degC",
        default: 0,
        min: 0,
        max: 6,
        unit: "degC",
        description: "how far below its usual temperatures cooling starts, grows and ends",
      },
    ],
  },
  start({ open, settingsOf }) {
    const vehicles = new PerVehicle((vehicleId) =>
      movable({
        regulator: new TemperatureRegulator({
          ...usualThermalSystem,
          capacity_Ah: servedPack.capacity_Ah,
        }),
        cooling: new StandingRequest(),
        heating: new StandingRequest(),
        condition: new OneCondition({
          name: "regulation",
          class: "temperature-regulation",
          hold_ms,
          open: open.filter((condition) => condition.vehicleId === vehicleId),
        }),
      }),
    );
    return {
      onSample(sample, findings) {
        const { regulator, cooling, heating, condition } = vehicles.of(sample.vehicleId);
        regulator.coolEarlier(settingsOf(sample.vehicleId)["earlier_degC"] ?? 0);
        const asked = regulator.decide(sample);
        const { because } = asked;
        const say = (isStanding: boolean): Parameters<StandingRequest["update"]>[1] => {
          return { isStanding, sample, findings };
        };
        const cool = { kind: "request-cooling", value: asked.cooling, because } as const;
        const heat = { kind: "request-heating", value: asked.heating, because } as const;
        cooling.update(cool, say(asked.cooling > 0));
        heating.update(heat, say(asked.heating > 0));
        const change = condition.update(
          {
            level: asked.cooling > 0 || asked.heating > 0 ? 1 : 0,
            cell: null,
            value: Math.max(asked.cooling, asked.heating),
            limit: 0,
            unit: "ratio",
            sentence: sentenceOf(sample.vehicleId, asked),
          },
          sample.monotonic_ms,
        );
        if (change !== undefined) findings.condition(change);
      },
      stateOf: (vehicleId) => vehicles.stateOf(vehicleId),
      adopt: (vehicleId, state) => vehicles.adopt(vehicleId, state),
    };
  },
};

function sentenceOf(vehicleId: string, { cooling, heating, because }: ThermalRequest): string {
  if (cooling > 0) return `${vehicleId} is asked to cool at ${100 * cooling} %: ${because}`;
  if (heating > 0) return `${vehicleId} is asked to heat at ${100 * heating} %: ${because}`;
  return `${vehicleId} needs neither cooling nor heat any more: ${because}`;
}
