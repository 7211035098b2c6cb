import { type BatterySample, encodePayload, keyIdOf, type Payload } from "@voltfog/messages";
import type { Signer } from "@voltfog/runtime";
import { nodeCrypto, systemRandom } from "@voltfog/runtime/node";
import { type RawFrame, sealRaw } from "./raw-frame.ts";

const noFrame = new Uint8Array(32);

/** A sound reading of a small pack, taken now. */
export function reading(changes: Partial<BatterySample> = {}): BatterySample {
  return {
    wall_ms: Date.now(),
    monotonic_ms: 1000,
    packVoltage_V: 14.8,
    packCurrent_A: -2,
    soc: 0.6,
    cellVoltage_mV: Uint16Array.of(3700, 3701, 3699, 3700),
    temperature_degC: Float32Array.of(25, 25.5),
    ...changes,
  };
}

/** The three fields that say what a frame carries. */
export function carrying(
  payload: Payload,
): Pick<RawFrame, "payload" | "payloadType" | "payloadVersion"> {
  const { bytes, type, version } = encodePayload(payload);
  return { payload: bytes, payloadType: type, payloadVersion: version };
}

export function telemetry(
  changes: Partial<BatterySample> = {},
): Pick<RawFrame, "payload" | "payloadType" | "payloadVersion"> {
  const samples = [reading(changes)];
  return carrying({ type: "telemetry", origin: "simulated", source: "a forger", samples });
}

/** Someone who holds a vehicle's key: writes what an honest agent would, or anything else. */
export class Forger {
  readonly id: string;
  readonly signer: Signer;
  readonly keyId: Uint8Array;
  #sequence = 0;
  #previous: Uint8Array = noFrame;

  constructor(options: { id: string; signer: Signer }) {
    this.id = options.id;
    this.signer = options.signer;
    this.keyId = keyIdOf({ publicKey: options.signer.publicKey, crypto: nodeCrypto });
  }

  get topic(): string {
    return `voltfog/v1/${this.id}/telemetry`;
  }

  /** The honest next frame with some fields changed, not signed yet; the stream does not move. */
  next(changes: Partial<RawFrame> = {}): RawFrame {
    return {
      version: 1,
      vehicleId: this.id,
      keyId: this.keyId,
      boot: 1,
      stream: 0,
      sequence: this.#sequence + 1,
      previous: this.#previous,
      salt: systemRandom.bytes(16),
      wall_ms: Date.now(),
      monotonic_ms: 1000,
      clockQuality: 2,
      ...telemetry(),
      ...changes,
    };
  }

  /** Signs it with the vehicle's own key; the stream does not move. */
  seal(changes: Partial<RawFrame> = {}): Uint8Array {
    return sealRaw(this.next(changes), this.signer);
  }

  /** Signs it and goes on from it, as from a frame that the unit is to keep in its chain. */
  cut(changes: Partial<RawFrame> = {}): Uint8Array {
    const frame = this.next(changes);
    const bytes = sealRaw(frame, this.signer);
    this.#sequence = frame.sequence;
    this.#previous = nodeCrypto.sha256(bytes);
    return bytes;
  }
}
