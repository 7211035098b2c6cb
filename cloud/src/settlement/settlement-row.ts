import type { SettledSession } from "@voltfog/market";

/** Where a row comes from: the final result that made it. */
export interface RowOrigin {
  /** In the chain's log of results: no two rows have one. */
  readonly resultIndex: number;
  readonly height: number;
  /** Hash of the transaction, hex. */
  readonly transaction: string;
  /** Of the block. */
  readonly settled_ms: number;
}

export interface SessionRow extends SettledSession {
  readonly kind: "session";
  /** What the driver still owed when it was settled [millionths]. */
  readonly shortfall: number;
}

/** Money of a settled session that moved later: back to the driver, or what was still owed. */
export interface CorrectionRow extends RowOrigin {
  readonly kind: "correction";
  readonly reason: "refund" | "shortfall";
  readonly sessionId: string;
  readonly operator: string;
  readonly home: string;
  readonly driver: string;
  readonly pileId: string;
  /** That moved, between operator and driver [millionths]. */
  readonly moved: number;
  /** Of a refund, what the operator could not pay, and what was forgiven of a debt. */
  readonly unpaid: number;
  readonly forgiven: number;
}

/** A settled contract of a private pile. */
export interface ContractRow extends RowOrigin {
  readonly kind: "contract";
  readonly contractId: string;
  readonly zone: number;
  readonly pileKey: string;
  readonly buyer: string;
  readonly owner: string;
  readonly energy_Wh: number;
  readonly delivered_Wh: number;
  readonly toGrid_Wh: number;
  readonly fromGrid_Wh: number;
  readonly cost: number;
  readonly paid: number;
  readonly returned: number;
  readonly cataloguePricePerKWh: number;
  readonly baselineCost: number;
  readonly from_ms: number;
  readonly to_ms: number;
}

/** A trade between vehicles of which the escrow went somewhere: paid, divided by the authority, or sent back. */
export interface TradeRow extends RowOrigin {
  readonly kind: "trade";
  readonly tradeId: string;
  readonly state: "paid" | "resolved" | "expired";
  readonly buyOrder: string;
  readonly sellOrder: string;
  readonly buyer: string;
  readonly seller: string;
  readonly buyerVehicle: string;
  readonly sellerVehicle: string;
  readonly meetingPoint: number;
  /** As agreed; as each battery said, 0 where it said nothing; and what of it counts. */
  readonly energy_Wh: number;
  readonly given_Wh: number;
  readonly received_Wh: number;
  readonly delivered_Wh: number;
  readonly pricePerKWh: number;
  readonly energyCost: number;
  /** Of each side. */
  readonly fee: number;
  readonly paid: number;
  readonly refunded: number;
  readonly toPlatform: number;
  readonly matched_ms: number;
}

export type SettlementRow = SessionRow | CorrectionRow | ContractRow | TradeRow;

const day_ms = 86_400_000;

/** The day in UTC that a time falls on, as 2026-05-03. */
export function dayOf(time_ms: number): string {
  return new Date(time_ms).toISOString().slice(0, 10);
}

/** When the day begins; undefined for a text that is no day. */
export function dayBegin_ms(day: string): number | undefined {
  const begin_ms = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  return Number.isFinite(begin_ms) && dayOf(begin_ms) === day ? begin_ms : undefined;
}

/** When the day is over. */
export function dayEnd_ms(begin_ms: number): number {
  return begin_ms + day_ms;
}
