/** What the controller knows of one unit at the moment of a decision. */
export interface UnitView {
  readonly id: string;
  readonly alive: boolean;
  /** Not heard since this controller started or was cut off itself, a moment ago: neither alive nor dead. */
  readonly unknown?: boolean;
  /** Alive, but its latest heartbeat is missed: it may be about to count as dead. */
  readonly silent?: boolean;
  /** Vehicles that are connected there now, by the unit's own status. */
  readonly connected: ReadonlySet<string>;
  /** Where it stands; standbys are kept in another zone where there is one. */
  readonly zone?: string | null;
  /** What it may be used for at most; absent where nothing is known. */
  readonly capacity?: Need | null;
  /** Whether it holds the state of all functions that it stands by with for a vehicle. */
  readonly holds?: (vehicleId: string) => boolean;
}

/** What one vehicle's functions ask of a unit: a CPU is one core. */
export interface Need {
  readonly cpu: number;
  readonly memory_MB: number;
  /** Longest way that they are good for; null or absent where there is no limit. */
  readonly latencyMax_ms?: number | null;
}

/** Limits and thresholds of every decision. Latencies in ms, the ratio 0..1. */
export interface PlacementRules {
  readonly vehiclesPerUnitMax: number;
  readonly equalLatency_ms: number;
  readonly moveGain_ms: number;
  readonly moveGainRatio: number;
  readonly moveSamples: number;
  readonly moveCooldown_ms: number;
  readonly movesPerRoundMax: number;
}

/** Median latency between a vehicle and a unit, undefined while nothing is measured. */
export type LatencyOf = (link: { vehicleId: string; unitId: string }) => number | undefined;

/** Least and greatest of the latest measurements of that latency; undefined while they are too few. */
export type RangeOf = (link: {
  vehicleId: string;
  unitId: string;
}) => { readonly low_ms: number; readonly high_ms: number } | undefined;

/** Vehicles on each unit, and what their functions use there. */
export interface Loads {
  readonly vehicles: ReadonlyMap<string, number>;
  readonly used?: ReadonlyMap<string, Need>;
}

type Filter = "dead" | "unknown" | "unmeasured" | "full" | "no-cpu" | "no-memory" | "too-far";

/** One unit in one decision: the rule that took it out, or the figures that it competed with. */
export interface Considered {
  readonly unitId: string;
  readonly verdict: "chosen" | "slower" | "fuller" | Filter;
  readonly latency_ms: number | null;
  readonly load: number;
  /** What it cost: the latency that counted; null where a rule took it out. */
  readonly score: number | null;
}

export interface Choice {
  readonly unitId: string;
  readonly latency_ms: number;
  readonly reason: string;
  readonly considered: readonly Considered[];
}

interface Candidate {
  readonly unitId: string;
  readonly latency_ms: number;
  readonly load: number;
  readonly isTooFar: boolean;
}

export interface Question {
  readonly vehicleId: string;
  readonly units: readonly UnitView[];
  readonly loads: Loads;
  readonly latencyOf: LatencyOf;
  readonly rules: PlacementRules;
  readonly need?: Need;
  /** A unit that the asker's own sentence names already: the reason leaves it out. */
  readonly named?: string;
}

/**
 * The unit with the lowest measured latency that has room for the vehicle and its functions. Latencies
 * within `equalLatency_ms` of the best count as equal; among those the emptiest wins, then the lower id, so
 * that equal units fill evenly. Units beyond the functions' latency limit count only when none is within.
 * Undefined when no live, measured unit has room.
 */
export function chooseUnit(question: Question): Choice | undefined {
  const { measured, filtered } = candidatesOf(question);
  const near = measured.filter(({ isTooFar }) => !isTooFar);
  const candidates = near.length > 0 ? near : measured;
  if (candidates.length === 0) return undefined;
  const best_ms = Math.min(...candidates.map((candidate) => candidate.latency_ms));
  const limit_ms = best_ms + question.rules.equalLatency_ms;
  const equal = candidates.filter((candidate) => candidate.latency_ms <= limit_ms);
  const chosen = equal.reduce((a, b) => (isBefore(b, a) ? b : a));
  const compared = measured.map(({ isTooFar, ...facts }): Considered => {
    if (isTooFar && near.length > 0) return { ...facts, verdict: "too-far", score: null };
    const rival = facts.latency_ms > limit_ms ? "slower" : "fuller";
    const verdict = facts.unitId === chosen.unitId ? "chosen" : rival;
    return { ...facts, verdict, score: facts.latency_ms };
  });
  const considered = [...filtered, ...compared].sort((a, b) => (a.unitId < b.unitId ? -1 : 1));
  const reason = reasonOf({ chosen, equal: equal.length, considered, named: question.named });
  return { unitId: chosen.unitId, latency_ms: chosen.latency_ms, reason, considered };
}

/** The units that are alive, measured and have room, and the others with the rule that took them out. */
function candidatesOf(question: Question): { measured: Candidate[]; filtered: Considered[] } {
  const measured: Candidate[] = [];
  const filtered: Considered[] = [];
  const limit_ms = question.need?.latencyMax_ms ?? Number.POSITIVE_INFINITY;
  for (const unit of question.units) {
    const latency_ms = question.latencyOf({ vehicleId: question.vehicleId, unitId: unit.id });
    const load = question.loads.vehicles.get(unit.id) ?? 0;
    const filter = filterOf({ unit, latency_ms, load, question });
    if (filter === undefined && latency_ms !== undefined) {
      measured.push({ unitId: unit.id, latency_ms, load, isTooFar: latency_ms > limit_ms });
    } else {
      const facts = { unitId: unit.id, latency_ms: latency_ms ?? null, load };
      filtered.push({ ...facts, verdict: filter ?? "unmeasured", score: null });
    }
  }
  return { measured, filtered };
}

function filterOf(options: {
  unit: UnitView;
  latency_ms: number | undefined;
  load: number;
  question: Question;
}): Filter | undefined {
  const { unit, question } = options;
  if (!unit.alive) return unit.unknown === true ? "unknown" : "dead";
  if (options.latency_ms === undefined) return "unmeasured";
  if (options.load >= question.rules.vehiclesPerUnitMax) return "full";
  const { capacity } = unit;
  const { need } = question;
  if (need === undefined || capacity === undefined || capacity === null) return undefined;
  const used = question.loads.used?.get(unit.id) ?? { cpu: 0, memory_MB: 0 };
  if (used.cpu + need.cpu > capacity.cpu) return "no-cpu";
  return used.memory_MB + need.memory_MB > capacity.memory_MB ? "no-memory" : undefined;
}

function isBefore(a: Candidate, b: Candidate): boolean {
  if (a.load !== b.load) return a.load < b.load;
  return a.unitId < b.unitId;
}

const outWords: Readonly<Partial<Record<Considered["verdict"], string>>> = {
  dead: "is dead",
  unknown: "has not been heard yet",
  full: "is full",
  "no-cpu": "has no processor left",
  "no-memory": "has no memory left",
  "too-far": "is beyond the functions' latency limit",
};

function reasonOf(options: {
  chosen: Candidate;
  equal: number;
  considered: readonly Considered[];
  named: string | undefined;
}): string {
  const { chosen, considered } = options;
  const share =
    options.equal === 1
      ? "lowest latency"
      : `emptiest of ${options.equal} units with the lowest latency`;
  const out = considered.flatMap(({ unitId, verdict }) =>
    outWords[verdict] === undefined || unitId === options.named
      ? []
      : [`${unitId} ${outWords[verdict]}`],
  );
  const limit = chosen.isTooFar ? ["no unit is within the functions' latency limit"] : [];
  const vehicles = chosen.load === 1 ? "1 vehicle" : `${chosen.load} vehicles`;
  const facts = `${chosen.latency_ms.toFixed(1)} ms, ${vehicles} before`;
  return [`${share} (${facts})`, ...limit, ...out].join("; ");
}
