import { plausibility } from "@voltfog/battery";
import {
  commitmentOf,
  decodePayload,
  openFrame,
  type TelemetryPayload,
  verifyFrame,
} from "@voltfog/messages";
import type { VehicleId } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import { describe, expect, it } from "vitest";
import { FrameMaker, samplesPerFrame } from "./signed-frames.ts";

const start_ms = 1_700_000_000_000;

function cut(seed: number, count: number) {
  const maker = new FrameMaker({ id: "vehicle-1" as VehicleId, seed, start_ms });
  const frames = Array.from({ length: count }, () => maker.next().bytes);
  return { maker, frames, opened: frames.map(opened) };
}

function opened(bytes: Uint8Array) {
  const frame = openFrame(bytes);
  if (!frame.ok) throw new Error(frame.problem.detail);
  const payload = decodePayload(frame.value);
  if (!payload.ok) throw new Error(payload.problem.detail);
  return { frame: frame.value, payload: payload.value as TelemetryPayload };
}

describe("frames for a bench", () => {
  it("are signed, numbered and linked like an agent's", () => {
    const { maker, frames, opened: all } = cut(1, 4);
    const { publicKey } = maker.signer;
    for (const [i, { frame }] of all.entries()) {
      expect(verifyFrame({ frame, publicKey, crypto: nodeCrypto })).toBe(true);
      expect(frame.header.sequence).toBe(i + 1);
      const before = frames[i - 1];
      expect(frame.header.previous).toEqual(
        before === undefined
          ? new Uint8Array(32)
          : commitmentOf({ frame: before, crypto: nodeCrypto }),
      );
    }
  });

  it("hold full loads of plausible samples in the order of time", () => {
    let last_ms = start_ms - 1;
    for (const { payload, frame } of cut(2, 6).opened) {
      expect(payload.samples).toHaveLength(samplesPerFrame);
      for (const sample of payload.samples) {
        expect(plausibility(sample)).toEqual([]);
        expect([sample.cellVoltage_mV.length, sample.temperature_degC.length]).toEqual([96, 24]);
        expect(sample.wall_ms).toBeGreaterThan(last_ms);
        expect(sample.wall_ms).toBeLessThanOrEqual(frame.header.wall_ms);
        last_ms = sample.wall_ms;
      }
    }
  });

  it("are noisy: no sample's cells are those of another, of this vehicle or the next", () => {
    const seen = new Set<string>();
    for (const seed of [3, 4]) {
      for (const { payload } of cut(seed, 3).opened) {
        for (const { cellVoltage_mV } of payload.samples) seen.add(cellVoltage_mV.join());
      }
    }
    expect(seen.size).toBe(2 * 3 * samplesPerFrame);
  });

  it("hold the same samples again for the same seed", () => {
    const samples = (seed: number) => cut(seed, 2).opened.map(({ payload }) => payload.samples);
    expect(samples(5)).toEqual(samples(5));
  });
});
