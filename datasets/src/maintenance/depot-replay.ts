import { faultProbability, faultScore, type HistoryFault } from "@voltfog/battery";
import type { Random } from "@voltfog/runtime";
import type { RiskSample, VehicleRecord } from "./vehicle-record.ts";

/** Money of the replay; assumptions that the page states. */
export const depotCosts = {
  failure_EUR: 4000,
  /** The same fault, found before it fails. */
  repair_EUR: 1200,
  inspection_EUR: 150,
} as const;

/** Inspections a week, of vehicles. */
export const inspectedShare = 0.02;
/** A vehicle that was found sound is left alone for so long. */
const pause_d = 60;
/** Earlier in its growth an inspection finds nothing. */
const visibleFrom = 0.2;
const week_d = 7;

export type DepotPolicy = "risk" | "by-age" | "by-soh" | "random" | "none";

export interface DepotOutcome {
  readonly policy: DepotPolicy;
  readonly inspections: number;
  readonly found: number;
  readonly failed: number;
  /** Of the faults that grow, not the sudden ones. */
  readonly failedGrowing: number;
  /** Days that a fault was found before it would have failed. */
  readonly lead_d: readonly number[];
  readonly cost_EUR: number;
}

interface Tracked {
  readonly faults: readonly HistoryFault[];
  readonly byDay: ReadonlyMap<number, RiskSample>;
  readonly repaired: Set<HistoryFault>;
  pausedUntil: number;
}

/**
 * Replays a fleet week by week: the policy names the vehicles that the depot has room for, an inspection
 * finds a fault that has grown a fifth of its way, and a found fault does not fail. What a vehicle shows
 * after a repair that history knows nothing of is not looked at until the fault would have failed.
 */
export function replayDepot(o: {
  records: readonly VehicleRecord[];
  days: number;
  policy: DepotPolicy;
  random: Random;
}): DepotOutcome {
  const tracked = o.records.map(
    ({ faults, samples }): Tracked => ({
      faults: faults.filter(({ failureDay }) => failureDay < o.days),
      byDay: new Map(samples.map((sample) => [sample.day, sample])),
      repaired: new Set(),
      pausedUntil: 0,
    }),
  );
  const room = Math.max(1, Math.round(inspectedShare * o.records.length));
  const lead_d: number[] = [];
  let inspections = 0;
  for (let day = 0; day < o.days; day++) {
    for (const one of chosenOn(tracked, { day, room, policy: o.policy, random: o.random })) {
      inspections++;
      const fault = one.faults.find((own) => isVisible(own, day) && !one.repaired.has(own));
      one.pausedUntil = fault === undefined ? day + pause_d : fault.failureDay + week_d;
      if (fault === undefined) continue;
      one.repaired.add(fault);
      lead_d.push(fault.failureDay - day);
    }
  }
  const failed = tracked.flatMap(({ faults, repaired }) =>
    faults.filter((fault) => !repaired.has(fault)),
  );
  const { failure_EUR, repair_EUR, inspection_EUR } = depotCosts;
  return {
    policy: o.policy,
    inspections,
    found: lead_d.length,
    failed: failed.length,
    failedGrowing: failed.filter(({ kind }) => kind !== "sudden").length,
    lead_d,
    cost_EUR:
      failed.length * failure_EUR + lead_d.length * repair_EUR + inspections * inspection_EUR,
  };
}

function isVisible(fault: HistoryFault, day: number): boolean {
  const from = fault.onsetDay + visibleFrom * (fault.failureDay - fault.onsetDay);
  return fault.kind !== "sudden" && day >= from && day < fault.failureDay;
}

function chosenOn(
  tracked: readonly Tracked[],
  o: { day: number; room: number; policy: DepotPolicy; random: Random },
): readonly Tracked[] {
  if (o.policy === "none") return [];
  return tracked
    .flatMap((one) => {
      const sample = one.byDay.get(o.day);
      if (sample === undefined || one.pausedUntil > o.day) return [];
      const rank = rankOf(sample, o);
      return rank === undefined ? [] : [{ one, rank }];
    })
    .sort((left, right) => right.rank - left.rank)
    .slice(0, o.room)
    .map(({ one }) => one);
}

/** Higher goes first; undefined is not worth an inspection. */
function rankOf(
  sample: RiskSample,
  o: { policy: DepotPolicy; random: Random },
): number | undefined {
  if (o.policy === "by-age") return sample.age_d;
  if (o.policy === "by-soh") return -sample.capacityLeft;
  if (o.policy === "random") return o.random.uniform();
  const score = faultScore(sample.features);
  const { failure_EUR, repair_EUR, inspection_EUR } = depotCosts;
  const saved_EUR = faultProbability(score).value * (failure_EUR - repair_EUR) - inspection_EUR;
  // Equal steps of probability are told apart by the score.
  return saved_EUR > 0 ? saved_EUR + 1e-3 * score : undefined;
}
