import type { TelemetryPayload } from "../payload.ts";

export function encodeTelemetry(payload: TelemetryPayload): Uint8Array {
  throw new Error(`not yet ${payload.type}`);
}
