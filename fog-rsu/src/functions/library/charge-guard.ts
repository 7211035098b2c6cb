import type { SafetyClass, SafetyLevel } from "@voltfog/battery";
import type { CommandKind, EventClass } from "@voltfog/messages";
import type { CommandRequest, NetworkFunction } from "../network-function.ts";
import { PackConditions } from "./pack-conditions.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedPack } from "./served-pack.ts";
import { StandingRequest } from "./standing-request.ts";

const classes: ReadonlyMap<SafetyClass, EventClass> = new Map([
  ["cell-over-voltage", "overcharge"],
  ["cell-under-voltage", "deep-discharge"],
]);

interface Guard {
  readonly name: SafetyClass;
  readonly command: CommandKind;
  readonly full_A: number;
}

const guards: readonly Guard[] = [
  {
    name: "cell-over-voltage",
    command: "limit-charge-current",
    full_A: servedPack.chargeCurrentMax_A[0],
  },
  {
    name: "cell-under-voltage",
    command: "limit-discharge-current",
    full_A: servedPack.dischargeCurrentMax_A[0],
  },
];

/** A quarter of the full current at the end of normal operation, none past the recommended limit. */
const shareAtLevel: Readonly<Record<0 | SafetyLevel, number>> = { 0: 1, 1: 0.25, 2: 0, 3: 0 };

/** Overcharge and deep discharge: says them, and asks the vehicle to limit the current that causes them. */
export const networkFunction: NetworkFunction = {
  manifest: {
    id: "charge-guard",
    version: "1.1.0",
    inputs: ["telemetry"],
    rate_Hz: 10,
    cpu: 0.2,
    memory_MB: 64,
    latencyClass: "alert",
  },
  start({ open }) {
    const packs = new PerVehicle((vehicleId) => ({
      conditions: new PackConditions({
        area: servedPack,
        classes,
        open: open.filter((condition) => condition.vehicleId === vehicleId),
      }),
      requests: guards.map(() => new StandingRequest()),
    }));
    return {
      onSample(sample, findings) {
        const { conditions, requests } = packs.of(sample.vehicleId);
        for (const condition of conditions.update(sample)) findings.condition(condition);
        for (const [place, guard] of guards.entries()) {
          const level = conditions.level(guard.name);
          const options = { isStanding: level > 0, sample, findings };
          requests[place]?.update(requestAt(guard, level), options);
        }
      },
    };
  },
};

function requestAt({ name, command, full_A }: Guard, level: 0 | SafetyLevel): CommandRequest {
  const because = level === 0 ? `${name} is over` : `${name} of level ${level}`;
  return { kind: command, value: full_A * shareAtLevel[level], because };
}
