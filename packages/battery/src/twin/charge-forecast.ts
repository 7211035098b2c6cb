import { accepted, type Outcome } from "@voltfog/runtime";
import { age } from "../simulation/ageing/cell-ageing.ts";
import { chargeCourse } from "./charge-course.ts";
import type { ChargeCourse, ChargePlan, ChargeStart } from "./charge-question.ts";
import { checkedCharge, type ForecastProblem } from "./charge-ranges.ts";

/** A number with what it may be instead. */
export interface Ranged {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How far the start may be off: half-widths of 95 %. */
export interface ChargeDoubt {
  readonly soc: number;
  /** Shares of their own value. */
  readonly capacityShare: number;
  readonly resistanceShare: number;
  readonly cell_K: number;
}

export interface ChargeForecast {
  readonly end: ChargeCourse["end"];
  /** Until the charge ends, however it ends. Where the slow corner does not reach the target, `high` is when it ends. */
  readonly duration_s: Ranged;
  readonly endSoc: number;
  readonly energy_Wh: Ranged;
  readonly heating_Wh: number;
  /** Of the hottest and the coldest part, over the whole charge. */
  readonly hottest_degC: Ranged;
  readonly coldest_degC: number;
  readonly end_degC: number;
  /** Capacity lost by this one charge, as a share of nominal: calendar and cycling by the ageing model. */
  readonly wear: Ranged;
  readonly limit: ChargeCourse["limit"];
  readonly estimator: "charge-forecast";
  readonly version: "1";
}

/** What the reduced model itself misses of the simulated pack; see docs/specs/twin.md. */
const modelShare = 0.06;
const model_s = 30;
const model_K = 2;
const day_s = 86_400;
/** Wear laws are singular when new: a cell counts as having lost this much of each kind, at least that. */
const usualLoss = 0.02;
const leastLoss = 0.01;

/**
 * How long a charge takes, how warm it gets and what it wears, each with an interval: the same course from
 * the quickest and the slowest corner of what is known, widened by the model's own error. Refuses what is
 * out of range; otherwise total, never NaN. Cost: three courses, a few ms at most.
 */
export function forecastCharge(o: {
  start: ChargeStart;
  plan: ChargePlan;
  doubt: ChargeDoubt;
}): Outcome<ChargeForecast, ForecastProblem> {
  const checked = checkedCharge(o);
  if (!checked.ok) return checked;
  const { start, plan, doubt } = o;
  const course = chargeCourse(start, plan);
  const quick = chargeCourse(shifted(start, doubt, 1), plan);
  const slow = chargeCourse(shifted(start, doubt, -1), plan);
  const all = [course, quick, slow];
  return accepted({
    end: course.end,
    duration_s: around(
      course.duration_s,
      all.map(({ duration_s }) => duration_s),
      (value) => value * modelShare + (value > 0 ? model_s : 0),
    ),
    endSoc: course.endSoc,
    energy_Wh: around(
      course.energy_Wh,
      all.map(({ energy_Wh }) => energy_Wh),
      (value) => value * modelShare,
    ),
    heating_Wh: course.heating_Wh,
    hottest_degC: around(
      course.hottest_degC,
      all.map(({ hottest_degC }) => hottest_degC),
      () => model_K,
    ),
    coldest_degC: course.coldest_degC,
    end_degC: course.end_degC,
    wear: wearOf(start, course, doubt.capacityShare),
    limit: course.limit,
    estimator: "charge-forecast",
    version: "1",
  });
}

/** The start as it may be if everything that is not known helps (1) or hinders (−1). */
function shifted(start: ChargeStart, doubt: ChargeDoubt, way: 1 | -1): ChargeStart {
  const soc = clamp(start.soc + way * doubt.soc);
  return {
    ...start,
    soc,
    fullestSoc: Math.max(soc, clamp(soc + start.fullestSoc - start.soc)),
    capacityFactor: start.capacityFactor * (1 - way * doubt.capacityShare),
    resistanceFactor: start.resistanceFactor * (1 - way * doubt.resistanceShare),
    cell_degC: start.cell_degC + way * doubt.cell_K,
  };
}

function around(
  value: number,
  values: readonly number[],
  margin: (value: number) => number,
): Ranged {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const lowest = low - margin(low);
  return { value, low: value >= 0 ? Math.max(0, lowest) : lowest, high: high + margin(high) };
}

/** How the losses so far split into calendar and cycling is not known, so the split is a doubt as well. */
function wearOf(start: ChargeStart, course: ChargeCourse, doubt: number): Ranged {
  const lost = 1 - start.capacityFactor;
  const value = lossBy(start, course, losses(lost, { share: 0.5, least: usualLoss }));
  const corners = [lost - doubt, lost + doubt].flatMap((loss) =>
    [0.1, 0.5, 0.9].map((share) =>
      lossBy(start, course, losses(loss, { share, least: leastLoss })),
    ),
  );
  return { value, low: Math.min(value, ...corners), high: Math.max(value, ...corners) };
}

function losses(
  lost: number,
  { share, least }: { share: number; least: number },
): { calendar: number; cycling: number } {
  return {
    calendar: Math.max(least, lost * share),
    cycling: Math.max(least, lost * (1 - share)),
  };
}

function lossBy(
  start: ChargeStart,
  course: ChargeCourse,
  before: { calendar: number; cycling: number },
): number {
  const state = { ...before, resistanceCalendar: leastLoss, resistanceCycling: leastLoss };
  const depth = Math.max(0, course.endSoc - start.soc);
  age(start.cell.chemistry, state, {
    step_d: course.duration_s / day_s,
    cell_K: course.mean_degC + 273.15,
    cell_V: course.meanVoltage_V,
    soc: (course.endSoc + start.soc) / 2,
    depth,
    throughput: depth * start.capacityFactor,
  });
  return state.calendar + state.cycling - before.calendar - before.cycling;
}

function clamp(soc: number): number {
  return Math.min(1, Math.max(0, soc));
}
