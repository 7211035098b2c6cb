import type { Outcome } from "@voltfog/runtime";
import { type ChargeDoubt, type ChargeForecast, forecastCharge } from "./charge-forecast.ts";
import type { ChargePlan, ChargeStart } from "./charge-question.ts";
import type { ForecastProblem } from "./charge-ranges.ts";

export type SuggestionCode = "precondition" | "lower-power" | "stop-earlier";

/** A better way to charge, in words, with the two numbers that say so. */
export interface ControlSuggestion {
  readonly code: SuggestionCode;
  readonly sentence: string;
  /** What the plan gives, and what the suggestion would; in `unit`. */
  readonly now: number;
  readonly then: number;
  readonly unit: "min" | "share";
}

/** A change that saves less than this is not worth a word. */
const timeShare = 0.9;
const slowerShare = 1.1;
const wearShare = 0.85;
/** Most of what a charge wears is worn above this. */
const sparing = 0.8;

/** What would make a planned charge quicker or spare the pack; none where there is nothing to charge. Cost: four more forecasts. */
export function controlSuggestions(o: {
  start: ChargeStart;
  plan: ChargePlan;
  doubt: ChargeDoubt;
}): readonly ControlSuggestion[] {
  if (o.plan.targetSoc <= o.start.soc) return [];
  const plain = made(forecastCharge(o));
  if (plain === undefined) return [];
  const other = (plan: Partial<ChargePlan>): ChargeForecast | undefined =>
    made(forecastCharge({ ...o, plan: { ...o.plan, ...plan } }));
  const warmed = o.plan.isPreconditioned ? undefined : other({ isPreconditioned: true });
  const isLong = o.plan.targetSoc > sparing + 0.05 && o.start.soc < sparing - 0.05;
  return [
    warmed && precondition(plain, warmed),
    lowerPower(plain, other({ charger_kW: o.plan.charger_kW / 2 }), o.plan),
    stopEarlier(plain, isLong ? other({ targetSoc: sparing }) : undefined),
  ].filter((each) => each !== undefined);
}

function precondition(
  plain: ChargeForecast,
  warmed: ChargeForecast,
): ControlSuggestion | undefined {
  if (warmed.end !== "reached") return undefined;
  const then = warmed.duration_s.value / 60;
  const now = plain.duration_s.value / 60;
  const cost = `${(warmed.heating_Wh / 1000).toFixed(1)} kWh of heat`;
  const rest = { code: "precondition", now, then, unit: "min" } as const;
  if (plain.end !== "reached") {
    const sentence = `Heat the coolant: without it the charge does not reach its target (${plain.limit}), with it it takes ${then.toFixed(0)} min for ${cost}.`;
    return { ...rest, sentence };
  }
  if (then > timeShare * now) return undefined;
  const sentence = `Heat the coolant: ${then.toFixed(0)} in place of ${now.toFixed(0)} min for ${cost}.`;
  return { ...rest, sentence };
}

function lowerPower(
  full: ChargeForecast,
  half: ChargeForecast | undefined,
  plan: ChargePlan,
): ControlSuggestion | undefined {
  if (full.end !== "reached" || half?.end !== "reached") return undefined;
  const now = full.duration_s.value / 60;
  const then = half.duration_s.value / 60;
  if (then > slowerShare * now) return undefined;
  const sentence = `A charger of ${(plan.charger_kW / 2).toFixed(0)} kW is enough: ${then.toFixed(0)} min, with all of it ${now.toFixed(0)} min, since ${full.limit} holds the current back.`;
  return { code: "lower-power", sentence, now, then, unit: "min" };
}

function stopEarlier(
  full: ChargeForecast,
  earlier: ChargeForecast | undefined,
): ControlSuggestion | undefined {
  if (earlier?.end !== "reached") return undefined;
  const [now, then] = [full.wear.value, earlier.wear.value];
  if (!(then < wearShare * now)) return undefined;
  const sentence = `Stop at 80 % where the way allows it: ${(100 * (1 - then / now)).toFixed(0)} % less wear for this charge.`;
  return { code: "stop-earlier", sentence, now, then, unit: "share" };
}

function made<T>(outcome: Outcome<T, ForecastProblem>): T | undefined {
  return outcome.ok ? outcome.value : undefined;
}
