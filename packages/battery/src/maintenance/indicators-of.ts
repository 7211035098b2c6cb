import { CapacityFilter } from "../estimation/capacity-filter.ts";
import { CapacityLooks } from "./capacity-looks.ts";
import { followCount } from "./count-jumps.ts";
import type {
  CapacityLook,
  CarriedState,
  DailyIndicators,
  Interval90,
  LifeTrend,
  PackSigns,
} from "./daily-indicators.ts";
import { dayCounts } from "./day-counts.ts";
import { type DayReadings, dayStart_ms, type PackDescription } from "./day-readings.ts";
import { DayResistance } from "./day-resistance.ts";
import type { FleetReference } from "./fault-model.ts";
import { anomalyScore, safetyScore, usualFleet } from "./fleet-reference.ts";
import { lifeTrend, trendAt } from "./life-trend.ts";
import { remainingLife } from "./remaining-life.ts";
import { isIdleCurrent, rowSteps } from "./row-steps.ts";
import { type SoundRow, soundRows } from "./sound-rows.ts";
import { SpreadSigns } from "./spread-signs.ts";
import { leftByImbalance, lostSince, lot, remembered } from "./usable-share.ts";

export interface IndicatorOptions {
  /** The fleet of the day before, as `fleetReference` gives it; else the usual one. */
  readonly fleet?: FleetReference;
  /** 2 takes the mean current of rests off every reading; 1 does not, and is kept to re-issue old figures. */
  readonly version?: "1" | "2";
}

/** Where a pack's life in a vehicle ends. */
const endOfLife = 0.8;
/** A trend is fitted anew once in so many days; between, it is told for each day. */
const refit_d = 7;
const interval90 = 1.645;
/** σ that no number of looks takes away: the current sensor's gain and the curve of the type. */
const lasting = 0.008;
const imbalanceSigma = 0.006;
/** How sure a look of full depth is, in charge and in counted charge. */
const lookSigma = 0.006;
/** How far a trend that is true so far may turn, over its own interval. */
const lifeStretch = 1.6;
const usage_d = 90;

/**
 * All figures of a day from its readings and the days before, oldest first (every day that is known: the
 * trend looks at all of it). Total: readings of any shape give indicators, null where nothing is known.
 * Cost: about 20 µs and 0.5 µs a row; once a week some µs for every look at the capacity so far.
 */
export function indicatorsOf(
  readings: DayReadings,
  history: readonly DailyIndicators[],
  pack: PackDescription,
  options: IndicatorOptions = {},
): DailyIndicators {
  const version = options.version ?? "2";
  const last = history.at(-1);
  const carried = last?.carried ?? nothingCarried;
  const rows = soundRows(readings, pack);
  const idle_A = idleCurrent_A(rows, pack.capacity_Ah, carried.idle_A);
  const zero_A = version === "1" ? 0 : idle_A;
  const steps = rowSteps(rows, { gaps: readings.gaps, capacity_Ah: pack.capacity_Ah });
  const counts = dayCounts(steps, pack, zero_A);
  const totals = totalsOf(readings.day, last, pack, counts);
  const looking = new CapacityLooks(pack, carried.stretch);
  const rests = looking.follow(steps, { ...totals, idle_A: zero_A });
  const spread = new SpreadSigns(pack, carried.spread);
  spread.follow(rests);
  spread.load(steps);
  const resistance = new DayResistance(pack, carried.resistance);
  resistance.follow(steps);
  const filter = filterOf(pack, carried.capacitySums, looking.looks);
  const { isRecalibrated, last: lastCount } = followCount(
    steps,
    carried.lastCount,
    filter.estimate.capacity_Ah,
  );
  const signs = signsOf(spread, resistance, pack);
  const imbalanceShare = signs === null ? 0 : signs.lowCell + signs.highCell;
  const known = { looks: looking.looks, isRecalibrated, totals };
  const trend = trendOf(history, known);
  const lookMemory = remembered(carried.lookMemory, looking.looks);
  const fleet = options.fleet ?? usualFleet;
  return {
    day: readings.day,
    estimator: { name: "rest-to-rest", version },
    samples: rows.length,
    soh: sohOf({ filter, pack, imbalanceShare, lost: lostSince(lookMemory, trend, totals) }),
    cellHealth: trend === null ? null : trendAt(trend, totals),
    resistance_Ohm: resistance.resistance_Ohm,
    imbalance_mV: spread.imbalance_mV,
    temperatureSpread_K: spread.temperatureSpread_K,
    ...counts,
    totals,
    anomalyScore: anomalyScore(signs, fleet),
    safetyScore: safetyScore(signs, fleet),
    remainingLife: lifeOf(trend, history, totals),
    isRecalibrated,
    looks: looking.looks,
    imbalanceShare,
    signs,
    trend,
    carried: {
      capacitySums: filter.saved,
      lookMemory,
      stretch: looking.saved,
      spread: spread.saved,
      resistance: resistance.saved,
      idle_A,
      lastCount,
    },
  };
}

/** What a very first day starts from. */
export const nothingCarried: CarriedState = {
  capacitySums: [],
  lookMemory: [],
  stretch: [],
  spread: [],
  resistance: [],
  idle_A: 0,
  lastCount: [],
};

type Totals = DailyIndicators["totals"];

function idleCurrent_A(rows: readonly SoundRow[], capacity_Ah: number, before_A: number): number {
  const idle = rows.filter(({ current_A }) => isIdleCurrent(current_A, capacity_Ah));
  if (idle.length < 3) return before_A;
  const mean_A = idle.reduce((sum, { current_A }) => sum + current_A, 0) / idle.length;
  return before_A === 0 ? mean_A : before_A + 0.1 * (mean_A - before_A);
}

function totalsOf(
  day: string,
  last: DailyIndicators | undefined,
  pack: PackDescription,
  counts: { readonly fullCycles: number; readonly distance_km: number | null },
): Totals {
  const age_d = (dayStart_ms(day) - pack.firstUse_ms) / 86_400_000;
  const before = last?.totals ?? {
    fullCycles: pack.fullCyclesBefore,
    distance_km: pack.distanceBefore_km,
  };
  return {
    age_d: Number.isFinite(age_d) ? Math.max(0, age_d) : 0,
    fullCycles: before.fullCycles + counts.fullCycles,
    distance_km:
      counts.distance_km === null ? null : (before.distance_km ?? 0) + counts.distance_km,
  };
}

function filterOf(
  pack: PackDescription,
  saved: readonly number[],
  looks: readonly CapacityLook[],
): CapacityFilter {
  const { capacity_Ah } = pack;
  const filter = new CapacityFilter({
    capacity_Ah: 0.9 * capacity_Ah,
    capacitySigma_Ah: 0.5 * capacity_Ah,
    socSigma: lookSigma,
    chargeSigma_Ah: 0.003 * capacity_Ah,
    ...(saved.length === 0 ? {} : { saved }),
  });
  for (const { share, weight } of looks) {
    const socChange = Math.sqrt(weight);
    filter.add({ socChange, charge_Ah: share * socChange * capacity_Ah });
  }
  return filter;
}

function sohOf(o: {
  filter: CapacityFilter;
  pack: PackDescription;
  imbalanceShare: number;
  /** Since the looks that the filter remembers. */
  lost: number;
}): Interval90 | null {
  const { pack } = o;
  const { capacity_Ah, high_Ah, stretches } = o.filter.estimate;
  if (stretches === 0) return null;
  const left = leftByImbalance(o.imbalanceShare);
  const value = (capacity_Ah / pack.capacity_Ah + o.lost) * left;
  // The filter's ends are of 95 %.
  const random = ((high_Ah - capacity_Ah) / 1.96 / pack.capacity_Ah) * left;
  const half = interval90 * Math.hypot(random, lasting, imbalanceSigma, lot.sigma);
  return { value, low: Math.max(0, value - half), high: value + half };
}

function signsOf(
  spread: SpreadSigns,
  resistance: DayResistance,
  pack: PackDescription,
): PackSigns | null {
  const seen = spread.signs;
  const { ohmicPerRate, fastPerRate, slowPerRate } = pack.cell;
  const perRate = resistance.perRate;
  if (seen === null || perRate === null) return null;
  return { ...seen, resistance: perRate / (ohmicPerRate + fastPerRate + slowPerRate) };
}

function trendOf(
  history: readonly DailyIndicators[],
  today: {
    readonly looks: readonly CapacityLook[];
    readonly isRecalibrated: boolean;
    readonly totals: Totals;
  },
): LifeTrend | null {
  const last = history.at(-1)?.trend ?? null;
  const isDue = history.length % refit_d === 0 || today.isRecalibrated;
  if (last !== null && !isDue) return last;
  const days = [...history, today];
  const looks = days.flatMap((one) => one.looks);
  const recalibrated = days.flatMap((one) => (one.isRecalibrated ? [one.totals.age_d] : []));
  return lifeTrend(looks, recalibrated) ?? null;
}

function lifeOf(
  trend: LifeTrend | null,
  history: readonly DailyIndicators[],
  totals: Totals,
): DailyIndicators["remainingLife"] {
  if (trend === null) return null;
  const before = history.at(-usage_d) ?? history[0];
  const span_d = before === undefined ? 0 : totals.age_d - before.totals.age_d;
  const cyclesPerDay =
    before === undefined || span_d < 7
      ? totals.fullCycles / Math.max(1, totals.age_d)
      : (totals.fullCycles - before.totals.fullCycles) / span_d;
  const place = { ...totals, cyclesPerDay };
  return remainingLife({ trend, place, share: endOfLife, stretch: lifeStretch });
}
