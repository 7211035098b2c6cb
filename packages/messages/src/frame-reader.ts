import { accepted, type Outcome, type VehicleId } from "@voltfog/runtime";
import { decodePayload, openFrame, type Stream } from "./frame.ts";
import { sampleCount } from "./payload.ts";

/** What a proof says of a frame; the ledger's verifier takes frameReader as its way to read frames. */
interface FrameSummary {
  readonly vehicleId: VehicleId;
  readonly keyId: Uint8Array;
  readonly stream: Stream;
  readonly sequence: number;
  readonly wall_ms: number;
  /** undefined where the payload's version is not known here. */
  readonly samples: number | undefined;
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** Reads frames for a verifier that knows no message formats. Never throws. */
export const frameReader: { open(frame: Uint8Array): Outcome<FrameSummary> } = {
  open(bytes) {
    const opened = openFrame(bytes);
    if (!opened.ok) return opened;
    const { header, signedBytes, signature } = opened.value;
    const payload = decodePayload(opened.value);
    if (!payload.ok && payload.problem.code !== "PAYLOAD_VERSION_UNKNOWN") return payload;
    const { vehicleId, keyId, stream, sequence, wall_ms } = header;
    const samples = payload.ok ? sampleCount(payload.value) : undefined;
    return accepted({
      vehicleId,
      keyId,
      stream,
      sequence,
      wall_ms,
      samples,
      signedBytes,
      signature,
    });
  },
};
