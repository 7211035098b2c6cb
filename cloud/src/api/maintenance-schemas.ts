import type { Attribution, Warranty } from "@voltfog/battery";
import type {
  AttributionView,
  ForecastPoint,
  HealthDay,
  HealthView,
} from "../maintenance/health-view.ts";
import type { FleetWeek } from "../maintenance/indicator-store.ts";
import type { Learned } from "../maintenance/learned-factor.ts";
import type {
  Interval,
  PlanView,
  RankedView,
  RankingView,
  SlotView,
} from "../maintenance/maintenance-desk.ts";
import type { RunbookEntry } from "../maintenance/runbook.ts";
import { outcomes, type WorkOrder, workKinds } from "../maintenance/work-order-store.ts";
import type { GapView } from "./responses.ts";
import {
  flag,
  type JsonSchema,
  listOf,
  nullable,
  number,
  objectOf,
  oneOf,
  text,
  whole,
} from "./schema.ts";

const origin = oneOf(["measured", "replayed", "simulated"]);
const finality = {
  ...oneOf(["final", "none"]),
  description: "final: rests on final frames alone; none: no record stands behind it",
};
const interval = objectOf<Interval>({ value: number, low: number, high: number });

export const runbookSchema: JsonSchema = objectOf<RunbookEntry>({
  id: text(),
  title: text(),
  meaning: text(),
  steps: listOf(text()),
  untilThen: text(),
});

const ranked = objectOf<RankedView>({
  vehicleId: text(),
  faultProbability: interval,
  expectedCost_EUR: number,
  because: text(),
  day: text("the day that it rests on"),
  soh: nullable(number),
  anomalyScore: number,
  safetyScore: number,
  remainingLife_d: nullable(number),
  openOrder: nullable(whole),
  origin,
  finality,
  estimator: text(),
});

const learned = objectOf<Learned>({
  factor: { ...number, description: "probabilities are multiplied by it" },
  fixed: whole,
  falseAlarms: whole,
  precision: nullable(interval),
});

export const rankingSchema: JsonSchema = objectOf<RankingView>({
  horizon_d: number,
  failure_EUR: number,
  inspection_EUR: number,
  learned,
  vehicles: listOf(ranked),
});

const slot = objectOf<SlotView>({
  vehicleId: text(),
  orderId: nullable(whole),
  work: text(),
  because: text(),
  depotId: text(),
  date: text(),
  waitingPerDay_EUR: number,
  origin,
});

export const planSchema: JsonSchema = objectOf<PlanView>({
  from: text(),
  days: whole,
  cost_EUR: number,
  slots: listOf(slot),
  unplaced: listOf(text()),
});

export const workOrderSchema: JsonSchema = objectOf<WorkOrder>({
  id: whole,
  vehicleId: text(),
  work: oneOf(workKinds),
  reason: text(),
  alertId: nullable(whole),
  faultProbability: nullable(number),
  state: oneOf(["open", "done"]),
  created_ms: whole,
  createdBy: text(),
  outcome: nullable(oneOf(outcomes)),
  outcomeNote: nullable(text()),
  outcome_ms: nullable(whole),
  outcomeBy: nullable(text()),
});

const healthDay = objectOf<HealthDay>({
  day: text(),
  estimator: text(),
  version: text(),
  issued_ms: whole,
  origin,
  finality,
  samples: whole,
  covered_s: number,
  soh: nullable(interval),
  cellHealth: nullable(interval),
  resistance_Ohm: nullable(interval),
  imbalance_mV: nullable(number),
  temperatureSpread_K: nullable(number),
  timeHot_s: number,
  timeCold_s: number,
  timeHighSoc_s: number,
  timeLowSoc_s: number,
  fastChargeShare: number,
  throughput_Ah: number,
  fullCycles: number,
  distance_km: nullable(number),
  anomalyScore: number,
  safetyScore: number,
  remainingLife_d: nullable(interval),
  remainingLifeCycles: nullable(interval),
  isRecalibrated: flag,
});

const partNames: readonly (keyof Attribution)[] = [
  ...(["total", "ageing", "temperature", "imbalance", "recalibration"] as const),
  ...(["estimator", "unexplained"] as const),
];
const parts = Object.fromEntries(partNames.map((name) => [name, number])) as Readonly<
  Record<keyof Attribution, JsonSchema>
>;

const crossing = nullable(number);
const warranty = objectOf<Warranty>({
  status: oneOf(["kept", "at-risk", "broken", "over"]),
  asked: nullable(number),
  margin: nullable(interval),
  crossing_d: objectOf<Warranty["crossing_d"]>({ value: crossing, low: crossing, high: crossing }),
  ends_d: number,
});

const gap = objectOf<GapView>({
  stream: oneOf(["telemetry", "urgent"]),
  from_ms: whole,
  to_ms: whole,
  samples: whole,
  firstSequence: whole,
  lastSequence: whole,
  cause: text(),
  unitId: text(),
});

/** How each figure of the health page is known, so that no reader has to guess. */
export const known: Readonly<Record<string, string>> = {
  samples: "measured",
  imbalance_mV: "measured",
  temperatureSpread_K: "measured",
  throughput_Ah: "measured",
  fullCycles: "measured",
  soh: "estimated",
  cellHealth: "estimated",
  resistance_Ohm: "estimated",
  anomalyScore: "estimated",
  safetyScore: "estimated",
  attributions: "estimated",
  remainingLife_d: "forecast",
  remainingLifeCycles: "forecast",
  forecast: "forecast",
  warranty: "forecast",
};

/** What is known and what is missing of the vehicle's data. */
export interface QualityView {
  readonly firstDay: string;
  readonly lastDay: string;
  readonly days: number;
  /** Days between the first and the last without any figure. */
  readonly daysMissing: number;
  readonly gaps: readonly GapView[];
}

export type HealthAnswer = HealthView & {
  readonly known: typeof known;
  readonly quality: QualityView;
};

export const healthSchema: JsonSchema = objectOf<HealthAnswer>({
  vehicleId: text(),
  origin: oneOf(["measured", "replayed", "simulated", "mixed"]),
  days: listOf(healthDay),
  attributions: listOf(objectOf<AttributionView>({ from: text(), to: text(), ...parts })),
  forecast: listOf(objectOf<ForecastPoint>({ day: text(), cellHealth: interval })),
  warranty: nullable(warranty),
  known: { type: "object", additionalProperties: { type: "string" } },
  quality: objectOf<QualityView>({
    firstDay: text(),
    lastDay: text(),
    days: whole,
    daysMissing: whole,
    gaps: listOf(gap),
  }),
});

export const weekSchema: JsonSchema = objectOf<FleetWeek>({
  week: text("its Monday"),
  vehicles: whole,
  simulated: whole,
  days: whole,
  sohLow: nullable(number),
  sohMedian: nullable(number),
  sohHigh: nullable(number),
  anomalous: whole,
  unsafe: whole,
  fullCycles: number,
});
