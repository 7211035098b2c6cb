import type { Attachment, Move } from "./attachment.ts";
import type {
  LatencyOf,
  Need,
  PlacementRules,
  Question,
  RangeOf,
  UnitView,
  Wish,
} from "./decision-facts.ts";
import { LoadBook } from "./load-book.ts";

/** All that a round is decided from. */
export interface RoundFacts {
  readonly attachments: readonly Attachment[];
  readonly units: readonly UnitView[];
  readonly latencyOf: LatencyOf;
  /** The latency itself where it is not given. */
  readonly rangeOf?: RangeOf;
  readonly now_ms: number;
  readonly rules: PlacementRules;
  /** What a vehicle's functions ask of a unit; nothing where it is not given. */
  readonly needOf?: (vehicleId: string) => Need;
  /** False between two rounds: dead units are left and hand-overs go on, but nothing is counted. */
  readonly isRound?: boolean;
}

/** One round while it goes on. */
export interface Round extends Required<Omit<RoundFacts, "attachments" | "units">> {
  readonly units: ReadonlyMap<string, UnitView>;
  readonly loads: LoadBook;
  readonly moves: Move[];
  /** Places in the list of those whose unit is dead and who have no heir. */
  readonly homeless: number[];
  /** Places in the list of those who may leave for a faster unit. */
  readonly settled: number[];
}

const noNeed: Need = { cpu: 0, memory_MB: 0 };

export function openRound(facts: RoundFacts): Round {
  const { units, latencyOf, isRound = true } = facts;
  const { needOf = () => noNeed, rangeOf = exactly(latencyOf) } = facts;
  return {
    ...facts,
    ...{ rangeOf, needOf, isRound, moves: [], homeless: [], settled: [] },
    units: new Map(units.map((unit) => [unit.id, unit])),
    loads: new LoadBook({ attachments: facts.attachments, needOf }),
  };
}

function exactly(latencyOf: LatencyOf): RangeOf {
  return (link) => {
    const latency_ms = latencyOf(link);
    return latency_ms === undefined ? undefined : { low_ms: latency_ms, high_ms: latency_ms };
  };
}

export function isAlive(unitId: string | null | undefined, round: Round): boolean {
  return round.units.get(unitId ?? "")?.alive === true;
}

export function isUnknown(unitId: string | null, round: Round): boolean {
  return round.units.get(unitId ?? "")?.unknown === true;
}

/** Rounds in a row in which this has been so, with the present one. */
export function roundsOf(
  here: Attachment,
  rival: { unitId: string; cause: "faster" | "connected" },
): number {
  const known = here.rival;
  if (known?.unitId !== rival.unitId || known.cause !== rival.cause) return 1;
  return known.rounds + 1;
}

export function wishOf(vehicleId: string, round: Round): Wish {
  return { vehicleId, need: round.needOf(vehicleId) };
}

export function questionOf(
  wishes: readonly Wish[],
  round: Round,
  only: (unit: UnitView) => boolean = () => true,
): Question {
  const { latencyOf, rules, loads } = round;
  const units = [...round.units.values()].filter(only);
  return { wishes, units, loads: loads.active, latencyOf, rules };
}
