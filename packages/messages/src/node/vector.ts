import { fromHex, type Signer, type VehicleId } from "@voltfog/runtime";
import { nodeCrypto as crypto } from "@voltfog/runtime/node";
import type { BatterySample } from "../battery-sample.ts";
import { type FrameHeader, keyIdOf, sealFrame } from "../frame.ts";
import type { AlarmPayload, GapPayload, Payload, TelemetryPayload } from "../payload.ts";

/** What is sealed, as a fixture's JSON holds it: arrays of numbers and hex. */
export interface VectorInput {
  readonly header: Omit<FrameHeader, "vehicleId" | "keyId" | "previous" | "salt"> & {
    readonly vehicleId: string;
    readonly previous: string;
    readonly salt: string;
  };
  readonly payload: AlarmPayload | GapPayload | PlainTelemetry;
}

/** A frozen vector: the same input must give the same frame for ever. */
export interface Vector extends VectorInput {
  /** Hex. */
  readonly frame: string;
}

type PlainTelemetry = Omit<TelemetryPayload, "samples"> & {
  readonly samples: readonly (Omit<BatterySample, "cellVoltage_mV" | "temperature_degC"> & {
    readonly cellVoltage_mV: readonly number[];
    readonly temperature_degC: readonly number[];
  })[];
};

export function vectorPayload(payload: VectorInput["payload"]): Payload {
  if (payload.type !== "telemetry") return payload;
  const samples = payload.samples.map((sample) => ({
    ...sample,
    cellVoltage_mV: Uint16Array.from(sample.cellVoltage_mV),
    temperature_degC: Float32Array.from(sample.temperature_degC),
  }));
  return { ...payload, samples };
}

export function sealVector(vector: VectorInput & { signer: Signer }): Uint8Array {
  const { header, signer } = vector;
  const sealed: FrameHeader = {
    ...header,
    vehicleId: header.vehicleId as VehicleId,
    keyId: keyIdOf({ publicKey: signer.publicKey, crypto }),
    previous: fromHex(header.previous) ?? new Uint8Array(),
    salt: fromHex(header.salt) ?? new Uint8Array(),
  };
  return sealFrame({ header: sealed, payload: vectorPayload(vector.payload), signer });
}
