import {
  decodePayload,
  type OpenedFrame,
  openFrame,
  type TelemetryPayload,
} from "@voltfog/messages";
import { assert } from "@voltfog/runtime";

/** The envelope and the readings of a stored frame of telemetry; it was accepted, so it opens. */
export function storedTelemetry(frame: Uint8Array): {
  readonly header: OpenedFrame["header"];
  readonly payload: TelemetryPayload;
} {
  const opened = openFrame(frame);
  assert(opened.ok, "a stored frame opens");
  const payload = decodePayload(opened.value);
  assert(payload.ok && payload.value.type === "telemetry", "a frame with samples is telemetry");
  return { header: opened.value.header, payload: payload.value };
}
