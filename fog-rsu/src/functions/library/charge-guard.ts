import type { SafetyClass, SafetyLevel } from "@voltfog/battery";
import type { CommandKind, EventClass } from "@voltfog/messages";
import type { CommandRequest, NetworkFunction } from "../network-function.ts";
import { movable } from "./movable-parts.ts";
import { PackConditions } from "./pack-conditions.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedPack } from "./served-pack.ts";
import { rateSetting } from "./settings.ts";
import { StandingRequest } from "./standing-request.ts";

const classes: ReadonlyMap<SafetyClass, EventClass> = new Map([
  ["cell-over-voltage", "overcharge"],
  ["cell-under-voltage", "deep-discharge"],
]);

interface Guard {
  readonly name: SafetyClass;
  readonly request: "charge" | "discharge";
  readonly command: CommandKind;
  readonly full_A: number;
}

const guards: readonly Guard[] = [
  {
    name: "cell-over-voltage",
    request: "charge",
    command: "limit-charge-current",
    full_A: servedPack.chargeCurrentMax_A[0],
  },
  {
    name: "cell-under-voltage",
    request: "discharge",
    command: "limit-discharge-current",
    full_A: servedPack.dischargeCurrentMax_A[0],
  },
];

/** Of the full current, at the end of normal operation. */
const usualShare = 0.25;

/** Less than the full current at the end of normal operation, none past the recommended limit. */
function shareAt(level: 0 | SafetyLevel, currentShare: number): number {
  return level === 0 ? 1 : level === 1 ? currentShare : 0;
}

/** Overcharge and deep discharge: says them, and asks the vehicle to limit the current that causes them. */
export const networkFunction: NetworkFunction = {
  manifest: {
    id: "charge-guard",
    version: "1.2.0",
    inputs: ["telemetry"],
    rate_Hz: 10,
    cpu: 0.2,
    memory_MB: 64,
    latencyClass: "alert",
    cpuPerVehicle: 0.00003,
    memoryPerVehicle_MB: 0.006,
    settings: [
      rateSetting({ default: 10, min: 1, max: 10 }),
      {
        name: "currentShare",
        default: usualShare,
        min: 0,
        max: 0.5,
        unit: "",
        description: "share of the full current that is asked for at level 1",
      },
    ],
  },
  start({ open, settingsOf }) {
    const packs = new PerVehicle((vehicleId) =>
      movable({
        conditions: new PackConditions({
          area: servedPack,
          classes,
          open: open.filter((condition) => condition.vehicleId === vehicleId),
        }),
        charge: new StandingRequest(),
        discharge: new StandingRequest(),
      }),
    );
    return {
      onSample(sample, findings) {
        const { currentShare = usualShare } = settingsOf(sample.vehicleId);
        const pack = packs.of(sample.vehicleId);
        for (const condition of pack.conditions.update(sample)) findings.condition(condition);
        for (const guard of guards) {
          const level = pack.conditions.level(guard.name);
          const share = shareAt(level, currentShare);
          const options = { isStanding: level > 0, sample, findings };
          pack[guard.request].update(requestAt(guard, { level, share }), options);
        }
      },
      stateOf: (vehicleId) => packs.stateOf(vehicleId),
      adopt: (vehicleId, state) => packs.adopt(vehicleId, state),
    };
  },
};

function requestAt(
  { name, command, full_A }: Guard,
  { level, share }: { level: 0 | SafetyLevel; share: number },
): CommandRequest {
  const because = level === 0 ? `${name} is over` : `${name} of level ${level}`;
  return { kind: command, value: full_A * share, because };
}
