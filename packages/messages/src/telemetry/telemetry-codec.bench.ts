import { SeededRandom } from "@voltfog/runtime";
import { bench, describe } from "vitest";
import type { TelemetryPayload } from "../payload.ts";
import { driveSamples } from "../testing/drive-samples.ts";
import { decodeTelemetry } from "./decode-telemetry.ts";
import { encodeTelemetry } from "./encode-telemetry.ts";

// One run is 640 samples: samples per second are 640 times the runs per second.
const drive = driveSamples({ random: new SeededRandom(1), count: 640 });

describe.each([64, 10])("640 samples of 96 cells in frames of %d", (perFrame) => {
  const payloads: TelemetryPayload[] = [];
  for (let from = 0; from < drive.length; from += perFrame) {
    const samples = drive.slice(from, from + perFrame);
    payloads.push({ type: "telemetry", origin: "simulated", source: "bench", samples });
  }
  const frames = payloads.map(encodeTelemetry);
  bench("encode", () => {
    for (const payload of payloads) encodeTelemetry(payload);
  });
  bench("decode", () => {
    for (const frame of frames) decodeTelemetry(frame);
  });
});
