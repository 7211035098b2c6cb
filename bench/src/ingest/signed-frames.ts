import { generateKeyPairSync, sign } from "node:crypto";
import { DriveCurrent, PackSimulator } from "@voltfog/battery";
import {
  type BatterySample,
  commitmentOf,
  keyIdOf,
  sealFrame,
  type TelemetryPayload,
} from "@voltfog/messages";
import { SeededRandom, type Signer, type VehicleId } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";

/** 64 samples within the 10 s after which an agent cuts a frame anyway. */
export const sampleInterval_ms = 100;
export const samplesPerFrame = 64;
export const frameInterval_ms: number = samplesPerFrame * sampleInterval_ms;
/** Readings are never taken at the very millisecond. */
const jitterMax_ms = 4;

/** A device's key, for its frames and for its TLS handshakes. */
export interface DeviceSigner extends Signer {
  /** The private key, PKCS #8. */
  readonly pem: string;
}

/**
 * One simulated vehicle that cuts frames as an agent at 10 Hz does: 96 cells with 1.5 mV of noise each,
 * 24 sensors, a drive of its own. No two samples of any two vehicles are alike.
 */
export class FrameMaker {
  readonly id: VehicleId;
  readonly signer: DeviceSigner;
  readonly #random: SeededRandom;
  readonly #pack: PackSimulator;
  readonly #drive: DriveCurrent;
  readonly #keyId: Uint8Array;
  readonly #start_ms: number;
  #sequence = 0;
  #previous: Uint8Array = new Uint8Array(32);

  constructor(o: { id: VehicleId; seed: number; start_ms: number }) {
    this.id = o.id;
    this.signer = newSigner();
    this.#random = new SeededRandom(o.seed);
    const random = this.#random;
    this.#pack = new PackSimulator({
      random,
      startSoc: 0.4 + 0.5 * random.uniform(),
      ambient_degC: 10 + 20 * random.uniform(),
    });
    this.#drive = new DriveCurrent({ random, capacity_Ah: this.#pack.capacity_Ah });
    this.#keyId = keyIdOf({ publicKey: this.signer.publicKey, crypto: nodeCrypto });
    this.#start_ms = o.start_ms;
  }

  /** The next frame of the telemetry stream, signed and linked to the one before. */
  next(): { bytes: Uint8Array; sequence: number } {
    const sequence = ++this.#sequence;
    const samples = Array.from({ length: samplesPerFrame }, (_, i) =>
      this.#sample((sequence - 1) * samplesPerFrame + i),
    );
    const payload: TelemetryPayload = {
      type: "telemetry",
      origin: "simulated",
      source: "bench: simulated drive",
      samples,
    };
    const bytes = sealFrame({
      header: {
        vehicleId: this.id,
        keyId: this.#keyId,
        boot: 1,
        stream: "telemetry",
        sequence,
        previous: this.#previous,
        salt: this.#random.bytes(16),
        wall_ms: this.#start_ms + sequence * frameInterval_ms,
        monotonic_ms: sequence * frameInterval_ms,
        clockQuality: "synchronised",
      },
      payload,
      signer: this.signer,
    });
    this.#previous = commitmentOf({ frame: bytes, crypto: nodeCrypto });
    return { bytes, sequence };
  }

  #sample(number: number): BatterySample {
    const jitter_ms = Math.floor(jitterMax_ms * this.#random.uniform());
    const monotonic_ms = number * sampleInterval_ms + jitter_ms;
    const step_s = sampleInterval_ms / 1000;
    return this.#pack.step({
      current_A: this.#drive.next_A({ step_s, soc: this.#pack.soc }),
      step_s,
      wall_ms: this.#start_ms + monotonic_ms,
      monotonic_ms,
    });
  }
}

/** A new Ed25519 key that lives in this process. */
export function newSigner(): DeviceSigner {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const spki = publicKey.export({ format: "der", type: "spki" });
  return {
    pem: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    publicKey: new Uint8Array(spki.subarray(spki.length - 32)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}
