/** What the controller knows of one unit at the moment of a decision. */
export interface UnitView {
  readonly id: string;
  readonly alive: boolean;
  /** Vehicles that are connected there now, by the unit's own status. */
  readonly connected: ReadonlySet<string>;
}

/** Limits and thresholds of every decision. Latencies in ms, the ratio 0..1. */
export interface PlacementRules {
  readonly vehiclesPerUnitMax: number;
  readonly equalLatency_ms: number;
  readonly moveGain_ms: number;
  readonly moveGainRatio: number;
  readonly moveSamples: number;
  readonly moveCooldown_ms: number;
}

/** Median latency between a vehicle and a unit, undefined while nothing is measured. */
export type LatencyOf = (link: { vehicleId: string; unitId: string }) => number | undefined;

/** One unit in one decision: the rule that took it out, or the figures that it competed with. */
export interface Considered {
  readonly unitId: string;
  readonly verdict: "chosen" | "slower" | "fuller" | "dead" | "unmeasured" | "full";
  readonly latency_ms: number | null;
  readonly load: number;
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
}

/**
 * The unit with the lowest measured latency that has room. Latencies within `equalLatency_ms` of the
 * best count as equal; among those the emptiest wins, then the lower id, so that equal units fill evenly.
 * Undefined when no live, measured unit has room.
 */
export function chooseUnit(options: {
  vehicleId: string;
  units: readonly UnitView[];
  loads: ReadonlyMap<string, number>;
  latencyOf: LatencyOf;
  rules: PlacementRules;
}): Choice | undefined {
  const { rules } = options;
  const candidates: Candidate[] = [];
  const considered: Considered[] = [];
  for (const unit of options.units) {
    const latency_ms = options.latencyOf({ vehicleId: options.vehicleId, unitId: unit.id });
    const load = options.loads.get(unit.id) ?? 0;
    const filter = filterOf({ unit, latency_ms, load, rules });
    if (filter === undefined && latency_ms !== undefined) {
      candidates.push({ unitId: unit.id, latency_ms, load });
    } else {
      const verdict = filter ?? "unmeasured";
      considered.push({ unitId: unit.id, verdict, latency_ms: latency_ms ?? null, load });
    }
  }
  if (candidates.length === 0) return undefined;
  const best_ms = Math.min(...candidates.map((candidate) => candidate.latency_ms));
  const limit_ms = best_ms + rules.equalLatency_ms;
  const equal = candidates.filter((candidate) => candidate.latency_ms <= limit_ms);
  const chosen = equal.reduce((a, b) => (isBefore(b, a) ? b : a));
  for (const candidate of candidates) {
    const rival = candidate.latency_ms > limit_ms ? "slower" : "fuller";
    considered.push({ ...candidate, verdict: candidate === chosen ? "chosen" : rival });
  }
  considered.sort((a, b) => (a.unitId < b.unitId ? -1 : 1));
  return {
    unitId: chosen.unitId,
    latency_ms: chosen.latency_ms,
    reason: reasonOf({ chosen, equal: equal.length, considered }),
    considered,
  };
}

function filterOf(options: {
  unit: UnitView;
  latency_ms: number | undefined;
  load: number;
  rules: PlacementRules;
}): "dead" | "unmeasured" | "full" | undefined {
  if (!options.unit.alive) return "dead";
  if (options.latency_ms === undefined) return "unmeasured";
  return options.load >= options.rules.vehiclesPerUnitMax ? "full" : undefined;
}

function isBefore(a: Candidate, b: Candidate): boolean {
  if (a.load !== b.load) return a.load < b.load;
  return a.unitId < b.unitId;
}

function reasonOf(options: {
  chosen: Candidate;
  equal: number;
  considered: readonly Considered[];
}): string {
  const { chosen, considered } = options;
  const share =
    options.equal === 1
      ? "lowest latency"
      : `emptiest of ${options.equal} units with the lowest latency`;
  const out = considered
    .filter((unit) => unit.verdict === "dead" || unit.verdict === "full")
    .map((unit) => `${unit.unitId} is ${unit.verdict}`);
  const vehicles = chosen.load === 1 ? "1 vehicle" : `${chosen.load} vehicles`;
  const facts = `${chosen.latency_ms.toFixed(1)} ms, ${vehicles} before`;
  return [`${share} (${facts})`, ...out].join("; ");
}
