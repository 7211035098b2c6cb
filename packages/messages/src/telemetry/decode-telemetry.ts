import { type MalformedProblem, type Outcome, refused } from "@voltfog/runtime";
import type { TelemetryPayload } from "../payload.ts";

export function decodeTelemetry(bytes: Uint8Array): Outcome<TelemetryPayload, MalformedProblem> {
  return refused({ code: "MALFORMED", detail: `not yet ${bytes.length}` });
}
