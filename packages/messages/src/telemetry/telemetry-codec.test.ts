import { CodedError, equalBytes, SeededRandom } from "@voltfog/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BatterySample } from "../battery-sample.ts";
import type { TelemetryPayload } from "../payload.ts";
import { driveSamples } from "../testing/drive-samples.ts";
import { decodeTelemetry } from "./decode-telemetry.ts";
import { encodeTelemetry } from "./encode-telemetry.ts";
import { timeMax } from "./whole-steps.ts";

function payloadOf(samples: readonly BatterySample[]): TelemetryPayload {
  return { type: "telemetry", origin: "replayed", source: "LG HG2 US06 25 degC", samples };
}

function bytesPerSample(samples: readonly BatterySample[], perFrame: number): number {
  let total = 0;
  for (let from = 0; from < samples.length; from += perFrame) {
    total += encodeTelemetry(payloadOf(samples.slice(from, from + perFrame))).length;
  }
  return total / samples.length;
}

const drive = driveSamples({ random: new SeededRandom(1), count: 640 });

/** Any whole steps, from all over their range or close together. */
const anyPayload: fc.Arbitrary<TelemetryPayload> = fc
  .record({
    samples: fc.integer({ min: 1, max: 64 }),
    cells: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1024 })),
    sensors: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 256 })),
    voltageSpan: fc.constantFrom(0, 1, 5, 200, 65_535),
    temperatureSpan: fc.constantFrom(0, 1, 5, 40, 32_767),
    temperatureStep: fc.constantFrom(1, 5, 10),
    currentSpan: fc.constantFrom(0, 1, 1000, 2 ** 31 - 1),
    timeSpan: fc.constantFrom(0, 1, 20, timeMax),
    seed: fc.integer(),
    origin: fc.constantFrom("measured" as const, "replayed" as const, "simulated" as const),
    source: fc.string({ unit: "grapheme", maxLength: 20 }),
  })
  .map((shape) => ({
    type: "telemetry",
    origin: shape.origin,
    source: shape.source,
    samples: samplesOf(shape),
  }));

function samplesOf(shape: {
  samples: number;
  cells: number;
  sensors: number;
  voltageSpan: number;
  temperatureSpan: number;
  temperatureStep: number;
  currentSpan: number;
  timeSpan: number;
  seed: number;
}): BatterySample[] {
  const random = new SeededRandom(shape.seed);
  const upTo = (max: number): number => Math.floor(random.uniform() * (max + 1));
  const low = upTo(65_535 - shape.voltageSpan);
  return Array.from({ length: shape.samples }, () => ({
    wall_ms: timeMax - upTo(shape.timeSpan),
    monotonic_ms: upTo(shape.timeSpan),
    packVoltage_V: upTo(2 ** 32 - 1) / 100,
    packCurrent_A: (upTo(shape.currentSpan) - upTo(shape.currentSpan)) / 100,
    soc: upTo(1000) / 1000,
    cellVoltage_mV: Uint16Array.from({ length: shape.cells }, () => low + upTo(shape.voltageSpan)),
    temperature_degC: Float32Array.from({ length: shape.sensors }, () => {
      const steps = Math.floor(shape.temperatureSpan / shape.temperatureStep);
      return ((upTo(steps) - upTo(steps)) * shape.temperatureStep) / 10;
    }),
  }));
}

describe("the telemetry encoding", () => {
  it("takes 40 bytes per sample of a driving pack in full frames, 100 being the most it may", () => {
    expect(bytesPerSample(drive, 64)).toBeLessThan(40);
  });

  it("takes 52 bytes per sample in frames of 10 and 77 in frames of 3", () => {
    expect(bytesPerSample(drive.slice(0, 640), 10)).toBeLessThan(52);
    expect(bytesPerSample(drive.slice(0, 639), 3)).toBeLessThan(77);
  });

  it("gives back every sample exactly", () => {
    const payload = payloadOf(drive.slice(0, 64));
    expect(decodeTelemetry(encodeTelemetry(payload))).toEqual({ ok: true, value: payload });
  });

  it("gives back any payload within range exactly", () => {
    fc.assert(
      fc.property(anyPayload, (payload) => {
        expect(decodeTelemetry(encodeTelemetry(payload))).toEqual({ ok: true, value: payload });
      }),
    );
  });

  it("carries a wall clock that is set from 1970 to today within one frame", () => {
    const samples = drive.slice(0, 8).map((sample, t) => ({
      ...sample,
      wall_ms: t < 4 ? t * 1000 : 1_800_000_000_000 + t * 1000,
    }));
    const decoded = decodeTelemetry(encodeTelemetry(payloadOf(samples)));
    expect(decoded).toEqual({ ok: true, value: payloadOf(samples) });
  });

  it("rounds finer readings to its steps", () => {
    const [first] = drive as [BatterySample];
    const fine = { ...first, packCurrent_A: -0.004, soc: 0.4996, monotonic_ms: 12.25 };
    const decoded = decodeTelemetry(encodeTelemetry(payloadOf([fine])));
    const rounded = { ...first, packCurrent_A: 0, soc: 0.5, monotonic_ms: 12 };
    expect(decoded).toEqual({ ok: true, value: payloadOf([rounded]) });
  });
});

describe("the telemetry encoder", () => {
  const [first, second] = drive as [BatterySample, BatterySample];
  it.each<[string, readonly BatterySample[]]>([
    ["no sample", []],
    ["65 samples", drive.slice(0, 65)],
    ["no cell", [{ ...first, cellVoltage_mV: new Uint16Array(0) }]],
    ["1025 cells", [{ ...first, cellVoltage_mV: new Uint16Array(1025) }]],
    ["257 temperatures", [{ ...first, temperature_degC: new Float32Array(257) }]],
    [
      "a change of the number of cells",
      [first, { ...second, cellVoltage_mV: new Uint16Array(95) }],
    ],
    ["a current that is no number", [{ ...first, packCurrent_A: Number.NaN }]],
    [
      "a temperature that is no number",
      [{ ...first, temperature_degC: Float32Array.of(Number.NaN) }],
    ],
    ["a temperature of 4000 degC", [{ ...first, temperature_degC: Float32Array.of(4000) }]],
    ["a charge above 1", [{ ...first, soc: 1.001 }]],
    ["a negative pack voltage", [{ ...first, packVoltage_V: -1 }]],
    ["a time after the year 10889", [{ ...first, wall_ms: timeMax + 1 }]],
  ])("stops its caller at %s", (_what, samples) => {
    expect(() => encodeTelemetry(payloadOf(samples))).toThrow(CodedError);
  });
});

describe("the telemetry decoder", () => {
  it("gives a verdict on any bytes, and accepts only what encoding gives again", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const decoded = decodeTelemetry(bytes);
        if (decoded.ok) expect(encodeTelemetry(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it("accepts a frame with changed bits only where they are the encoding of what it reads", () => {
    const small = driveSamples({ random: new SeededRandom(2), count: 3, cells: 6, sensors: 3 });
    const bytes = encodeTelemetry(payloadOf(small));
    let accepted = 0;
    for (let i = 0; i < bytes.length; i++) {
      for (let change = 1; change < 256; change++) {
        const altered = bytes.slice();
        altered[i] = (altered[i] ?? 0) ^ change;
        const decoded = decodeTelemetry(altered);
        if (!decoded.ok) continue;
        accepted++;
        expect(equalBytes(encodeTelemetry(decoded.value), altered)).toBe(true);
      }
    }
    // Some changes only make another sample; were there none, nothing would have been checked.
    expect(accepted).toBeGreaterThan(0);
  });

  it("accepts a full frame with one changed byte only where it is the encoding of what it reads", () => {
    const bytes = encodeTelemetry(payloadOf(drive.slice(0, 10)));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (place, change) => {
          const altered = bytes.slice();
          altered[place] = (altered[place] ?? 0) ^ change;
          const decoded = decodeTelemetry(altered);
          if (decoded.ok) expect(encodeTelemetry(decoded.value)).toEqual(altered);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("refuses every shortened payload and every payload with bytes after it", () => {
    const bytes = encodeTelemetry(payloadOf(drive.slice(0, 4)));
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeTelemetry(bytes.subarray(0, length)).ok).toBe(false);
    }
    expect(decodeTelemetry(Uint8Array.of(...bytes, 0)).ok).toBe(false);
  });

  it("refuses a short payload that claims 64 samples of 65,535 cells", () => {
    const header = [0, 0, 64, 0xff, 0xff, 0xff, 0xff];
    const decoded = decodeTelemetry(Uint8Array.of(...header, ...new Uint8Array(65_000)));
    expect(decoded).toMatchObject({ ok: false, problem: { code: "MALFORMED" } });
  });

  it("refuses more samples, cells or temperatures than there may be", () => {
    for (const shape of [
      [0, 0, 1, 0, 0],
      [65, 0, 1, 0, 0],
      [1, 0, 0, 0, 0],
      [1, 4, 1, 0, 0],
      [1, 0, 1, 1, 1],
    ]) {
      const decoded = decodeTelemetry(Uint8Array.of(0, 0, ...shape, ...new Uint8Array(100)));
      expect(decoded).toMatchObject({
        ok: false,
        problem: { detail: expect.stringMatching(/^\d+ /) },
      });
    }
  });
});
