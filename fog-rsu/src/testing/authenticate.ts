import type { Crypto, Outcome } from "@voltfog/runtime";
import {
  type AuthenticFrame,
  authenticFrame,
  claimFrame,
  type FrameArrival,
  type FrameRefusal,
} from "../ingest/authenticate-frame.ts";
import type { EnrolledDevice } from "../ingest/device-directory.ts";

/** All checks of a frame at once, its signature on this thread. */
export function authenticate(options: {
  arrival: FrameArrival;
  device: EnrolledDevice | undefined;
  crypto: Crypto;
}): Outcome<AuthenticFrame, FrameRefusal> {
  const { crypto } = options;
  const claimed = claimFrame(options);
  if (!claimed.ok) return claimed;
  const { device, frame } = claimed.value;
  const { signedBytes: message, signature } = frame;
  const isSigned = crypto.verify({ publicKey: device.publicKey, message, signature });
  return authenticFrame(claimed.value, { isSigned, crypto });
}
