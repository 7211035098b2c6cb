import { TemperatureRegulator, type ThermalRequest, usualThermalSystem } from "@voltfog/battery";
import type { NetworkFunction } from "../network-function.ts";
import { OneCondition } from "./one-condition.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedPack } from "./served-pack.ts";
import { StandingRequest } from "./standing-request.ts";

const hold_ms = 60_000;

/** Asks the vehicle for flow or heat, and says when it begins and ends; the vehicle confirms or refuses. */
export const networkFunction: NetworkFunction = {
  manifest: {
    id: "temperature-regulation",
    version: "1.0.0",
    inputs: ["telemetry"],
    rate_Hz: 1,
    cpu: 0.02,
    memory_MB: 64,
    latencyClass: "control",
  },
  start({ open }) {
    const vehicles = new PerVehicle((vehicleId) => ({
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
    }));
    return {
      onSample(sample, findings) {
        const { regulator, cooling, heating, condition } = vehicles.of(sample.vehicleId);
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
    };
  },
};

function sentenceOf(vehicleId: string, { cooling, heating, because }: ThermalRequest): string {
  if (cooling > 0) return `${vehicleId} is asked to cool at ${100 * cooling} %: ${because}`;
  if (heating > 0) return `${vehicleId} is asked to heat at ${100 * heating} %: ${because}`;
  return `${vehicleId} needs neither cooling nor heat any more: ${because}`;
}
