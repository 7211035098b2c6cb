import {
  type Attribution,
  attributionOf,
  type DailyIndicators,
  type DayTruth,
  type FleetReference,
  faultFeatures,
  faultHorizon_d,
  type HistoryFault,
  type HistoryFaultKind,
  historyVehicle,
  type Interval90,
  indicatorsOf,
  type PackSigns,
  usualFleet,
} from "@voltfog/battery";

/** A length of history and which fleet of it. */
export interface HistoryRange {
  readonly seed: number;
  readonly vehicles: number;
  readonly days: number;
}

/** One vehicle on the first day of a week, as the risk sees it and as it was. */
export interface RiskSample {
  readonly seed: number;
  readonly vehicle: number;
  readonly day: number;
  readonly features: readonly number[];
  readonly age_d: number;
  readonly capacityLeft: number;
  /** Whether a fault fails within the horizon. */
  readonly fails: boolean;
  readonly anomalyScore: number;
  readonly safetyScore: number;
  /** The fault that is there and has grown half its way; null without any fault, undefined for one that has not. */
  readonly grown: HistoryFaultKind | null | undefined;
}

/** An estimate beside what was true; and whether a fault was there. */
export interface Judged {
  readonly isFaulty: boolean;
  readonly estimate: Interval90;
  readonly truth: number;
}

/** A change over a quarter, split, beside what was true of its parts. */
export interface JudgedChange {
  readonly parts: Attribution;
  readonly trueAgeing: number;
  readonly trueCold: number;
  readonly trueGain: number;
}

/** What is kept of one vehicle's history. */
export interface VehicleRecord {
  readonly seed: number;
  readonly vehicle: number;
  readonly faults: readonly HistoryFault[];
  readonly samples: readonly RiskSample[];
  readonly soh: readonly Judged[];
  readonly cells: readonly Judged[];
  readonly life: readonly Judged[];
  readonly changes: readonly JudgedChange[];
}

/** Before, too little is known to judge anything. */
const warmUp_d = 60;
const settled_d = 120;
const quarter_d = 90;
/** What the capacity filter keeps of its older looks at each new one. */
const keptPerLook = 0.98;

interface Day {
  readonly indicators: DailyIndicators;
  readonly truth: DayTruth;
}

/** Takes one vehicle through its history and keeps what an evaluation or a fit needs. */
export function recordVehicle(
  range: HistoryRange,
  vehicle: number,
  fleet: FleetReference = usualFleet,
): VehicleRecord {
  const history = historyVehicle(range, vehicle);
  const indicators: DailyIndicators[] = [];
  const days: Day[] = [];
  const simulated = history.days();
  let step = simulated.next();
  for (; step.done !== true; step = simulated.next()) {
    const own = indicatorsOf(step.value.readings, indicators, history.pack);
    indicators.push(own);
    days.push({ indicators: own, truth: step.value.truth });
  }
  const { endOfLife_d } = step.value;
  const { faults } = history;
  const samples: RiskSample[] = [];
  for (let day = warmUp_d; day < range.days; day += 7) {
    const features = faultFeatures(indicators.slice(Math.max(0, day - 30), day + 1), fleet);
    if (features === undefined || days[day]?.truth.isInWorkshop === true) continue;
    samples.push({
      ...{ seed: range.seed, vehicle, day, features },
      age_d: indicators[day]?.totals.age_d ?? 0,
      capacityLeft: indicators[day]?.cellHealth?.value ?? 1,
      anomalyScore: indicators[day]?.anomalyScore ?? 0,
      safetyScore: indicators[day]?.safetyScore ?? 0,
      grown: grownOn(faults, day),
      fails: faults.some(
        ({ failureDay }) => failureDay >= day && failureDay <= day + faultHorizon_d,
      ),
    });
  }
  return {
    ...{ seed: range.seed, vehicle, faults, samples },
    ...judgedDays(days),
    life: judgedLife(days, endOfLife_d),
    changes: judgedChanges(days),
  };
}

function grownOn(faults: readonly HistoryFault[], day: number): RiskSample["grown"] {
  const fault = faults.find(({ onsetDay, failureDay }) => day >= onsetDay && day <= failureDay);
  if (fault === undefined) return null;
  return 2 * (day - fault.onsetDay) >= fault.failureDay - fault.onsetDay ? fault.kind : undefined;
}

function judgedDays(days: readonly Day[]): { readonly soh: Judged[]; readonly cells: Judged[] } {
  const [soh, cells]: [Judged[], Judged[]] = [[], []];
  for (let day = settled_d; day < days.length; day += 15) {
    const { indicators, truth } = days[day] as Day;
    // What the pack delivers at the temperatures of the looks that the figure stands for.
    const cold = atLooks(days.slice(0, day + 1), ({ coldFactor }) => coldFactor);
    const isFaulty = truth.fault !== null;
    if (indicators.soh !== null) {
      soh.push({ isFaulty, estimate: indicators.soh, truth: truth.usable * cold });
    }
    if (indicators.cellHealth !== null) {
      cells.push({ isFaulty, estimate: indicators.cellHealth, truth: truth.cells });
    }
  }
  return { soh, cells };
}

/** Remaining life as told a year and half a year before the end of the history, and on its last day. */
function judgedLife(days: readonly Day[], endOfLife_d: number): readonly Judged[] {
  return [365, 182, 0].flatMap((before_d) => {
    const day = days.at(-1 - before_d);
    const estimate = day?.indicators.remainingLife?.days;
    const truth = endOfLife_d + before_d;
    // Who has ended already would be told right by anybody.
    return estimate === undefined || endOfLife_d === 0
      ? []
      : [{ isFaulty: day?.truth.fault !== null, estimate, truth }];
  });
}

function judgedChanges(days: readonly Day[]): readonly JudgedChange[] {
  const changes: JudgedChange[] = [];
  const all = days.map(({ indicators }) => indicators);
  for (let day = settled_d + quarter_d; day < days.length; day += quarter_d) {
    const [from, to] = [days[day - quarter_d], days[day]];
    if (from === undefined || to === undefined) continue;
    const parts = attributionOf(from.indicators, to.indicators, { history: all.slice(0, day + 1) });
    if (parts === undefined) continue;
    const moved = (value: (truth: DayTruth) => number): number =>
      atLooks(days.slice(0, day + 1), value) - atLooks(days.slice(0, day - quarter_d + 1), value);
    changes.push({
      parts,
      trueAgeing: to.truth.cells - from.truth.cells,
      trueCold: to.truth.cells * moved(({ coldFactor }) => coldFactor),
      trueGain: to.truth.cells * moved(({ gain }) => gain),
    });
  }
  return changes;
}

/** What was true on the days of the looks, weighted as the capacity filter weighs them. */
function atLooks(days: readonly Day[], value: (truth: DayTruth) => number): number {
  let [sum, weights, age] = [0, 0, 1];
  for (let day = days.length - 1; day >= 0 && age > 1e-3; day--) {
    const { indicators, truth } = days[day] as Day;
    for (const look of indicators.looks) {
      sum += age * look.weight * value(truth);
      weights += age * look.weight;
      age *= keptPerLook;
    }
  }
  return weights === 0 ? 1 : sum / weights;
}

/** The signs of a fleet's sound vehicles in the middle of every fourth week. */
export function soundSigns(range: HistoryRange): readonly PackSigns[] {
  return Array.from({ length: range.vehicles }, (_, vehicle) => {
    const history = historyVehicle(range, vehicle);
    const indicators: DailyIndicators[] = [];
    const signs: PackSigns[] = [];
    for (const { readings, day, truth } of history.days()) {
      const own = indicatorsOf(readings, indicators, history.pack);
      indicators.push(own);
      const isKept = day >= warmUp_d && day % 28 === 14 && truth.fault === null;
      if (isKept && own.signs !== null) signs.push(own.signs);
    }
    return signs;
  }).flat();
}
