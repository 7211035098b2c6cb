import type { Outcome } from "@voltfog/runtime";
import { type AnswerProblem, decodeAnswer, type Fields } from "./answer-fields.ts";

/** One unit in one decision: the rule that took it out, or the figures that it competed with. */
export interface ConsideredUnit {
  readonly unitId: string;
  readonly verdict: string;
  readonly latency_ms: number | null;
  readonly load: number | null;
  readonly score: number | null;
}

/** One function that serves a vehicle. */
export interface PlacedFunction {
  readonly id: string;
  readonly version: string | null;
  /** What differs from the function's own presets, by name. */
  readonly settings: Readonly<Record<string, number>>;
  /** Why it was selected or set so. */
  readonly because: string | null;
}

export interface AttachmentView {
  readonly vehicleId: string;
  readonly unitId: string;
  readonly standbyUnitId: string | null;
  readonly phase: "settled" | "preparing" | "switching";
  readonly latency_ms: number | null;
  readonly reason: string;
  readonly since_ms: number | null;
  readonly considered: readonly ConsideredUnit[];
  readonly functions: readonly PlacedFunction[];
}

export interface FunctionUse {
  readonly functionId: string;
  readonly unitId: string;
  readonly vehicles: readonly string[];
}

export interface Placements {
  readonly version: number;
  readonly term: number | null;
  readonly cost: number | null;
  readonly attachments: readonly AttachmentView[];
  readonly functions: readonly FunctionUse[];
}

const vehiclesMax = 100_000;
const unitsMax = 2000;
const functionsMax = 256;
const settingsMax = 64;
const latency = { max: 86_400_000 };

/** The controller's GET /v1/placements. */
export function decodePlacements(value: unknown): Outcome<Placements, AnswerProblem> {
  return decodeAnswer(value, (fields) => ({
    version: fields.whole("version"),
    term: fields.wholeOrNull("term"),
    cost: fields.numberOrNull("cost"),
    attachments: fields.list("attachments", vehiclesMax, attachmentOf),
    functions: fields.list("functions", unitsMax * functionsMax, (one) => ({
      functionId: one.text("functionId"),
      unitId: one.text("unitId"),
      vehicles: one.texts("vehicles", vehiclesMax),
    })),
  }));
}

function attachmentOf(fields: Fields): AttachmentView {
  return {
    vehicleId: fields.text("vehicleId"),
    unitId: fields.text("unitId"),
    standbyUnitId: fields.textOrNull("standbyUnitId"),
    phase: fields.oneOf("phase", ["settled", "preparing", "switching"], "settled"),
    latency_ms: fields.numberOrNull("latency_ms", latency),
    reason: fields.text("reason"),
    since_ms: fields.instantOrNull("since_ms"),
    considered: fields.list("considered", unitsMax, (one) => ({
      unitId: one.text("unitId"),
      verdict: one.text("verdict"),
      latency_ms: one.numberOrNull("latency_ms", latency),
      load: one.numberOrNull("load"),
      score: one.numberOrNull("score", { min: -Number.MAX_SAFE_INTEGER }),
    })),
    functions: fields.list("functions", functionsMax, (one) => ({
      id: one.text("id"),
      version: one.textOrNull("version"),
      settings: one.numbers("settings", settingsMax),
      because: one.textOrNull("because"),
    })),
  };
}
