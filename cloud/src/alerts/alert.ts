import type { DataOrigin } from "@voltfog/messages";

export type AlertState = "open" | "acknowledged" | "closed";

/** What an alert rests on: an event of a unit, or a day's indicators of one estimator. */
export type AlertCause =
  | { readonly kind: "event"; readonly eventId: string }
  | { readonly kind: "indicator"; readonly day: string; readonly estimator: string };

/** Something that somebody should look at, from when it begins until it is over. */
export interface Alert {
  readonly id: number;
  /** The same condition has the same key, however often it is found. */
  readonly key: string;
  readonly ruleId: string;
  readonly vehicleId: string;
  /** 1 to 3: the highest that it reached. */
  readonly level: number;
  readonly state: AlertState;
  readonly first_ms: number;
  readonly last_ms: number;
  /** When it last became open, by this process's clock: escalation counts from here. */
  readonly opened_ms: number;
  /** How often it was found. */
  readonly times: number;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly sentence: string;
  /** What to do is under this name in the runbook. */
  readonly runbook: string;
  readonly cause: AlertCause;
  readonly origin: DataOrigin;
  readonly escalated_ms: number | null;
  readonly acknowledged_ms: number | null;
  readonly acknowledgedBy: string | null;
  readonly note: string | null;
  readonly closed_ms: number | null;
}

/** What a rule found: a condition at a level, or over where the level is 0. */
export interface AlertFinding {
  readonly key: string;
  readonly ruleId: string;
  readonly vehicleId: string;
  readonly level: number;
  /** When it was so, by who measured it. */
  readonly at_ms: number;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
  readonly sentence: string;
  readonly runbook: string;
  readonly cause: AlertCause;
  readonly origin: DataOrigin;
}

/** What receivers are told about. */
export type AlertNews = "raised" | "worse" | "escalated" | "closed";

/** How messages begin. */
export const newsWords: Readonly<Record<AlertNews, string>> = {
  raised: "New alert",
  worse: "Alert has grown",
  escalated: "Nobody has acknowledged",
  closed: "Over",
};
