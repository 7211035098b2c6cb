import {
  commitmentOf,
  type OpenedFrame,
  openFrame,
  parseTopic,
  type RefusalCode,
  type Stream,
  verifyFrame,
} from "@voltfog/messages";
import { accepted, type Crypto, equalBytes, type Outcome, refused } from "@voltfog/runtime";
import type { EnrolledDevice } from "./device-directory.ts";

/** One message that a connected vehicle published on one of its frame topics or on any other. */
export interface FrameArrival {
  /** Who is connected; the broker has checked the certificate. */
  readonly sender: string;
  readonly topic: string;
  readonly bytes: Uint8Array;
}

/** A frame that its vehicle's key signed, before its place in the stream or its content was looked at. */
export interface AuthenticFrame {
  readonly device: EnrolledDevice;
  readonly frame: OpenedFrame;
  readonly bytes: Uint8Array;
  readonly commitment: Uint8Array;
}

/** Why a frame was not taken, with the place it claimed where that could be read. */
export interface FrameRefusal {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly stream?: Stream;
  readonly sequence?: number;
}

/**
 * The checks before a frame may leave any trace in the log, in this order: size, version, envelope,
 * topic against identity, key, signature. Verifies one signature at most.
 */
export function authenticateFrame(options: {
  arrival: FrameArrival;
  device: EnrolledDevice | undefined;
  crypto: Crypto;
}): Outcome<AuthenticFrame, FrameRefusal> {
  const { arrival, device, crypto } = options;
  const opened = openFrame(arrival.bytes);
  if (!opened.ok) return opened;
  const frame = opened.value;
  const no = (code: RefusalCode, detail: string): Outcome<never, FrameRefusal> => {
    const { stream, sequence } = frame.header;
    return refused({ code, detail, stream, sequence });
  };
  const misplaced = topicMismatch(arrival, frame);
  if (misplaced !== undefined) return no("TOPIC_MISMATCH", misplaced);
  if (device === undefined || !equalBytes(device.keyId, frame.header.keyId)) {
    return no("KEY_UNKNOWN", "the frame names no key that this unit knows for the vehicle");
  }
  if (device.revoked) return no("KEY_REVOKED", "the vehicle's key was revoked");
  if (!verifyFrame({ frame, publicKey: device.publicKey, crypto })) {
    return no("SIGNATURE_INVALID", "the vehicle's key did not sign these bytes");
  }
  const commitment = commitmentOf({ frame: arrival.bytes, crypto });
  return accepted({ device, frame, bytes: arrival.bytes, commitment });
}

function topicMismatch(arrival: FrameArrival, frame: OpenedFrame): string | undefined {
  const topic = parseTopic(arrival.topic);
  if (topic?.direction !== "up") return "no topic for frames";
  if (topic.vehicleId !== arrival.sender) return "another vehicle's topic";
  if (frame.header.vehicleId !== arrival.sender) return "another vehicle's frame";
  if (topic.kind !== frame.header.stream) {
    return `a frame of the ${frame.header.stream} stream on the ${topic.kind} topic`;
  }
  return undefined;
}
