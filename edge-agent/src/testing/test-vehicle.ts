import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AlarmPayload, BatterySample } from "@voltfog/messages";
import {
  type Clock,
  ManualClock,
  SeededRandom,
  type Signer,
  silentLogger,
  type VehicleId,
  vehicleId,
} from "@voltfog/runtime";
import { createSigningKey, nodeCrypto } from "@voltfog/runtime/node";
import type { Cut } from "../framing/cut.ts";
import { createFrameSealer } from "../framing/frame-sealer.ts";
import type { OutboxOptions } from "../outbox/open-outbox.ts";
import type { Reading } from "../sampling/battery-source.ts";

export const testVehicleId: VehicleId = vehicleId("vehicle-01") as VehicleId;
export const startTime_ms = 1_700_000_000_000;

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "voltfog-edge-"));
}

/** A key that only this test run knows. */
export function testSigner(): Signer {
  return createSigningKey(join(temporaryFolder(), "device.key"));
}

export function testOutboxOptions(
  folder: string,
  given: Partial<OutboxOptions> & { signer?: Signer } = {},
): OutboxOptions & { clock: Clock } {
  const { signer = testSigner(), ...rest } = given;
  return {
    folder,
    seal: createFrameSealer({
      vehicleId: testVehicleId,
      signer,
      crypto: nodeCrypto,
      random: new SeededRandom(1),
      clockQuality: () => "unknown",
    }),
    clock: new ManualClock(startTime_ms),
    logger: silentLogger,
    roomMax: { telemetry: 1000, urgent: 100 },
    ...rest,
  };
}

/** A plausible sample of a small pack; `number` shows in its time and its first cell. */
export function testSample(number: number): BatterySample {
  const cellVoltage_mV = Uint16Array.of(3600 + (number % 100), 3601, 3602, 3603);
  return {
    wall_ms: startTime_ms + number * 1000,
    monotonic_ms: number * 1000,
    packVoltage_V: 14.4,
    packCurrent_A: -12.5,
    soc: 0.5,
    cellVoltage_mV,
    temperature_degC: Float32Array.of(21.5, 22),
  };
}

export function testReading(number: number, given: Partial<Reading> = {}): Reading {
  return { origin: "replayed", source: "test cycle", sample: testSample(number), ...given };
}

export function testAlarm(number: number): AlarmPayload {
  return {
    type: "alarm",
    origin: "replayed",
    alarm: "over-temperature",
    level: 2,
    cell: 1,
    value: 61,
    limit: 60,
    wall_ms: startTime_ms + number * 1000,
  };
}

/** A cut of the samples `from` to `to`, both inclusive, of the run `boot`. */
export function testCut(
  from: number,
  to: number,
  given: Partial<Cut> & { boot?: number } = {},
): Cut {
  const { boot = 1, ...rest } = given;
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return {
    stamp: { boot, wall_ms: startTime_ms + to * 1000, monotonic_ms: to * 1000, lastSample: to },
    telemetry: {
      type: "telemetry",
      origin: "replayed",
      source: "test cycle",
      samples: numbers.map(testSample),
    },
    alarms: [],
    notices: [],
    closeGap: "never",
    ...rest,
  };
}
