import type { Outcome } from "@voltfog/runtime";
import { type AnswerProblem, decodeAnswer } from "./answer-fields.ts";

/** A vehicle's way from one unit to another. */
export interface MoveView {
  readonly at_ms: number | null;
  readonly vehicleId: string;
  /** Null for a vehicle that had no unit before. */
  readonly from: string | null;
  readonly to: string | null;
  /** dead, faster, connected, operator or new; others as the controller says. */
  readonly trigger: string;
  readonly why: string;
}

export interface MoveHistory {
  readonly moves: readonly MoveView[];
}

const movesMax = 10_000;

/** The controller's GET /v1/placements/history, newest first. */
export function decodeHistory(value: unknown): Outcome<MoveHistory, AnswerProblem> {
  return decodeAnswer(value, (fields) => ({
    moves: fields
      .list("moves", movesMax, (move) => ({
        at_ms: move.instantOrNull("at_ms"),
        vehicleId: move.text("vehicleId"),
        from: move.textOrNull("from"),
        to: move.textOrNull("to"),
        trigger: move.text("trigger"),
        why: move.text("why"),
      }))
      .toSorted((a, b) => (b.at_ms ?? 0) - (a.at_ms ?? 0)),
  }));
}
