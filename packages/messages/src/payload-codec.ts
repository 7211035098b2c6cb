import { type MalformedProblem, type Outcome, refused } from "@voltfog/runtime";
import { decodeAlarm, encodeAlarm } from "./alarm-codec.ts";
import { requireEncodable } from "./encodable.ts";
import { decodeGap, encodeGap } from "./gap-codec.ts";
import type { Payload, PayloadProblem } from "./payload.ts";
import { decodeTelemetry } from "./telemetry/decode-telemetry.ts";
import { encodeTelemetry } from "./telemetry/encode-telemetry.ts";

/** No payload is longer. */
export const payloadMax_bytes = 65_536;

/** Codes of the types in a frame's header. */
const payloadTypes = { telemetry: 1, alarm: 2, gap: 3 } as const;
const payloadVersion = 1;

/** A payload's bytes and the two header fields that say how to read them. */
export interface EncodedPayload {
  readonly type: number;
  readonly version: number;
  readonly bytes: Uint8Array;
}

/** NOT_ENCODABLE where a field is out of range or the payload would be too long. */
export function encodePayload(payload: Payload): EncodedPayload {
  const bytes = bytesOf(payload);
  requireEncodable(
    bytes.length <= payloadMax_bytes,
    `payload has ${bytes.length} bytes, at most ${payloadMax_bytes}; put fewer samples into it`,
  );
  return { type: payloadTypes[payload.type], version: payloadVersion, bytes };
}

function bytesOf(payload: Payload): Uint8Array {
  switch (payload.type) {
    case "telemetry":
      return encodeTelemetry(payload);
    case "alarm":
      return encodeAlarm(payload);
    case "gap":
      return encodeGap(payload);
  }
}

/** Total: any bytes give a payload or a problem. */
export function readPayload(encoded: EncodedPayload): Outcome<Payload, PayloadProblem> {
  const decode = encoded.version === payloadVersion ? decoderOf(encoded.type) : undefined;
  if (decode === undefined) {
    const detail = `payload type ${encoded.type} version ${encoded.version} is not known`;
    return refused({ code: "PAYLOAD_VERSION_UNKNOWN", detail });
  }
  const decoded = decode(encoded.bytes);
  if (decoded.ok) return decoded;
  return refused({ code: "PAYLOAD_MALFORMED", detail: decoded.problem.detail });
}

function decoderOf(
  type: number,
): ((bytes: Uint8Array) => Outcome<Payload, MalformedProblem>) | undefined {
  switch (type) {
    case payloadTypes.telemetry:
      return decodeTelemetry;
    case payloadTypes.alarm:
      return decodeAlarm;
    case payloadTypes.gap:
      return decodeGap;
    default:
      return undefined;
  }
}
