import type { SafetyClass, SafetyLevel } from "@voltfog/battery";
import type { CommandKind, EventClass } from "@voltfog/messages";
import type { Findings, FunctionSample, NetworkFunction } from "../network-function.ts";
import { PackConditions } from "./pack-conditions.ts";
import { PerVehicle } from "./per-vehicle.ts";
import { servedPack } from "./served-pack.ts";

const classes: ReadonlyMap<SafetyClass, EventClass> = new Map([
  ["cell-over-voltage", "overcharge"],
  ["cell-under-voltage", "deep-discharge"],
]);

/** A command lapses by itself after a minute, so it is said again while the condition stands. */
const repeat_ms = 30_000;

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
    version: "1.0.0",
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
      asked: new Map<SafetyClass, Asked>(),
    }));
    return {
      onSample(sample, findings) {
        const { conditions, asked } = packs.of(sample.vehicleId);
        for (const condition of conditions.update(sample)) findings.condition(condition);
        for (const guard of guards) {
          ask({ guard, level: conditions.level(guard.name), asked, sample, findings });
        }
      },
    };
  },
};

interface Asked {
  readonly level: 0 | SafetyLevel;
  readonly at_ms: number;
}

function ask(options: {
  guard: Guard;
  level: 0 | SafetyLevel;
  asked: Map<SafetyClass, Asked>;
  sample: FunctionSample;
  findings: Findings;
}): void {
  const { guard, level, asked, sample, findings } = options;
  const last = asked.get(guard.name);
  const before = last?.level ?? 0;
  const since_ms = sample.monotonic_ms - (last?.at_ms ?? sample.monotonic_ms);
  const isDue = level !== before || (level > 0 && (since_ms >= repeat_ms || since_ms < 0));
  if (!isDue) return;
  asked.set(guard.name, { level, at_ms: sample.monotonic_ms });
  findings.command({ kind: guard.command, value: guard.full_A * shareAtLevel[level] });
}
