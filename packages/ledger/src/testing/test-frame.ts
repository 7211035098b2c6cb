import {
  accepted,
  ByteWriter,
  type Crypto,
  concatBytes,
  decodeBytes,
  utf8,
} from "@voltfog/runtime";
import type { FrameOpener } from "../bundle/frame-opener.ts";
import type { LogStream } from "../log/entry.ts";
import { keyIdOf } from "../modules/device-record.ts";
import type { Member } from "./consortium.ts";

const domain = utf8("voltfog/test-frame/1\n");

/** A small signed frame of the same shape as the real one, which this package does not know. For tests. */
export function testFrame(options: {
  vehicle: Member;
  sequence: number;
  samples: number;
  stream?: LogStream;
  crypto: Crypto;
}): Uint8Array {
  const { vehicle, crypto } = options;
  const body = new ByteWriter()
    .u8(1)
    .text(vehicle.id)
    .raw(keyIdOf(vehicle.signer.publicKey, crypto))
    .u8(options.stream === "urgent" ? 1 : 0)
    .u64(options.sequence)
    .u64(1_760_000_000_000 + options.sequence)
    .u8(options.samples)
    .finish();
  return concatBytes(body, vehicle.signer.sign(concatBytes(domain, body)));
}

export const testFrames: FrameOpener = {
  open(bytes) {
    const opened = decodeBytes(bytes, (reader) => {
      const version = reader.u8();
      if (version !== 1) reader.fail(`version ${version}`);
      const vehicleId = reader.text();
      const keyId = reader.raw(16);
      const stream = reader.u8();
      if (stream > 1) reader.fail(`stream ${stream}`);
      return {
        vehicleId,
        keyId,
        stream: stream === 1 ? ("urgent" as const) : ("telemetry" as const),
        sequence: reader.u64(),
        wall_ms: reader.u64(),
        samples: reader.u8(),
        signature: reader.raw(64),
      };
    });
    if (!opened.ok) return opened;
    const signedBytes = concatBytes(domain, bytes.subarray(0, bytes.length - 64));
    return accepted({ ...opened.value, signedBytes });
  },
};
