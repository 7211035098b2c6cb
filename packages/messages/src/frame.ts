import {
  accepted,
  type ByteReader,
  ByteWriter,
  type Crypto,
  concatBytes,
  decodeBytes,
  type Outcome,
  refused,
  type Signer,
  utf8,
  type VehicleId,
  vehicleId,
} from "@voltfog/runtime";
import {
  bytesOfLength,
  codeOf,
  requireEncodable,
  wholeMilliseconds,
  wholeNumber,
} from "./encodable.ts";
import type { Payload, PayloadProblem } from "./payload.ts";
import { encodePayload, payloadMax_bytes, readPayload } from "./payload-codec.ts";

/** An alarm never waits behind a backlog: each stream has its own sequence and chain. */
export type Stream = "telemetry" | "urgent";

/** The order is the code on the wire. */
export const streams: readonly Stream[] = ["telemetry", "urgent"];

/** What the vehicle knows about its wall clock. */
export type ClockQuality = "unknown" | "free-running" | "synchronised";

const clockQualities: readonly ClockQuality[] = ["unknown", "free-running", "synchronised"];

export interface FrameHeader {
  readonly vehicleId: VehicleId;
  /** First 16 bytes of SHA-256 of the Ed25519 public key. */
  readonly keyId: Uint8Array;
  /** Counts starts of the vehicle's agent. */
  readonly boot: number;
  readonly stream: Stream;
  /** From 1, per stream. */
  readonly sequence: number;
  /** Commitment of the last frame that the stream kept, 32 bytes; zeros before the first. */
  readonly previous: Uint8Array;
  /** 16 random bytes; erasing frame and salt leaves every other proof valid. */
  readonly salt: Uint8Array;
  /** When the frame was cut. */
  readonly wall_ms: number;
  readonly monotonic_ms: number;
  readonly clockQuality: ClockQuality;
}

/** A frame whose envelope was read; neither its signature nor its payload has been looked at. */
export interface OpenedFrame {
  readonly header: FrameHeader;
  readonly payloadType: number;
  readonly payloadVersion: number;
  readonly payload: Uint8Array;
  /** Exactly the message under the signature: "voltfog/frame/1\n", then every byte before it. */
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

export interface FrameProblem {
  readonly code: "FRAME_TOO_LARGE" | "FRAME_VERSION_UNKNOWN" | "FRAME_MALFORMED";
  readonly detail: string;
}

/** No frame is longer, and nothing longer is read. */
export const frameMax_bytes = 131_072;

const frameVersion = 1;
const signature_bytes = 64;
const domain: Uint8Array = utf8("voltfog/frame/1\n");

/**
 * The signed bytes of a frame; the same input gives the same bytes on every machine.
 * NOT_ENCODABLE where a field is out of range. Layout: docs/specs/frame.md.
 */
export function sealFrame(options: {
  header: FrameHeader;
  payload: Payload;
  signer: Signer;
}): Uint8Array {
  const { header, signer } = options;
  requireEncodable(vehicleId(header.vehicleId) !== undefined, "vehicleId is no identifier");
  const payload = encodePayload(options.payload);
  const body = new ByteWriter()
    .u8(frameVersion)
    .text(header.vehicleId)
    .raw(bytesOfLength("keyId", header.keyId, 16))
    .u32(wholeNumber({ name: "boot", value: header.boot, min: 0, max: 2 ** 32 - 1 }))
    .u8(codeOf(streams, header.stream))
    .u64(
      wholeNumber({
        name: "sequence",
        value: header.sequence,
        min: 1,
        max: Number.MAX_SAFE_INTEGER,
      }),
    )
    .raw(bytesOfLength("previous", header.previous, 32))
    .raw(bytesOfLength("salt", header.salt, 16))
    .u64(wholeMilliseconds("wall_ms", header.wall_ms))
    .u64(wholeMilliseconds("monotonic_ms", header.monotonic_ms))
    .u8(codeOf(clockQualities, header.clockQuality))
    .u8(payload.type)
    .u8(payload.version)
    .block(payload.bytes)
    .finish();
  const signature = signer.sign(concatBytes(domain, body));
  return concatBytes(body, bytesOfLength("signature", signature, signature_bytes));
}

/** Reads the envelope only. Total: any bytes give a frame or a problem, in time linear in their number. */
export function openFrame(bytes: Uint8Array): Outcome<OpenedFrame, FrameProblem> {
  if (bytes.length > frameMax_bytes) {
    const detail = `${bytes.length} bytes, at most ${frameMax_bytes}`;
    return refused({ code: "FRAME_TOO_LARGE", detail });
  }
  if (bytes.length > 0 && bytes[0] !== frameVersion) {
    const detail = `version ${bytes[0]}, known is ${frameVersion}`;
    return refused({ code: "FRAME_VERSION_UNKNOWN", detail });
  }
  const opened = decodeBytes(bytes, readEnvelope);
  if (!opened.ok) return refused({ code: "FRAME_MALFORMED", detail: opened.problem.detail });
  const body = bytes.subarray(0, bytes.length - signature_bytes);
  return accepted({ ...opened.value, signedBytes: concatBytes(domain, body) });
}

function readEnvelope(reader: ByteReader): Omit<OpenedFrame, "signedBytes"> {
  reader.u8();
  const header: FrameHeader = {
    vehicleId: vehicleId(reader.text()) ?? reader.fail("the vehicle's id is no identifier"),
    keyId: reader.raw(16),
    boot: reader.u32(),
    stream: streams[reader.u8()] ?? reader.fail("unknown stream"),
    sequence: reader.u64() || reader.fail("sequence numbers count from 1"),
    previous: reader.raw(32),
    salt: reader.raw(16),
    wall_ms: reader.u64(),
    monotonic_ms: reader.u64(),
    clockQuality: clockQualities[reader.u8()] ?? reader.fail("unknown clock quality"),
  };
  return {
    header,
    payloadType: reader.u8(),
    payloadVersion: reader.u8(),
    payload: reader.block(payloadMax_bytes),
    signature: reader.raw(signature_bytes),
  };
}

/** Whether the key signed the frame, and is the key that its header names. */
export function verifyFrame(options: {
  frame: OpenedFrame;
  publicKey: Uint8Array;
  crypto: Crypto;
}): boolean {
  const { frame, publicKey, crypto } = options;
  const named = keyIdOf({ publicKey, crypto });
  if (!named.every((byte, i) => byte === frame.header.keyId[i])) return false;
  return crypto.verify({ publicKey, message: frame.signedBytes, signature: frame.signature });
}

/** Reads the payload. Total: bounded work and memory for any bytes. */
export function decodePayload(frame: OpenedFrame): Outcome<Payload, PayloadProblem> {
  return readPayload({
    type: frame.payloadType,
    version: frame.payloadVersion,
    bytes: frame.payload,
  });
}

/** First 16 bytes of SHA-256 of an Ed25519 public key. */
export function keyIdOf(options: { publicKey: Uint8Array; crypto: Crypto }): Uint8Array {
  return options.crypto.sha256(options.publicKey).slice(0, 16);
}

/** SHA-256 of all bytes of a frame, its signature included. */
export function commitmentOf(options: { frame: Uint8Array; crypto: Crypto }): Uint8Array {
  return options.crypto.sha256(options.frame);
}
