import { generateKeyPairSync, sign } from "node:crypto";
import {
  type BatterySample,
  commitmentOf,
  keyIdOf,
  type Payload,
  type Stream,
  sealFrame,
} from "@voltfog/messages";
import { type Signer, type VehicleId, vehicleId } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";

/** A signer whose key lives in this process only. */
export function newSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const spki = publicKey.export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(spki.length - 32)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** A reading of a pack of 96 cells, one of which stands out. */
export function reading(at_ms: number, changes: Partial<BatterySample> = {}): BatterySample {
  const cellVoltage_mV = new Uint16Array(96).fill(3700);
  cellVoltage_mV[17] = 3650;
  cellVoltage_mV[40] = 3720;
  return {
    wall_ms: at_ms,
    monotonic_ms: at_ms % 1_000_000,
    packVoltage_V: 355.2,
    packCurrent_A: -12.5,
    soc: 0.62,
    cellVoltage_mV,
    temperature_degC: Float32Array.from({ length: 24 }, (_, i) => 20 + i / 10),
    ...changes,
  };
}

export function telemetry(start_ms: number, count = 10): Payload {
  return {
    type: "telemetry",
    origin: "replayed",
    source: "LG HG2 US06 25 degC",
    samples: Array.from({ length: count }, (_, i) => reading(start_ms + 1000 * i)),
  };
}

/** A frame as a vehicle sent it. */
export interface CutFrame {
  readonly vehicleId: string;
  readonly keyId: Uint8Array;
  readonly stream: Stream;
  readonly sequence: number;
  readonly commitment: Uint8Array;
  readonly payload: Payload;
  readonly bytes: Uint8Array;
}

/** Cuts frames as an edge agent does: one chain per stream. */
export class TestVehicle {
  readonly id: VehicleId;
  readonly signer: Signer = newSigner();
  readonly #last = new Map<Stream, { sequence: number; commitment: Uint8Array }>();

  constructor(id: string) {
    this.id = vehicleId(id) as VehicleId;
  }

  cut(payload: Payload, options: { stream?: Stream; skip?: number } = {}): CutFrame {
    const stream = options.stream ?? "telemetry";
    const last = this.#last.get(stream) ?? { sequence: 0, commitment: new Uint8Array(32) };
    const keyId = keyIdOf({ publicKey: this.signer.publicKey, crypto: nodeCrypto });
    const sequence = last.sequence + 1 + (options.skip ?? 0);
    const wall_ms = payload.type === "telemetry" ? (payload.samples.at(-1)?.wall_ms ?? 0) : 1000;
    const bytes = sealFrame({
      header: {
        vehicleId: this.id,
        keyId,
        boot: 1,
        stream,
        sequence,
        previous: last.commitment,
        salt: new Uint8Array(16).fill(sequence),
        wall_ms,
        monotonic_ms: 1000,
        clockQuality: "synchronised",
      },
      payload,
      signer: this.signer,
    });
    const commitment = commitmentOf({ frame: bytes, crypto: nodeCrypto });
    this.#last.set(stream, { sequence, commitment });
    return { vehicleId: this.id, keyId, stream, sequence, commitment, payload, bytes };
  }
}
