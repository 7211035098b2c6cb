import { accepted, type Outcome, type Problem, refused } from "@voltfog/runtime";
import type { WhatIfQuestion } from "../placement/what-if.ts";

export interface WhatIfProblem extends Problem {
  readonly code: "QUESTION_MALFORMED" | "UNIT_UNKNOWN";
  readonly detail: string;
}

const vehiclesMax = 10_000;
const ratioMax = 1000;

/** The question in a value that came as JSON; nothing in it counts when a part of it cannot be read. */
export function readWhatIf(options: {
  body: unknown;
  knownUnits: ReadonlySet<string>;
}): Outcome<WhatIfQuestion, WhatIfProblem> {
  const { body, knownUnits } = options;
  if (!isRecord(body)) return malformed("send {down?, vehicles?, slower?}");
  const strange = Object.keys(body).find((key) => !["down", "vehicles", "slower"].includes(key));
  if (strange !== undefined) return malformed(`no ${strange.slice(0, 64)} here`);
  const { down = [], vehicles = 0, slower = {} } = body;
  if (!Array.isArray(down) || down.length > knownUnits.size) return malformed("down lists units");
  if (!Number.isInteger(vehicles) || Number(vehicles) < 0 || Number(vehicles) > vehiclesMax) {
    return malformed(`vehicles is a whole number up to ${vehiclesMax}`);
  }
  if (!isRecord(slower)) return malformed("slower names units with a ratio");
  const ratios = Object.entries(slower);
  const wrong = ratios.find(([, ratio]) => !isRatio(ratio));
  if (wrong !== undefined) return malformed(`a ratio is above 0 and at most ${ratioMax}`);
  const named = [...down, ...ratios.map(([unit]) => unit)];
  const unknown = named.find((unit) => typeof unit !== "string" || !knownUnits.has(unit));
  if (unknown !== undefined) {
    const detail = `${String(JSON.stringify(unknown)).slice(0, 64)} is no unit of this site`;
    return refused({ code: "UNIT_UNKNOWN", detail });
  }
  return accepted({
    down,
    vehicles: Number(vehicles),
    slower: new Map(ratios as [string, number][]),
  });
}

function isRatio(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= ratioMax;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function malformed(detail: string): Outcome<never, WhatIfProblem> {
  return refused({ code: "QUESTION_MALFORMED", detail });
}
