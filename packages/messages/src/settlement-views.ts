/**
 * What the cloud answers under /v1/settlement: amounts are whole millionths of the union's currency, times
 * milliseconds since the Unix epoch, days in UTC.
 */

/** What one operator's drivers charged at another's piles on one day. */
export interface ClearingLineView {
  /** Who vouched for the drivers; null where it was the union's own desk. */
  readonly home: string | null;
  /** Whose charge points they were. */
  readonly operator: string;
  readonly sessions: number;
  readonly energy_Wh: number;
  /** Of the energy, paid with the operator's beans. */
  readonly beans_Wh: number;
  /** Paid with money, less what was given back that day. */
  readonly amount: number;
}

/** One operator's day over all lines. The sum of all `net` is 0. */
export interface ClearingPositionView {
  /** null: the union's own desk, for drivers whom no operator vouched for. */
  readonly organisation: string | null;
  /** From drivers of others at its piles. */
  readonly receives: number;
  /** For its own drivers at piles of others. */
  readonly owes: number;
  readonly net: number;
}

/** The day's clearing between operators. */
export interface DayClearingView {
  /** As 2026-05-03. */
  readonly day: string;
  readonly currency: string;
  /** Whether the day is over and every block of it was read: then it changes no more. */
  readonly isFinal: boolean;
  /** When the chain's first block was; null before there is one. Nothing is settled on a day before it. */
  readonly chainBegan_ms: number | null;
  readonly sessions: number;
  readonly energy_Wh: number;
  readonly beans_Wh: number;
  readonly amount: number;
  /** Given back that day after disputes; taken off in the lines. */
  readonly refunds: number;
  readonly lines: readonly ClearingLineView[];
  readonly positions: readonly ClearingPositionView[];
  /** Contracts of private piles that were settled that day. */
  readonly contracts: {
    readonly count: number;
    readonly energy_Wh: number;
    readonly amount: number;
  };
  /** Trades between vehicles of which the escrow was settled that day. */
  readonly trades: {
    readonly count: number;
    readonly energy_Wh: number;
    readonly amount: number;
  };
}

export type SettlementReportKind = "day" | "quarter" | "year" | "pile" | "user";

/** One line of a report. */
export interface SettlementReportRow {
  /** The day, quarter (2026-Q2) or year; the pile's id or key; the driver's or buyer's key. */
  readonly name: string;
  readonly sessions: number;
  readonly contracts: number;
  /** Between vehicles; none by pile. */
  readonly trades: number;
  readonly energy_Wh: number;
  readonly beans_Wh: number;
  readonly amount: number;
}

/** How much a pile is used, over the last 28 days, and what to do about it. */
export interface PileAdviceView {
  readonly pile: string;
  /** Of a charge point its operator; null for a private pile. */
  readonly operator: string | null;
  readonly sessions: number;
  readonly energy_Wh: number;
  /** Share of the time that it could charge and did; 0..1. */
  readonly utilisation: number;
  readonly advice: "early" | "idle" | "ordinary" | "missing";
  readonly sentence: string;
}

/** How far the operators' database is. */
export interface SettlementExportView {
  readonly state: "off" | "following" | "failing";
  /** Why it fails, by the code of docs/operations/settlement.md; null while it does not. */
  readonly code: string | null;
  readonly message: string | null;
  readonly since_ms: number | null;
  /** Rows in the database. */
  readonly rows: number;
  /** Settled rows that it has not got yet. */
  readonly waiting: number;
  /** Orders whose row is there, and whose acknowledgement the chain has not made final yet. */
  readonly unacknowledged: number;
  /** Whether the database keeps what it confirmed through a loss of power; null before it was asked. */
  readonly isDurable: boolean | null;
}
