import type { ExportRow, ExportTable, ExportValue } from "./export-row.ts";
import type { SettlementRow } from "./settlement-row.ts";

const idLength = 32;
const keyLength = 64;
const nameLength = 64;
const pileLength = 36;

const sessions: ExportTable = {
  name: "voltfog_session",
  acknowledged: false,
  columns: [
    { name: "session_id", length: idLength },
    { name: "operator", length: nameLength },
    { name: "home", length: nameLength },
    { name: "driver", length: keyLength },
    { name: "charge_point", length: keyLength },
    { name: "pile_id", length: pileLength },
    { name: "plug_type" },
    { name: "begun_ms" },
    { name: "ended_ms" },
    { name: "meter_begin_wh" },
    { name: "meter_end_wh" },
    { name: "beans_wh" },
    { name: "price_per_kwh" },
    { name: "session_fee" },
    { name: "paid" },
    { name: "shortfall" },
    { name: "settled_ms" },
    { name: "height" },
    { name: "tx_hash", length: keyLength },
    { name: "meter_hash", length: keyLength },
  ],
};

const corrections: ExportTable = {
  name: "voltfog_correction",
  acknowledged: false,
  columns: [
    { name: "session_id", length: idLength },
    { name: "reason", length: 16 },
    { name: "operator", length: nameLength },
    { name: "home", length: nameLength },
    { name: "driver", length: keyLength },
    { name: "moved" },
    { name: "unpaid" },
    { name: "forgiven" },
    { name: "settled_ms" },
    { name: "height" },
    { name: "tx_hash", length: keyLength },
  ],
};

const contracts: ExportTable = {
  name: "voltfog_contract",
  acknowledged: true,
  columns: [
    { name: "contract_id", length: idLength },
    { name: "zone" },
    { name: "pile_key", length: keyLength },
    { name: "buyer", length: keyLength },
    { name: "owner", length: keyLength },
    { name: "energy_wh" },
    { name: "delivered_wh" },
    { name: "to_grid_wh" },
    { name: "from_grid_wh" },
    { name: "cost" },
    { name: "paid" },
    { name: "returned" },
    { name: "catalogue_price_per_kwh" },
    { name: "baseline_cost" },
    { name: "from_ms" },
    { name: "to_ms" },
    { name: "settled_ms" },
    { name: "height" },
    { name: "tx_hash", length: keyLength },
  ],
};

const trades: ExportTable = {
  name: "voltfog_trade",
  acknowledged: false,
  columns: [
    { name: "trade_id", length: idLength },
    { name: "state", length: 16 },
    { name: "buy_order", length: idLength },
    { name: "sell_order", length: idLength },
    { name: "buyer", length: keyLength },
    { name: "seller", length: keyLength },
    { name: "buyer_vehicle", length: keyLength },
    { name: "seller_vehicle", length: keyLength },
    { name: "meeting_point" },
    { name: "energy_wh" },
    { name: "given_wh" },
    { name: "received_wh" },
    { name: "delivered_wh" },
    { name: "price_per_kwh" },
    { name: "energy_cost" },
    { name: "fee" },
    { name: "paid" },
    { name: "refunded" },
    { name: "to_platform" },
    { name: "matched_ms" },
    { name: "settled_ms" },
    { name: "height" },
    { name: "tx_hash", length: keyLength },
  ],
};

/** What the operators' database gets, in the order in which it is written. */
export const exportTables: readonly ExportTable[] = [sessions, corrections, contracts, trades];

export function exportRowOf(row: SettlementRow): ExportRow {
  const { resultIndex } = row;
  if (row.kind === "session") return { table: sessions, resultIndex, values: sessionValues(row) };
  if (row.kind === "correction") {
    const { sessionId, reason, operator, home, driver, moved, unpaid, forgiven } = row;
    const values = [sessionId, reason, operator, home, driver, moved, unpaid, forgiven];
    return { table: corrections, resultIndex, values: [...values, ...originValues(row)] };
  }
  if (row.kind === "trade") return { table: trades, resultIndex, values: tradeValues(row) };
  const { contractId } = row;
  return { table: contracts, resultIndex, values: contractValues(row), contractId };
}

function sessionValues(row: Extract<SettlementRow, { kind: "session" }>): readonly ExportValue[] {
  return [
    ...[row.sessionId, row.operator, row.home, row.driver, row.chargePointKey, row.pileId],
    ...[row.plugType, row.started_ms, row.ended_ms, row.meterBegin_Wh, row.meterEnd_Wh],
    ...[row.beans_Wh, row.pricePerKWh, row.sessionFee, row.cost, row.shortfall],
    ...originValues(row),
    row.meterHash,
  ];
}

function contractValues(row: Extract<SettlementRow, { kind: "contract" }>): readonly ExportValue[] {
  return [
    ...[row.contractId, row.zone, row.pileKey, row.buyer, row.owner],
    ...[row.energy_Wh, row.delivered_Wh, row.toGrid_Wh, row.fromGrid_Wh],
    ...[row.cost, row.paid, row.returned, row.cataloguePricePerKWh, row.baselineCost],
    ...[row.from_ms, row.to_ms],
    ...originValues(row),
  ];
}

function tradeValues(row: Extract<SettlementRow, { kind: "trade" }>): readonly ExportValue[] {
  return [
    ...[row.tradeId, row.state, row.buyOrder, row.sellOrder, row.buyer, row.seller],
    ...[row.buyerVehicle, row.sellerVehicle, row.meetingPoint],
    ...[row.energy_Wh, row.given_Wh, row.received_Wh, row.delivered_Wh],
    ...[row.pricePerKWh, row.energyCost, row.fee, row.paid, row.refunded, row.toPlatform],
    row.matched_ms,
    ...originValues(row),
  ];
}

function originValues(row: SettlementRow): readonly ExportValue[] {
  return [row.settled_ms, row.height, row.transaction];
}
