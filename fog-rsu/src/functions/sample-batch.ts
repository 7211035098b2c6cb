import type { BatterySample } from "@voltfog/messages";
import type { DurableFrame } from "../log/durable-frame.ts";
import type { FrameReference, FunctionSample } from "./network-function.ts";
import type { MarkedSample } from "./sample-marks.ts";

/** One durable telemetry frame, decoded once, on its way to the functions. */
export interface TelemetryArrival {
  readonly vehicleId: string;
  readonly boot: number;
  readonly frame: FrameReference;
  readonly samples: readonly BatterySample[];
}

/** The telemetry among frames; functions see no other. */
export function arrivalsOf(frames: readonly DurableFrame[]): readonly TelemetryArrival[] {
  return frames.flatMap(({ vehicleId, boot, payload, reference }) =>
    payload.type === "telemetry"
      ? [{ vehicleId, boot, frame: reference, samples: payload.samples }]
      : [],
  );
}

/** Numbers per sample in `pack`: wall_ms, monotonic_ms, packVoltage_V, packCurrent_A, soc. */
const packWidth = 5;

interface FrameSlice {
  readonly vehicleId: string;
  readonly boot: number;
  readonly frame: FrameReference;
  readonly samples: number;
}

/**
 * The samples of one group commit in memory that all workers share: written once, posted to every
 * function without a copy. Sample i has five numbers in `pack`, and its cells and sensors between
 * the running ends i−1 and i.
 */
export interface SampleBatch {
  readonly frames: readonly FrameSlice[];
  readonly pack: Float64Array;
  readonly cellEnds: Uint32Array;
  readonly cells: Uint16Array;
  readonly sensorEnds: Uint32Array;
  readonly sensors: Float32Array;
}

export function packBatch(arrivals: readonly TelemetryArrival[]): SampleBatch {
  const samples = arrivals.flatMap((arrival) => arrival.samples);
  const cellCount = samples.reduce((sum, sample) => sum + sample.cellVoltage_mV.length, 0);
  const sensorCount = samples.reduce((sum, sample) => sum + sample.temperature_degC.length, 0);
  const batch: SampleBatch = {
    frames: arrivals.map(({ vehicleId, boot, frame, samples: { length } }) => {
      return { vehicleId, boot, frame, samples: length };
    }),
    pack: new Float64Array(new SharedArrayBuffer(8 * packWidth * samples.length)),
    cellEnds: new Uint32Array(new SharedArrayBuffer(4 * samples.length)),
    cells: new Uint16Array(new SharedArrayBuffer(2 * cellCount)),
    sensorEnds: new Uint32Array(new SharedArrayBuffer(4 * samples.length)),
    sensors: new Float32Array(new SharedArrayBuffer(4 * sensorCount)),
  };
  let cellEnd = 0;
  let sensorEnd = 0;
  for (const [at, sample] of samples.entries()) {
    batch.pack[packWidth * at] = sample.wall_ms;
    batch.pack[packWidth * at + 1] = sample.monotonic_ms;
    batch.pack[packWidth * at + 2] = sample.packVoltage_V;
    batch.pack[packWidth * at + 3] = sample.packCurrent_A;
    batch.pack[packWidth * at + 4] = sample.soc;
    batch.cells.set(sample.cellVoltage_mV, cellEnd);
    batch.sensors.set(sample.temperature_degC, sensorEnd);
    cellEnd += sample.cellVoltage_mV.length;
    sensorEnd += sample.temperature_degC.length;
    batch.cellEnds[at] = cellEnd;
    batch.sensorEnds[at] = sensorEnd;
  }
  return batch;
}

/** Walks the samples of the batch in order, leaving out vehicles and samples that are said no to. */
export function forEachSample(
  batch: SampleBatch,
  options: {
    serves: (vehicleId: string) => boolean;
    passes: (sample: MarkedSample) => boolean;
    visit: (sample: FunctionSample, frame: FrameReference) => void;
  },
): void {
  let at = 0;
  for (const slice of batch.frames) {
    const end = at + slice.samples;
    if (options.serves(slice.vehicleId)) {
      const { vehicleId, boot } = slice;
      for (let index = at; index < end; index++) {
        const wall_ms = batch.pack[packWidth * index] ?? 0;
        const monotonic_ms = batch.pack[packWidth * index + 1] ?? 0;
        if (!options.passes({ vehicleId, boot, monotonic_ms, wall_ms })) continue;
        options.visit(sampleAt({ batch, index, slice }), slice.frame);
      }
    }
    at = end;
  }
}

function sampleAt(options: {
  batch: SampleBatch;
  index: number;
  slice: FrameSlice;
}): FunctionSample {
  const { batch, index, slice } = options;
  const number = (place: number): number => batch.pack[packWidth * index + place] ?? 0;
  const start = (ends: Uint32Array): number => (index === 0 ? 0 : (ends[index - 1] ?? 0));
  return {
    vehicleId: slice.vehicleId,
    boot: slice.boot,
    wall_ms: number(0),
    monotonic_ms: number(1),
    packVoltage_V: number(2),
    packCurrent_A: number(3),
    soc: number(4),
    cellVoltage_mV: batch.cells.subarray(start(batch.cellEnds), batch.cellEnds[index]),
    temperature_degC: batch.sensors.subarray(start(batch.sensorEnds), batch.sensorEnds[index]),
  };
}
