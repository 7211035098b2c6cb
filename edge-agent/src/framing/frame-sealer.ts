import {
  type ClockQuality,
  commitmentOf,
  keyIdOf,
  type Payload,
  type Stream,
  sealFrame,
} from "@voltfog/messages";
import type { Crypto, Random, Signer, VehicleId } from "@voltfog/runtime";
import type { CutStamp } from "./cut.ts";

export interface SealedFrame {
  readonly frame: Uint8Array;
  readonly commitment: Uint8Array;
}

/** Signs a payload into its place in a stream. */
export type FrameSealer = (options: {
  stream: Stream;
  sequence: number;
  previous: Uint8Array;
  stamp: CutStamp;
  payload: Payload;
}) => SealedFrame;

/** Seals with the device's key of the moment; each frame gets a fresh salt. */
export function createFrameSealer(options: {
  vehicleId: VehicleId;
  signer: Signer;
  crypto: Crypto;
  random: Random;
  /** How good the wall clock is now. */
  clockQuality: () => ClockQuality;
}): FrameSealer {
  const { vehicleId, signer, crypto, random } = options;
  return ({ stream, sequence, previous, stamp, payload }) => {
    const frame = sealFrame({
      header: {
        vehicleId,
        keyId: keyIdOf({ publicKey: signer.publicKey, crypto }),
        boot: stamp.boot,
        stream,
        sequence,
        previous,
        salt: random.bytes(16),
        wall_ms: stamp.wall_ms,
        monotonic_ms: stamp.monotonic_ms,
        clockQuality: options.clockQuality(),
      },
      payload,
      signer,
    });
    return { frame, commitment: commitmentOf({ frame, crypto }) };
  };
}
