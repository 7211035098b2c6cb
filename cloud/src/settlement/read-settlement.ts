import {
  accountAction,
  chargePointOf,
  decodeContractResult,
  decodeOpening,
  decodeSessionResult,
  decodeTradeRecord,
  moduleNumber,
  pileAction,
  type Result,
  type SessionRecord,
  type StateTree,
  sessionAction,
  type TradeRecord,
  v2vAction,
} from "@voltfog/ledger";
import { toHex } from "@voltfog/runtime";
import type {
  ContractRow,
  CorrectionRow,
  RowOrigin,
  SessionRow,
  TradeRow,
} from "./settlement-row.ts";

/** What a final result says to the settlement: it settled something, or who vouched for an account. */
export type SettlementNews =
  | { readonly kind: "settled"; readonly row: Omit<SessionRow, "home"> }
  /** The record as it stands after it; what moved follows from the one before. */
  | {
      readonly kind: "resolved" | "repaid";
      readonly origin: RowOrigin;
      readonly sessionId: string;
      readonly session: SessionRecord;
    }
  | { readonly kind: "contract"; readonly row: ContractRow }
  | { readonly kind: "trade"; readonly row: TradeRow }
  | { readonly kind: "opened"; readonly account: string; readonly by: Uint8Array };

interface Place {
  readonly index: number;
  readonly time_ms: number;
}

/** undefined for results that settle nothing. The state says where a charge point stands. */
export function readSettlement(
  result: Result,
  place: Place,
  state: StateTree,
): SettlementNews | undefined {
  if (result.code !== "OK") return undefined;
  if (result.module === moduleNumber.sessions) return readSession(result, place, state);
  if (result.module === moduleNumber.piles) return readContract(result, place);
  if (result.module === moduleNumber.v2v) return readTrade(result, place);
  if (result.module === moduleNumber.accounts) return readOpening(result);
  return undefined;
}

function originOf({ height, txHash }: Result, { index, time_ms }: Place): RowOrigin {
  return { resultIndex: index, height, transaction: toHex(txHash), settled_ms: time_ms };
}

const settling: readonly number[] = [
  sessionAction.settle,
  sessionAction.settleOffline,
  sessionAction.expire,
];

function readSession(result: Result, place: Place, state: StateTree): SettlementNews | undefined {
  const { action } = result;
  const decoded = decodeSessionResult(result.data);
  if (!decoded.ok) return undefined;
  const { session } = decoded.value;
  const sessionId = toHex(decoded.value.sessionId);
  const origin = originOf(result, place);
  if (action === sessionAction.resolve) return { kind: "resolved", origin, sessionId, session };
  if (action === sessionAction.payShortfall) return { kind: "repaid", origin, sessionId, session };
  const row = settling.includes(action)
    ? sessionRow(session, { sessionId, origin, state })
    : undefined;
  return row && { kind: "settled", row };
}

function sessionRow(
  session: SessionRecord,
  known: { sessionId: string; origin: RowOrigin; state: StateTree },
): Omit<SessionRow, "home"> | undefined {
  const { settlement, meter } = session;
  if (settlement === undefined || meter === undefined) return undefined;
  const point = chargePointOf(known.state, session.chargePoint);
  const key = toHex(session.chargePoint);
  return {
    kind: "session",
    sessionId: known.sessionId,
    ...known.origin,
    operator: session.organisation,
    driver: toHex(session.driver),
    chargePointKey: key,
    pileId: point?.pileId ?? key.slice(0, 36),
    plugType: session.plugType,
    power_W: point?.power_W ?? 0,
    latitude_deg: (point?.latitude ?? 0) / 1e6,
    longitude_deg: (point?.longitude ?? 0) / 1e6,
    started_ms: meter.start_ms,
    ended_ms: meter.last_ms,
    meterBegin_Wh: meter.start_Wh,
    // What is settled is what is charged for; a meter that ran beyond the limit is not followed there.
    meterEnd_Wh: meter.start_Wh + settlement.energy_Wh,
    pricePerKWh: session.pricePerKWh,
    sessionFee: session.sessionFee,
    beans_Wh: settlement.beans_Wh,
    cost: settlement.paid,
    meterHash: toHex(settlement.receiptHash),
    shortfall: settlement.shortfall,
  };
}

/** What moved after the settlement, given what was still owed before. */
export function correctionOf(
  news: Extract<SettlementNews, { kind: "resolved" | "repaid" }>,
  before: { home: string; pileId: string; owed: number },
): CorrectionRow | undefined {
  const { origin, session, sessionId, kind } = news;
  const { settlement, resolution } = session;
  if (settlement === undefined) return undefined;
  const fell = Math.max(0, before.owed - settlement.shortfall);
  const { refund, unpaid } = resolution ?? { refund: 0, unpaid: 0 };
  const { home, pileId } = before;
  const names = { sessionId, operator: session.organisation, driver: toHex(session.driver) };
  const isRefund = kind === "resolved";
  return {
    ...{ kind: "correction", reason: isRefund ? "refund" : "shortfall", ...origin, ...names },
    ...{ home, pileId },
    moved: isRefund ? Math.max(0, refund - unpaid - fell) : fell,
    unpaid: isRefund ? unpaid : 0,
    forgiven: isRefund ? fell : 0,
  };
}

const contractActions: readonly number[] = [
  pileAction.deliver,
  pileAction.confirm,
  pileAction.ringConfirm,
  pileAction.timeout,
  pileAction.resolve,
];

function readContract(result: Result, place: Place): SettlementNews | undefined {
  if (!contractActions.includes(result.action)) return undefined;
  const decoded = decodeContractResult(result.data);
  if (!decoded.ok) return undefined;
  const { contractId, contract } = decoded.value;
  const { settlement, window } = contract;
  // A word that comes after the settlement finds it there with the time of an earlier block.
  if (contract.state !== "settled" || settlement?.time_ms !== place.time_ms) return undefined;
  const { delivered_Wh, toGrid_Wh, fromGrid_Wh, paid, returned } = settlement;
  const { zone, energy_Wh, cost, cataloguePricePerKWh, baselineCost } = contract;
  return {
    kind: "contract",
    row: {
      ...{ kind: "contract", ...originOf(result, place), contractId: toHex(contractId), zone },
      pileKey: toHex(contract.pileKey),
      ...{ buyer: toHex(contract.buyer), owner: toHex(contract.owner) },
      ...{ energy_Wh, delivered_Wh, toGrid_Wh, fromGrid_Wh, cost, paid, returned },
      ...{ cataloguePricePerKWh, baselineCost, ...window },
    },
  };
}

const tradeActions: readonly number[] = [v2vAction.deliver, v2vAction.resolve, v2vAction.expire];

function readTrade(result: Result, place: Place): SettlementNews | undefined {
  if (!tradeActions.includes(result.action)) return undefined;
  const decoded = decodeTradeRecord(result.data);
  if (!decoded.ok) return undefined;
  const trade = decoded.value;
  const { state } = trade;
  if (state === "open" || state === "disputed") return undefined;
  const { energy_Wh, pricePerKWh, energyCost, fee, meetingPoint, matched_ms } = trade;
  const { paid, refunded, toPlatform } = trade;
  return {
    kind: "trade",
    row: {
      ...{ kind: "trade", ...originOf(result, place), tradeId: toHex(trade.id), state },
      ...{ buyOrder: toHex(trade.buyOrder), sellOrder: toHex(trade.sellOrder) },
      ...{ buyer: toHex(trade.consumer), seller: toHex(trade.provider) },
      buyerVehicle: toHex(trade.consumerVehicle),
      sellerVehicle: toHex(trade.providerVehicle),
      ...{ meetingPoint, energy_Wh, ...countsOf(trade) },
      ...{ pricePerKWh, energyCost, fee, paid, refunded, toPlatform, matched_ms },
    },
  };
}

/** What was received counts; where the authority had to divide, what no battery denies. */
function countsOf({
  state,
  given,
  received,
}: TradeRecord): Pick<TradeRow, "given_Wh" | "received_Wh" | "delivered_Wh"> {
  const [given_Wh, received_Wh] = [given?.energy_Wh ?? 0, received?.energy_Wh ?? 0];
  const delivered_Wh = state === "paid" ? received_Wh : Math.min(given_Wh, received_Wh);
  return { given_Wh, received_Wh, delivered_Wh };
}

function readOpening({ action, data, sender }: Result): SettlementNews | undefined {
  if (action !== accountAction.open) return undefined;
  const opening = decodeOpening(data);
  return opening.ok ? { kind: "opened", account: toHex(opening.value.key), by: sender } : undefined;
}
