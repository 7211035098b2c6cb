import type { Outcome } from "@voltfog/runtime";
import { type AnswerProblem, decodeAnswer, type Fields } from "./answer-fields.ts";

/** A question that changes nothing. */
export interface WhatIfQuestion {
  /** Units that are gone. */
  readonly down?: readonly string[];
  /** So many more. */
  readonly vehicles?: number;
  /** How many times longer the way to a unit is. */
  readonly slower?: Readonly<Record<string, number>>;
}

export interface SupposedMove {
  readonly vehicleId: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** Vehicles that one unit serves now, and would serve. */
export interface SupposedUnit {
  readonly id: string;
  readonly before: number;
  readonly after: number;
}

export interface WhatIf {
  readonly before: { readonly cost: number | null };
  readonly after: {
    readonly cost: number | null;
    readonly moves: readonly SupposedMove[];
    readonly unserved: readonly { readonly vehicleId: string; readonly why: string }[];
  };
  readonly units: readonly SupposedUnit[];
  readonly sentence: string;
}

const vehiclesMax = 200_000;
const unitsMax = 2000;

/** The controller's answer to POST /v1/what-if. */
export function decodeWhatIf(value: unknown): Outcome<WhatIf, AnswerProblem> {
  return decodeAnswer(value, (fields) => ({
    before: fields.partOrNull("before", costOf) ?? { cost: null },
    after: fields.partOrNull("after", afterOf) ?? { cost: null, moves: [], unserved: [] },
    units: fields.list("units", unitsMax, (unit) => ({
      id: unit.text("id"),
      before: unit.number("before"),
      after: unit.number("after"),
    })),
    sentence: fields.text("sentence"),
  }));
}

function costOf(fields: Fields): WhatIf["before"] {
  return { cost: fields.numberOrNull("cost") };
}

function afterOf(fields: Fields): WhatIf["after"] {
  return {
    ...costOf(fields),
    moves: fields.list("moves", vehiclesMax, (move) => ({
      vehicleId: move.text("vehicleId"),
      from: move.textOrNull("from"),
      to: move.textOrNull("to"),
    })),
    unserved: fields.list("unserved", vehiclesMax, (one) => ({
      vehicleId: one.text("vehicleId"),
      why: one.text("why"),
    })),
  };
}
