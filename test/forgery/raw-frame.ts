import { ByteWriter, concatBytes, type Signer, utf8 } from "@voltfog/runtime";

/** The fields of a frame as they stand on the wire (docs/specs/frame.md), any of them wrong if wanted. */
export interface RawFrame {
  readonly version: number;
  readonly vehicleId: string;
  readonly keyId: Uint8Array;
  readonly boot: number;
  readonly stream: number;
  readonly sequence: number;
  readonly previous: Uint8Array;
  readonly salt: Uint8Array;
  readonly wall_ms: number;
  readonly monotonic_ms: number;
  readonly clockQuality: number;
  readonly payloadType: number;
  readonly payloadVersion: number;
  readonly payload: Uint8Array;
}

/** A frame as a forger writes it: nothing is checked, and whoever wants to may sign. */
export function sealRaw(frame: RawFrame, signer: Signer): Uint8Array {
  const body = new ByteWriter()
    .u8(frame.version)
    .text(frame.vehicleId)
    .raw(frame.keyId)
    .u32(frame.boot)
    .u8(frame.stream)
    .u64(frame.sequence)
    .raw(frame.previous)
    .raw(frame.salt)
    .u64(frame.wall_ms)
    .u64(frame.monotonic_ms)
    .u8(frame.clockQuality)
    .u8(frame.payloadType)
    .u8(frame.payloadVersion)
    .block(frame.payload)
    .finish();
  return concatBytes(body, signer.sign(concatBytes(utf8("voltfog/frame/1\n"), body)));
}
