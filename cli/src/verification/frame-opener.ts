import type { FrameOpener } from "@voltfog/ledger";
import { decodePayload, openFrame, sampleCount } from "@voltfog/messages";
import { accepted } from "@voltfog/runtime";

/** Reads frames for the ledger, which knows no message formats. */
export const frameOpener: FrameOpener = {
  open(bytes) {
    const opened = openFrame(bytes);
    if (!opened.ok) return opened;
    const { header, signedBytes, signature } = opened.value;
    const { vehicleId, keyId, stream, sequence, wall_ms } = header;
    const payload = decodePayload(opened.value);
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
