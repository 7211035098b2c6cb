import type { Origin } from "./shapes.ts";

/** What /v1/maintenance/* and /v1/alerts answer. */

/** The truth lies between low and high in 9 of 10 cases. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** final: rests on final frames alone; none: no record stands behind it. */
export type RecordFinality = "final" | "none";

export interface RankedVehicle {
  readonly vehicleId: string;
  readonly faultProbability: Interval;
  readonly expectedCost_EUR: number;
  readonly because: string;
  readonly day: string;
  readonly soh: number | null;
  readonly anomalyScore: number;
  readonly safetyScore: number;
  readonly remainingLife_d: number | null;
  readonly openOrder: number | null;
  readonly origin: Origin;
  readonly finality: RecordFinality;
  readonly estimator: string;
}

export interface Ranking {
  readonly horizon_d: number;
  readonly failure_EUR: number;
  readonly inspection_EUR: number;
  readonly learned: {
    readonly factor: number;
    readonly fixed: number;
    readonly falseAlarms: number;
    readonly precision: Interval | null;
  };
  readonly vehicles: readonly RankedVehicle[];
}

/** One slot of the plan; without an order it is a suggestion. */
export interface PlanSlot {
  readonly vehicleId: string;
  readonly orderId: number | null;
  readonly work: string;
  readonly because: string;
  readonly depotId: string;
  readonly date: string;
  readonly waitingPerDay_EUR: number;
  readonly origin: Origin;
}

export interface Plan {
  readonly from: string;
  readonly days: number;
  readonly cost_EUR: number;
  readonly slots: readonly PlanSlot[];
  readonly unplaced: readonly string[];
}

export interface WorkOrder {
  readonly id: number;
  readonly vehicleId: string;
  readonly work: string;
  readonly reason: string;
  readonly faultProbability: number | null;
  readonly state: "open" | "done";
  readonly created_ms: number;
  readonly createdBy: string;
  readonly outcome: "fixed" | "false-alarm" | null;
  readonly outcomeNote: string | null;
  readonly outcome_ms: number | null;
}

export interface RunbookEntry {
  readonly id: string;
  readonly title: string;
  readonly meaning: string;
  readonly steps: readonly string[];
  readonly untilThen: string;
}

/** What somebody should look at; `cause` says what it rests on. */
export interface CareAlert {
  readonly id: number;
  readonly ruleId: string;
  readonly vehicleId: string;
  readonly level: number;
  readonly state: "open" | "acknowledged" | "closed";
  readonly first_ms: number;
  readonly last_ms: number;
  readonly times: number;
  readonly sentence: string;
  readonly runbook: string;
  readonly cause:
    | { readonly kind: "event"; readonly eventId: string }
    | { readonly kind: "indicator"; readonly day: string; readonly estimator: string };
  readonly origin: Origin;
  readonly escalated_ms: number | null;
  readonly acknowledged_ms: number | null;
  readonly acknowledgedBy: string | null;
  readonly note: string | null;
}
