import type { Judged } from "../solver/explain-placement.ts";
import type { Choice, Considered, LatencyOf, UnitView, Wish } from "./decision-facts.ts";

interface Decided {
  readonly wish: Wish;
  readonly units: readonly UnitView[];
  /** What the solver says of each of these units for this vehicle, in the same order. */
  readonly judged: readonly Judged[];
  /** Place of the unit that it chose. */
  readonly chosen: number;
  readonly latencyOf: LatencyOf;
  /** Vehicles by unit, with those of this decision. */
  readonly vehicles: Int32Array;
}

/** The solver's explanation in the controller's words: every unit with its verdict, and one sentence. */
export function choiceOf(decided: Decided): Choice {
  const chosen = decided.judged[decided.chosen];
  const considered = consideredOf(
    decided,
    chosen !== undefined && "score" in chosen ? chosen.score : 0,
  );
  const latency_ms = chosen?.latency_ms ?? 0;
  const reason = reasonOf(decided, { latency_ms, considered });
  return { unitId: chosen?.unitId ?? "", latency_ms, reason, considered };
}

/** With a thousand units most of a decision's time is spent here, so this makes one object for each. */
function consideredOf(decided: Decided, best: number): readonly Considered[] {
  const { wish, units, judged, chosen, latencyOf, vehicles } = decided;
  const { vehicleId, here } = wish;
  return judged.map((one, j): Considered => {
    const { unitId } = one;
    const latency_ms = latencyOf({ vehicleId, unitId }) ?? null;
    const isOwn = j === chosen || unitId === here?.unitId;
    const load = Math.max(0, (vehicles[j] ?? 0) - (isOwn ? 1 : 0));
    if ("filter" in one) {
      const verdict = filterWord(one, units[j], latency_ms);
      return { unitId, verdict, latency_ms, load, score: null };
    }
    return { unitId, verdict: scoreWord(one, best), latency_ms, load, score: one.score };
  });
}

function filterWord(
  { filter }: Extract<Judged, { filter: unknown }>,
  unit: UnitView | undefined,
  latency_ms: number | null,
): Considered["verdict"] {
  if (filter === "down") return unit?.unknown === true ? "unknown" : "dead";
  // It was measured, and left out: not faster for sure, or no choice for this vehicle.
  if (filter === "unmeasured") return latency_ms === null ? "unmeasured" : "slower";
  return filterWords[filter];
}

const filterWords = {
  zone: "same-zone",
  latency: "too-far",
  functions: "full",
  cpu: "no-cpu",
  memory: "no-memory",
} as const;

function scoreWord(
  { verdict, score }: Extract<Judged, { score: unknown }>,
  best: number,
): Considered["verdict"] {
  if (verdict === "dearer") return score > best ? "slower" : "fuller";
  return scoreWords[verdict];
}

const scoreWords = {
  chosen: "chosen",
  "functions full": "full",
  "group there": "full",
  "cpu full": "no-cpu",
  "memory full": "no-memory",
} as const;

const outWords: Readonly<Partial<Record<Considered["verdict"], string>>> = {
  dead: "is dead",
  unknown: "has not been heard yet",
  full: "is full",
  "no-cpu": "has no processor left",
  "no-memory": "has no memory left",
  "too-far": "is beyond the functions' latency limit",
};

/** So many units that were left out are named in the sentence; all are in `considered`. */
const namedMax = 8;

function reasonOf(
  { wish, chosen }: Decided,
  { latency_ms, considered }: { latency_ms: number; considered: readonly Considered[] },
): string {
  const equal = considered.reduce((sum, { verdict }) => sum + (equalWords.has(verdict) ? 1 : 0), 0);
  const share =
    equal === 1 ? "lowest latency" : `emptiest of ${equal} units with the lowest latency`;
  const limit_ms = wish.need.latencyMax_ms ?? Number.POSITIVE_INFINITY;
  const limit = latency_ms > limit_ms ? ["no unit is within the functions' latency limit"] : [];
  const load = considered[chosen]?.load ?? 0;
  const vehicles = load === 1 ? "1 other vehicle" : `${load} other vehicles`;
  const facts = `${share} (${latency_ms.toFixed(1)} ms, ${vehicles})`;
  return [facts, ...limit, ...leftOut(considered, wish.named)].join("; ");
}

const equalWords: ReadonlySet<Considered["verdict"]> = new Set(["chosen", "fuller"]);

function leftOut(considered: readonly Considered[], named: string | undefined): readonly string[] {
  const out: string[] = [];
  let more = 0;
  for (const { unitId, verdict } of considered) {
    const word = outWords[verdict];
    if (word === undefined || unitId === named) continue;
    if (out.length < namedMax) out.push(`${unitId} ${word}`);
    else more += 1;
  }
  return more === 0 ? out : [...out, `${more} more are left out`];
}
