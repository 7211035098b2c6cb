import { generateKeyPairSync, sign } from "node:crypto";
import { SeededRandom, type Signer, silentLogger } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { DeviceEntry } from "../../../log/entry.ts";
import type { LogAppend } from "../log-types.ts";
import { TelemetryLog, type TelemetryLogOptions } from "../telemetry-log.ts";

export const sampleOrigin = "voltfog/test/log/unit-1";

export function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const spki = publicKey.export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(spki.length - 32)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** Options of a log in this folder, with a key of its own unless one is given. */
export function sampleOptions(
  folder: string,
  options: Partial<TelemetryLogOptions> = {},
): TelemetryLogOptions {
  const signer = options.signer ?? newSigner();
  return {
    folder,
    origin: sampleOrigin,
    crypto: nodeCrypto,
    logger: silentLogger,
    ...options,
    signer,
  };
}

export function openSample(options: TelemetryLogOptions): Promise<TelemetryLog> {
  return TelemetryLog.open(options);
}

/** Makes items of a few vehicles with consecutive sequences; every seventh is a gap, every eleventh refused. */
export class SampleItems {
  readonly #random: SeededRandom;
  readonly #sequences = new Map<number, number>();
  #count = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  take(count: number): LogAppend[] {
    return Array.from({ length: count }, () => this.next());
  }

  next(): LogAppend {
    const number = this.#count++;
    const vehicle = number % 3;
    const sequence = (this.#sequences.get(vehicle) ?? 0) + 1;
    this.#sequences.set(vehicle, sequence);
    const frame = number % 5 === 4 ? undefined : this.#random.bytes(1 + (number % 60));
    const commitment = frame === undefined ? this.#random.bytes(32) : nodeCrypto.sha256(frame);
    const base = {
      stream: vehicle === 2 ? ("urgent" as const) : ("telemetry" as const),
      unlinked: sequence === 1,
      keyId: sampleKeyId(vehicle),
      sequence,
      commitment,
    };
    const accepted_ms = 1_700_000_000_000 + number;
    const vehicleId = vehicle === 1 ? undefined : `vehicle-${vehicle}`;
    return { entry: entryOf(number, base), frame, accepted_ms, vehicleId };
  }
}

export function sampleKeyId(vehicle: number): Uint8Array {
  return new Uint8Array(16).fill(vehicle + 1);
}

function entryOf(
  number: number,
  base: Omit<Extract<DeviceEntry, { kind: "frame" }>, "kind" | "sampleCount">,
): DeviceEntry {
  if (number % 7 === 6) {
    return {
      kind: "gap",
      ...base,
      cause: 1,
      firstMissing: 0,
      lastMissing: 0,
      samplesMissing: 40,
      knownSince_ms: 1_700_000_000_000,
    };
  }
  if (number % 11 === 10) return { kind: "refused", ...base, code: 9, sampleCount: 3 };
  return { kind: "frame", ...base, sampleCount: 10 };
}
