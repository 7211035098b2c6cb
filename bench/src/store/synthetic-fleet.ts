import type { EntryBatch, EntryRow, SampleColumns } from "@voltfog/cloud";
import { type Random, SeededRandom } from "@voltfog/runtime";

export const samplesPerFrame = 64;
const framesPerBatch = 256;
/** What 64 samples of a pack of 96 cells take, sealed and signed. */
const frame_bytes = 3000;
const entry_bytes = 64;

interface Pack {
  readonly vehicleId: string;
  sequence: number;
  current_A: number;
  soc: number;
  surface_degC: number;
}

/**
 * A fleet whose frames reach one log in turn, one sample a second of each vehicle: values move as a pack's
 * do and have a frame's resolution, so that they compress as real ones do. A signed frame is random bytes of
 * its usual size, which do not.
 */
export class SyntheticFleet {
  readonly start_ms: number;
  readonly #random: Random;
  readonly #packs: readonly Pack[];
  #at = 0;

  constructor(o: { vehicles: number; seed: number; start_ms: number }) {
    const random = new SeededRandom(o.seed);
    this.#random = random;
    this.start_ms = o.start_ms;
    this.#packs = Array.from({ length: o.vehicles }, (_, i) => ({
      vehicleId: `car-${i + 1}`,
      sequence: 0,
      current_A: 0,
      soc: random.uniform(),
      surface_degC: 15 + 15 * random.uniform(),
    }));
  }

  get vehicleIds(): readonly string[] {
    return this.#packs.map(({ vehicleId }) => vehicleId);
  }

  /** Time of the newest sample. */
  get now_ms(): number {
    return this.start_ms + 1000 * samplesPerFrame * Math.floor(this.#at / this.#packs.length);
  }

  /** The next batch, which continues the log. */
  next(): EntryBatch {
    const from = this.#at;
    const samples = columnsOf(framesPerBatch * samplesPerFrame);
    const rows = Array.from({ length: framesPerBatch }, (_, i) => this.#row(samples, i));
    return {
      unitId: "unit-1",
      from,
      rows,
      samples,
      tree: new Uint8Array(64),
      stored_ms: this.now_ms,
    };
  }

  #row(samples: SampleColumns, i: number): EntryRow {
    const pack = this.#packs[this.#at % this.#packs.length] as Pack;
    const first_ms = this.now_ms;
    const logIndex = this.#at++;
    pack.sequence += 1;
    const sampleFrom = i * samplesPerFrame;
    for (let at = 0; at < samplesPerFrame; at++) {
      this.#sample(samples, {
        pack,
        at: sampleFrom + at,
        index: at,
        wall_ms: first_ms + 1000 * at,
      });
    }
    return {
      ...{ logIndex, kind: "frame", code: null, vehicleId: pack.vehicleId, stream: "telemetry" },
      sequence: pack.sequence,
      commitment: this.#random.bytes(32),
      samples: samplesPerFrame,
      ...{ origin: "simulated", source: "bench", alarm: null, gap: null, unlinked: null },
      wall_ms: first_ms,
      accepted_ms: first_ms + 1000 * samplesPerFrame,
      entry: this.#random.bytes(entry_bytes),
      frame: this.#random.bytes(frame_bytes),
      sampleFrom,
      sampleTo: sampleFrom + samplesPerFrame,
    };
  }

  #sample(
    samples: SampleColumns,
    o: { pack: Pack; at: number; index: number; wall_ms: number },
  ): void {
    const { pack, at } = o;
    const chance = this.#random.uniform();
    pack.current_A = Math.round((0.95 * pack.current_A + 20 * (chance - 0.5)) * 10) / 10;
    pack.soc = Math.min(1, Math.max(0, pack.soc + pack.current_A / 800_000));
    pack.surface_degC += 0.02 * (chance - 0.5);
    const cell_mV = 3400 + 700 * pack.soc + 0.8 * pack.current_A;
    samples.wall_ms[at] = o.wall_ms;
    samples.sampleIndex[at] = o.index;
    samples.packVoltage_V[at] = Math.round(96 * cell_mV * 0.01) / 10;
    samples.packCurrent_A[at] = pack.current_A;
    samples.soc[at] = Math.round(1000 * pack.soc) / 1000;
    samples.cellMin_mV[at] = Math.round(cell_mV - 12 - 4 * chance);
    samples.cellMean_mV[at] = Math.round(cell_mV * 96) / 96;
    samples.cellMax_mV[at] = Math.round(cell_mV + 9 + 4 * chance);
    samples.cellMinIndex[at] = 17;
    samples.cellMaxIndex[at] = 40 + Math.floor(3 * chance);
    samples.temperatureMin_degC[at] = Math.round(10 * (pack.surface_degC - 3)) / 10;
    samples.temperatureMax_degC[at] = Math.round(10 * (pack.surface_degC + 4)) / 10;
    samples.temperatureMaxIndex[at] = 11;
  }
}

function columnsOf(length: number): SampleColumns {
  return {
    length,
    wall_ms: new Float64Array(length),
    sampleIndex: new Uint8Array(length),
    packVoltage_V: new Float32Array(length),
    packCurrent_A: new Float32Array(length),
    soc: new Float32Array(length),
    cellMin_mV: new Uint16Array(length),
    cellMean_mV: new Float32Array(length),
    cellMax_mV: new Uint16Array(length),
    cellMinIndex: new Uint16Array(length),
    cellMaxIndex: new Uint16Array(length),
    temperatureMin_degC: new Float32Array(length),
    temperatureMax_degC: new Float32Array(length),
    temperatureMaxIndex: new Uint16Array(length),
  };
}
