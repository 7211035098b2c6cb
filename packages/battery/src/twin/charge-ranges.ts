import { accepted, type Outcome, refused } from "@voltfog/runtime";
import type { ChargePlan, ChargeStart } from "./charge-question.ts";

/** A number of the question that the forecast is not made for. */
export interface ForecastProblem {
  readonly code: "FORECAST_OUT_OF_RANGE";
  readonly name: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

interface Range {
  readonly name: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

/** Refuses a question outside of what the model can answer; NaN is outside of everything. */
export function checkedCharge(o: {
  start: ChargeStart;
  plan: ChargePlan;
  doubt: { soc: number; capacityShare: number; resistanceShare: number; cell_K: number };
}): Outcome<undefined, ForecastProblem> {
  const { start, plan, doubt } = o;
  const ranges: readonly Range[] = [
    { name: "cells", value: start.cells, min: 1, max: 1000 },
    { name: "capacity_Ah", value: start.capacity_Ah, min: 0.1, max: 10_000 },
    { name: "soc", value: start.soc, min: 0, max: 1 },
    { name: "fullestSoc", value: start.fullestSoc, min: start.soc, max: 1 },
    { name: "cell_degC", value: start.cell_degC, min: -40, max: 70 },
    { name: "coldest_K", value: start.coldest_K, min: -20, max: 0 },
    { name: "hottest_K", value: start.hottest_K, min: 0, max: 20 },
    { name: "capacityFactor", value: start.capacityFactor, min: 0.3, max: 1.2 },
    { name: "resistanceFactor", value: start.resistanceFactor, min: 0.2, max: 10 },
    { name: "charger_kW", value: plan.charger_kW, min: 0.1, max: 2000 },
    { name: "currentMax_A", value: plan.currentMax_A, min: 0.1, max: 10_000 },
    { name: "targetSoc", value: plan.targetSoc, min: 0, max: 1 },
    { name: "ambient_degC", value: plan.ambient_degC, min: -40, max: 55 },
    { name: "doubt.soc", value: doubt.soc, min: 0, max: 1 },
    { name: "doubt.capacityShare", value: doubt.capacityShare, min: 0, max: 0.5 },
    { name: "doubt.resistanceShare", value: doubt.resistanceShare, min: 0, max: 0.9 },
    { name: "doubt.cell_K", value: doubt.cell_K, min: 0, max: 20 },
  ];
  // Also true of NaN.
  const wrong = ranges.find(({ value, min, max }) => !(value >= min && value <= max));
  return wrong === undefined
    ? accepted(undefined)
    : refused({ code: "FORECAST_OUT_OF_RANGE", ...wrong });
}
