import type { Logger } from "@voltfog/runtime";

/** What functions may take of this unit: a CPU is one core. */
export interface Capacity {
  readonly cpu: number;
  readonly memory_MB: number;
}

/** The capacity of the settings, but no more than the machine has; a setting that says more is said. */
export function capacityOf(
  asked: Capacity,
  machine: Capacity,
  logger: Pick<Logger, "warn">,
): Capacity {
  const cpu = Math.min(asked.cpu, machine.cpu);
  const memory_MB = Math.min(asked.memory_MB, machine.memory_MB);
  if (cpu < asked.cpu || memory_MB < asked.memory_MB) {
    logger.warn("settings name more capacity than the machine has", { ...asked, ...machine });
  }
  return { cpu, memory_MB };
}

/** What functions cost here by their manifests, for the vehicles that they serve and stand by for. */
export function usedBy(
  functions: readonly {
    readonly cpuPerVehicle: number;
    readonly memoryPerVehicle_MB: number;
    readonly vehicles: readonly string[] | null;
    readonly standby: readonly unknown[];
  }[],
  attached: number,
): Capacity {
  let [cpu, memory_MB] = [0, 0];
  for (const { cpuPerVehicle, memoryPerVehicle_MB, vehicles, standby } of functions) {
    const served = vehicles?.length ?? attached;
    cpu += served * cpuPerVehicle;
    memory_MB += (served + standby.length) * memoryPerVehicle_MB;
  }
  return { cpu, memory_MB };
}
