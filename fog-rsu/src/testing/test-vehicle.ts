import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  type BatterySample,
  commitmentOf,
  type FrameHeader,
  keyIdOf,
  type Payload,
  type Stream,
  sealFrame,
} from "@voltfog/messages";
import { concatBytes, type Signer, toHex, utf8, type VehicleId, vehicleId } from "@voltfog/runtime";
import { nodeCrypto } from "@voltfog/runtime/node";
import type { EnrolledDevice } from "../ingest/device-directory.ts";

/** A signer with its private key, as its vehicle also shows it in a TLS handshake. */
export interface TestSigner extends Signer {
  readonly privateKey: KeyObject;
}

/** A signer whose key lives in this process only. */
export function newSigner(): TestSigner {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const spki = publicKey.export({ format: "der", type: "spki" });
  return {
    privateKey,
    publicKey: new Uint8Array(spki.subarray(spki.length - 32)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
}

/** A reading of a small healthy pack. */
export function reading(changes: Partial<BatterySample> = {}): BatterySample {
  return {
    wall_ms: 1_700_000_000_000,
    monotonic_ms: 1000,
    packVoltage_V: 14.8,
    packCurrent_A: -2,
    soc: 0.6,
    cellVoltage_mV: Uint16Array.of(3700, 3701, 3699, 3700),
    temperature_degC: Float32Array.of(25, 25.5),
    ...changes,
  };
}

export function telemetry(samples: readonly BatterySample[] = [reading()]): Payload {
  return { type: "telemetry", origin: "simulated", source: "a test", samples };
}

/** A frame as the vehicle sent it, with what a test wants to know of it. */
export interface CutFrame {
  readonly bytes: Uint8Array;
  readonly sequence: number;
  readonly commitment: Uint8Array;
}

/** Cuts frames as an edge agent does: one chain per stream. */
export class TestVehicle {
  readonly id: VehicleId;
  readonly signer: TestSigner;
  readonly keyId: Uint8Array;
  readonly #last = new Map<Stream, { sequence: number; commitment: Uint8Array }>();

  constructor(id = "vehicle-01", signer: TestSigner = newSigner()) {
    this.id = vehicleId(id) as VehicleId;
    this.signer = signer;
    this.keyId = keyIdOf({ publicKey: signer.publicKey, crypto: nodeCrypto });
  }

  /** The same vehicle with a new key: its streams go on from here. */
  withNewKey(): TestVehicle {
    const renewed = new TestVehicle(this.id);
    for (const [stream, last] of this.#last) renewed.#last.set(stream, last);
    return renewed;
  }

  get device(): EnrolledDevice {
    const { id, keyId, signer } = this;
    const idSalt = new Uint8Array(16);
    const { publicKey } = signer;
    return { vehicleId: id, publicKey, keyId, idSalt, revoked: false, earlier: [] };
  }

  /** Its line in the file of enrolled vehicles. */
  get enrolment(): { id: string; key: string; salt: string } {
    return { id: this.id, key: toHex(this.signer.publicKey), salt: "00".repeat(16) };
  }

  /** The next frame of the stream; `header` overrides what an honest agent would write. */
  cut(payload: Payload = telemetry(), header: Partial<FrameHeader> = {}): CutFrame {
    const stream = header.stream ?? "telemetry";
    const last = this.#last.get(stream);
    const full: FrameHeader = {
      vehicleId: this.id,
      keyId: this.keyId,
      boot: 1,
      stream,
      sequence: (last?.sequence ?? 0) + 1,
      previous: last?.commitment ?? new Uint8Array(32),
      salt: createHash("sha256").update(`${last?.sequence}`).digest().subarray(0, 16),
      wall_ms: 1_700_000_000_500,
      monotonic_ms: 1500,
      clockQuality: "synchronised",
      ...header,
    };
    const bytes = sealFrame({ header: full, payload, signer: this.signer });
    return this.#keep(bytes, full);
  }

  /** The next telemetry frame as an agent of a later release would cut it: its payload is of version 2. */
  cutNewer(): CutFrame {
    const sequence = (this.#last.get("telemetry")?.sequence ?? 0) + 1;
    const before = this.#last.get("telemetry");
    const body = this.cut().bytes.slice(0, -64);
    if (before !== undefined) this.#last.set("telemetry", before);
    // Behind the fixed fields and the id stand payload type and version.
    body[1 + 1 + this.id.length + 16 + 4 + 1 + 8 + 32 + 16 + 8 + 8 + 1 + 1] = 2;
    const signature = this.signer.sign(concatBytes(utf8("voltfog/frame/1\n"), body));
    return this.#keep(concatBytes(body, signature), { stream: "telemetry", sequence });
  }

  #keep(bytes: Uint8Array, { stream, sequence }: { stream: Stream; sequence: number }): CutFrame {
    const commitment = commitmentOf({ frame: bytes, crypto: nodeCrypto });
    this.#last.set(stream, { sequence, commitment });
    return { bytes, sequence, commitment };
  }
}
