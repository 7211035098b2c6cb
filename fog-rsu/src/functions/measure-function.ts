import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { PackSimulator } from "@voltfog/battery";
import { SeededRandom } from "@voltfog/runtime";
import { FunctionRun } from "./function-run.ts";
import type { FunctionManifest, NetworkFunction } from "./network-function.ts";
import { packBatch, type TelemetryArrival } from "./sample-batch.ts";

/** What one vehicle costs a function, as its manifest says it. */
export type FunctionCost = Pick<FunctionManifest, "cpuPerVehicle" | "memoryPerVehicle_MB">;

const vehicles = 60;
const warmUp_s = 60;
const measured_s = 180;
/** A frame of the edge agent holds so many samples of one a second. */
const samplesPerFrame = 5;

/**
 * Runs the function for 60 vehicles of 96 cells and 24 sensors that drive, charge and rest, at one sample a second, and
 * gives the states of all once a second as for standbys. Takes the processor time of the process, and the memory that
 * is left after a collection of garbage. Takes some seconds; nothing else should run in the process.
 */
export function measureFunction(definition: NetworkFunction): FunctionCost {
  const frames = simulatedFrames();
  const before_bytes = memory_bytes();
  const run = new FunctionRun(definition, { open: [] });
  let used_us = 0;
  for (const [place, frame] of frames.entries()) {
    const batch = packBatch(
      Array.from({ length: vehicles }, (_, i) => ({ ...frame, vehicleId: `vehicle-${i + 1}` })),
    );
    const start = process.cpuUsage();
    run.findingsOf(batch, () => true);
    // Once a second for the unit that stands by, which costs more than the samples do.
    for (let second = 0; second < samplesPerFrame; second++) saveAll(run);
    const { user, system } = process.cpuUsage(start);
    if (place * samplesPerFrame >= warmUp_s) used_us += user + system;
  }
  const left_bytes = memory_bytes() - before_bytes;
  // Asked for behind the collection, so that it is not collected.
  run.save("vehicle-1");
  return {
    cpuPerVehicle: used_us / 1e6 / measured_s / vehicles,
    memoryPerVehicle_MB: Math.max(0, left_bytes) / vehicles / 1024 / 1024,
  };
}

function saveAll(run: FunctionRun): void {
  for (let i = 0; i < vehicles; i++) run.save(`vehicle-${i + 1}`);
}

/** Four minutes of one simulated vehicle of 96 cells. Repeats. */
export function simulatedFrames(): readonly TelemetryArrival[] {
  const pack = new PackSimulator({ random: new SeededRandom(7), startSoc: 0.6 });
  const samples = Array.from({ length: warmUp_s + measured_s }, (_, second) => {
    const monotonic_ms = 1000 * (second + 1);
    const current_A = second % 120 < 60 ? -80 + (second % 7) * 10 : second % 120 < 100 ? 70 : 0;
    const wall_ms = 1_790_000_000_000 + monotonic_ms;
    return pack.step({ current_A, step_s: 1, wall_ms, monotonic_ms, inlet_degC: 25 });
  });
  const place = { stream: "telemetry", commitment: "00".repeat(32), origin: "simulated" } as const;
  return Array.from({ length: samples.length / samplesPerFrame }, (_, logIndex) => ({
    vehicleId: "vehicle-1",
    boot: 1,
    frame: { ...place, logIndex, sequence: logIndex + 1 },
    samples: samples.slice(samplesPerFrame * logIndex, samplesPerFrame * (logIndex + 1)),
  }));
}

function memory_bytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
