import {
  commitmentOf,
  type OpenedFrame,
  openFrame,
  parseTopic,
  type RefusalCode,
  type Stream,
} from "@voltfog/messages";
import { accepted, type Crypto, equalBytes, type Outcome, refused } from "@voltfog/runtime";
import type { EarlierKey, EnrolledDevice } from "./device-directory.ts";

/** One message that a connected vehicle published on one of its frame topics or on any other. */
export interface FrameArrival {
  /** Who is connected; the broker has checked the certificate. */
  readonly sender: string;
  readonly topic: string;
  readonly bytes: Uint8Array;
}

/** A frame that names a key which this unit knows for its sender; nobody has shown yet that it signed. */
export interface ClaimedFrame {
  readonly device: EnrolledDevice;
  /** The vehicle's key that the frame names: the current one, or an earlier one for its own frames. */
  readonly publicKey: Uint8Array;
  readonly frame: OpenedFrame;
  readonly bytes: Uint8Array;
}

/** A frame that its vehicle's key signed, before its place in the stream or its content was looked at. */
export interface AuthenticFrame extends ClaimedFrame {
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
 * The checks before a signature is looked at, in this order: size, version, envelope, topic against
 * identity, key. What fails them costs no verification and leaves no trace in the log.
 */
export function claimFrame(options: {
  arrival: FrameArrival;
  device: EnrolledDevice | undefined;
}): Outcome<ClaimedFrame, FrameRefusal> {
  const { arrival, device } = options;
  const opened = openFrame(arrival.bytes);
  if (!opened.ok) return opened;
  const frame = opened.value;
  const misplaced = topicMismatch(arrival, frame);
  if (misplaced !== undefined) return refusalOf(frame, "TOPIC_MISMATCH", misplaced);
  const key = device && keyNamedBy(frame, device);
  if (device === undefined || key === undefined) {
    const detail = "the frame names no key that this unit knows for the vehicle";
    return refusalOf(frame, "KEY_UNKNOWN", detail);
  }
  if (device.revoked) return refusalOf(frame, "KEY_REVOKED", "the vehicle's key was revoked");
  const last = key.last?.[frame.header.stream];
  if (last !== undefined && frame.header.sequence > last) {
    const detail = `another key took this one's place after frame ${last}`;
    return refusalOf(frame, "KEY_REPLACED", detail);
  }
  return accepted({ device, publicKey: key.publicKey, frame, bytes: arrival.bytes });
}

type NamedKey = Pick<EarlierKey, "publicKey" | "keyId"> & Partial<EarlierKey>;

function keyNamedBy({ header }: OpenedFrame, device: EnrolledDevice): NamedKey | undefined {
  const names = ({ keyId }: NamedKey): boolean => equalBytes(keyId, header.keyId);
  return names(device) ? device : device.earlier.find(names);
}

/** What the verification of its signature makes of a claim. */
export function authenticFrame(
  claim: ClaimedFrame,
  { isSigned, crypto }: { isSigned: boolean; crypto: Crypto },
): Outcome<AuthenticFrame, FrameRefusal> {
  if (!isSigned) {
    const detail = "the vehicle's key did not sign these bytes";
    return refusalOf(claim.frame, "SIGNATURE_INVALID", detail);
  }
  return accepted({ ...claim, commitment: commitmentOf({ frame: claim.bytes, crypto }) });
}

function refusalOf(
  { header: { stream, sequence } }: OpenedFrame,
  code: RefusalCode,
  detail: string,
): Outcome<never, FrameRefusal> {
  return refused({ code, detail, stream, sequence });
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
