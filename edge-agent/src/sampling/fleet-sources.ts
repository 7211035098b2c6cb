import { CodedError, SeededRandom } from "@voltfog/runtime";
import type { BatterySource } from "./battery-source.ts";
import type { DriveCycle } from "./drive-cycle.ts";
import { readDriveCycles } from "./drive-cycle-file.ts";
import { ReplaySource } from "./replay-source.ts";
import { SimulatorSource } from "./simulator-source.ts";

/** The seed also moves the first cycle that is taken, by up to so many; later ones cost reading time. */
const firstCycles = 4;
/** Replays start in the first part of a cycle, so that a short run shows driving. */
const latestStart = 0.7;

/**
 * One source per vehicle, in order. Vehicles go round the files and, inside a file, round its cycles;
 * start, cell spread and noise come from the seed and the vehicle's place, so a seed repeats a fleet.
 */
export async function fleetSources(options: {
  kind: "replay" | "simulator";
  vehicles: number;
  replayFiles: readonly string[];
  rate_Hz: number;
  seed: number;
}): Promise<readonly BatterySource[]> {
  const step_s = 1 / options.rate_Hz;
  const randomOf = (vehicle: number): SeededRandom =>
    new SeededRandom(Math.imul(options.seed + 1, 0x9e3779b1) + vehicle * 0x85ebca6b);
  const places = Array.from({ length: options.vehicles }, (_, vehicle) => vehicle);
  if (options.kind === "simulator") {
    return places.map((vehicle) => {
      const random = randomOf(vehicle);
      return new SimulatorSource({ random, startSoc: 0.3 + 0.6 * random.uniform(), step_s });
    });
  }
  const cycles = await chooseCycles(options);
  return places.map((vehicle) => {
    const random = randomOf(vehicle);
    const cycle = cycles[vehicle] as DriveCycle;
    return new ReplaySource({ cycle, startShare: latestStart * random.uniform(), step_s, random });
  });
}

async function chooseCycles(options: {
  vehicles: number;
  replayFiles: readonly string[];
  seed: number;
}): Promise<readonly DriveCycle[]> {
  const files = options.replayFiles;
  if (files.length === 0) {
    throw new CodedError({
      code: "REPLAY_MISSING",
      message: "no drive cycle file to replay is named",
      remedy: "set replayFiles, or source to simulator",
    });
  }
  const chosen: DriveCycle[] = [];
  for (const [place, path] of files.entries()) {
    if (place >= options.vehicles) break;
    const first = options.seed % firstCycles;
    const rounds = Math.ceil((options.vehicles - place) / files.length);
    const cycles = await readDriveCycles(path, { cyclesMax: first + rounds });
    // Only the chosen cycles stay in memory.
    for (let round = 0; round < rounds; round++) {
      const cycle = cycles[(first + round) % cycles.length] as DriveCycle;
      chosen[place + round * files.length] = cycle;
    }
  }
  return chosen;
}
