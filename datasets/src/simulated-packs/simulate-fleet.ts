import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import {
  type PackPresetId,
  packPresets,
  type SampleSteps,
  type VehicleFault,
  VehicleSimulator,
} from "@voltfog/battery";
import { CodedError } from "@voltfog/runtime";
import { packFileHeader, recordLength, writeRecord } from "./pack-file.ts";

export interface FleetOptions {
  readonly out: string;
  readonly seed: number;
  readonly vehicles: number;
  readonly days: number;
  readonly preset: PackPresetId;
  readonly steps: SampleSteps;
  readonly faults: readonly VehicleFault[];
  /** Called after every vehicle. */
  readonly onVehicle: (done: number) => void;
}

export interface FleetRun {
  /** Samples written. */
  readonly samples: number;
  readonly bytes: number;
  /** Simulated time over all vehicles. */
  readonly simulated_s: number;
}

interface VehicleTruth {
  readonly id: string;
  readonly file: string;
  readonly sha256: string;
  readonly samples: number;
}

/** First wall time of every run, so that a seed gives the same bytes whenever it runs. */
export const fleetStart_ms: number = Date.UTC(2026, 0, 5);
const buffer_bytes = 1 << 20;

/**
 * Simulates a fleet and writes `vehicle-<n>.pack` per vehicle and `truth.json` with every fault and its
 * onset. OUT_NOT_EMPTY where the folder holds anything. The same options give the same bytes.
 */
export function simulateFleet(options: FleetOptions): FleetRun {
  openEmpty(options.out);
  const truths: unknown[] = [];
  let samples = 0;
  let bytes = 0;
  for (let vehicle = 0; vehicle < options.vehicles; vehicle++) {
    const { truth, written_bytes } = simulateVehicle(options, vehicle);
    truths.push(truth);
    samples += truth.samples;
    bytes += written_bytes;
    options.onVehicle(vehicle + 1);
  }
  const { seed, days, preset, steps } = options;
  const truth = {
    format: "voltfog-truth-1",
    origin: "simulated",
    seed,
    days,
    preset,
    steps,
    start_ms: fleetStart_ms,
    vehicles: truths,
  };
  writeFileSync(join(options.out, "truth.json"), `${JSON.stringify(truth, null, 1)}\n`);
  return { samples, bytes, simulated_s: options.vehicles * days * 86_400 };
}

function simulateVehicle(
  options: FleetOptions,
  vehicle: number,
): { truth: VehicleTruth; written_bytes: number } {
  const { seed, steps } = options;
  const preset = packPresets[options.preset];
  const faults = options.faults
    .filter((entry) => entry.vehicle === vehicle + 1)
    .map(({ fault }) => fault);
  const simulator = new VehicleSimulator({
    seed,
    vehicle,
    preset,
    steps,
    start_ms: fleetStart_ms,
    faults,
  });
  const id = `vehicle-${String(vehicle + 1).padStart(4, "0")}`;
  const file = new PackFileWriter(join(options.out, `${id}.pack`), recordLength(preset));
  file.write(
    packFileHeader({
      vehicle: id,
      preset: preset.id,
      cells: preset.cells,
      sensors: preset.sensors,
    }),
  );
  const { physics } = simulator.pack;
  const start = { soc: rounded(physics.soc), capacity: rounded(physics.capacityFactor) };
  while (simulator.pack.elapsed_s < options.days * 86_400) {
    const reading = simulator.next();
    if (reading.arrives) file.record((view, offset) => writeRecord(view, offset, reading));
  }
  const { sha256, records, written_bytes } = file.close();
  const truth = {
    id,
    file: `${id}.pack`,
    sha256,
    samples: records,
    faults: faults.map((fault) => ({ ...fault, onset_ms: fleetStart_ms + fault.onset_s * 1000 })),
    startSoc: start.soc,
    startCapacity: start.capacity,
    endSoc: rounded(physics.soc),
    endCapacity: rounded(physics.capacityFactor),
    endResistance: rounded(physics.resistanceFactor),
  };
  return { truth, written_bytes };
}

/** Appends to one file through a buffer, and knows its digest. */
class PackFileWriter {
  readonly #descriptor: number;
  readonly #record_bytes: number;
  readonly #bytes = new Uint8Array(buffer_bytes);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #digest = createHash("sha256");
  #used = 0;
  #written_bytes = 0;
  #records = 0;

  constructor(path: string, record_bytes: number) {
    this.#descriptor = openSync(path, "wx");
    this.#record_bytes = record_bytes;
  }

  write(content: Uint8Array): void {
    this.#flush();
    this.#bytes.set(content);
    this.#used = content.length;
  }

  record(fill: (view: DataView, offset: number) => void): void {
    if (this.#used + this.#record_bytes > buffer_bytes) this.#flush();
    fill(this.#view, this.#used);
    this.#used += this.#record_bytes;
    this.#records++;
  }

  close(): { sha256: string; records: number; written_bytes: number } {
    this.#flush();
    closeSync(this.#descriptor);
    const sha256 = this.#digest.digest("hex");
    return { sha256, records: this.#records, written_bytes: this.#written_bytes };
  }

  #flush(): void {
    const content = this.#bytes.subarray(0, this.#used);
    this.#digest.update(content);
    for (let done = 0; done < content.length; ) {
      done += writeSync(this.#descriptor, content, done, content.length - done);
    }
    this.#written_bytes += content.length;
    this.#used = 0;
  }
}

function openEmpty(folder: string): void {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length === 0) return;
  throw new CodedError({
    code: "OUT_NOT_EMPTY",
    message: `${folder} is not empty`,
    remedy: "name a new or empty folder with --out",
  });
}

function rounded(values: Float64Array): number[] {
  return Array.from(values, (value) => Math.round(value * 1e6) / 1e6);
}
