import type { SettledSession } from "@voltfog/market";
import type { ContractRow, CorrectionRow, SessionRow, TradeRow } from "../settlement-row.ts";

/** A session of ten kilowatt-hours at 0.30 and a fee of 0.50, changed as told. */
export function settledSession(changes: Partial<SettledSession> = {}): SettledSession {
  return {
    sessionId: "00112233445566778899aabbccddeeff",
    resultIndex: 41,
    height: 17,
    transaction: "ab".repeat(32),
    settled_ms: Date.UTC(2026, 4, 3, 12, 0, 1),
    operator: "operator-1",
    home: "operator-2",
    driver: "cd".repeat(32),
    chargePointKey: "ef".repeat(32),
    pileId: "PILE-7",
    plugType: 1,
    power_W: 11_000,
    latitude_deg: 48.137,
    longitude_deg: 11.575,
    started_ms: Date.UTC(2026, 4, 3, 11),
    ended_ms: Date.UTC(2026, 4, 3, 12),
    meterBegin_Wh: 1000,
    meterEnd_Wh: 11_000,
    pricePerKWh: 300_000,
    sessionFee: 500_000,
    beans_Wh: 0,
    cost: 3_500_000,
    meterHash: "01".repeat(32),
    ...changes,
  };
}

export function sessionRow(changes: Partial<SessionRow> = {}): SessionRow {
  return { ...settledSession(), kind: "session", shortfall: 0, ...changes };
}

/** Something given back of the same session, an hour later. */
export function correctionRow(changes: Partial<CorrectionRow> = {}): CorrectionRow {
  const { sessionId, operator, home, driver, pileId, transaction } = settledSession();
  return {
    ...{ kind: "correction", reason: "refund", sessionId, operator, home, driver, pileId },
    ...{ resultIndex: 57, height: 25, transaction },
    settled_ms: Date.UTC(2026, 4, 3, 13, 0, 1),
    ...{ moved: 1_000_000, unpaid: 0, forgiven: 0 },
    ...changes,
  };
}

/** Four kilowatt-hours from a private pile. */
export function contractRow(changes: Partial<ContractRow> = {}): ContractRow {
  return {
    ...{ kind: "contract", contractId: "22".repeat(16), zone: 3, pileKey: "33".repeat(32) },
    ...{ buyer: "44".repeat(32), owner: "55".repeat(32), transaction: "66".repeat(32) },
    ...{ resultIndex: 43, height: 18, settled_ms: Date.UTC(2026, 4, 3, 12, 0, 2) },
    ...{ energy_Wh: 5000, delivered_Wh: 4000, toGrid_Wh: 1000, fromGrid_Wh: 0 },
    ...{ cost: 1_000_000, paid: 900_000, returned: 100_000 },
    ...{ cataloguePricePerKWh: 100_000, baselineCost: 1_500_000 },
    ...{ from_ms: Date.UTC(2026, 4, 3, 10), to_ms: Date.UTC(2026, 4, 3, 11) },
    ...changes,
  };
}

/** Five kilowatt-hours from vehicle to vehicle, of which 4.9 came over. */
export function tradeRow(changes: Partial<TradeRow> = {}): TradeRow {
  return {
    ...{ kind: "trade", tradeId: "77".repeat(16), state: "paid", meetingPoint: 4 },
    ...{ buyOrder: "78".repeat(16), sellOrder: "79".repeat(16) },
    ...{ buyer: "44".repeat(32), seller: "55".repeat(32) },
    ...{ buyerVehicle: "88".repeat(32), sellerVehicle: "99".repeat(32) },
    ...{ transaction: "aa".repeat(32), resultIndex: 61, height: 29 },
    settled_ms: Date.UTC(2026, 4, 3, 14, 0, 1),
    ...{ energy_Wh: 5000, given_Wh: 5000, received_Wh: 4900, delivered_Wh: 4900 },
    ...{ pricePerKWh: 300_000, energyCost: 1_500_000, fee: 75_000 },
    ...{ paid: 1_425_000, refunded: 0, toPlatform: 150_000 },
    matched_ms: Date.UTC(2026, 4, 3, 13),
    ...changes,
  };
}
