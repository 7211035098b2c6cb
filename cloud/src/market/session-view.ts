import { chargePointOf, type SessionRecord, sessionOf } from "@voltfog/ledger";
import type { MarketSessionView } from "@voltfog/messages";
import { fromHex, toHex } from "@voltfog/runtime";
import type { Row } from "./market-book.ts";
import type { MarketReading } from "./market-reading.ts";
import { operatorLabel } from "./session-news.ts";

/** Which sessions are asked for. */
export interface SessionQuery {
  readonly key?: string;
  readonly operator?: string;
  /** UTC day of the last change, YYYY-MM-DD. */
  readonly day?: string;
  readonly before: number;
  readonly limit: number;
}

export function sessionViews(
  reading: MarketReading,
  query: SessionQuery,
): readonly MarketSessionView[] {
  const { key, operator, day, before, limit } = query;
  const label = operator === undefined ? undefined : operatorLabel(operator);
  const rows = reading.book.newest("session", {
    ...{ label: key ?? label, before, limit },
    where: (row) =>
      (label === undefined || row.labels.has(label)) &&
      (day === undefined || new Date(row.time_ms).toISOString().startsWith(day)),
  });
  return rows.flatMap((row) => viewOf(reading, row));
}

export function sessionView(reading: MarketReading, id: string): MarketSessionView | undefined {
  const row = reading.book.row("session", id);
  return row === undefined ? undefined : viewOf(reading, row)[0];
}

function viewOf({ state }: MarketReading, row: Row): readonly MarketSessionView[] {
  const record = sessionOf(state, fromHex(row.id) ?? new Uint8Array());
  if (record === undefined) return [];
  const { settlement, dispute } = record;
  const { id, index, transaction, height, time_ms } = row;
  return [
    {
      id,
      index,
      driver: toHex(record.driver),
      chargePointKey: toHex(record.chargePoint),
      pileId: chargePointOf(state, record.chargePoint)?.pileId ?? null,
      organisation: record.organisation,
      state: record.state,
      pricePerKWh: record.pricePerKWh,
      sessionFee: record.sessionFee,
      limitAmount: record.limitAmount,
      limit_Wh: record.limit_Wh,
      expiry_ms: record.expiry_ms,
      energy_Wh: settlement?.energy_Wh ?? measured_Wh(record),
      beans_Wh: settlement?.beans_Wh ?? null,
      cost: settlement?.paid ?? null,
      shortfall: settlement?.shortfall ?? null,
      meterHash: settlement === undefined ? null : toHex(settlement.receiptHash),
      vehicleEnergy_Wh: dispute?.vehicleEnergy_Wh ?? null,
      refund: record.resolution?.refund ?? null,
      ...{ transaction, height, time_ms },
    },
  ];
}

function measured_Wh({ meter }: SessionRecord): number {
  return meter === undefined ? 0 : meter.last_Wh - meter.start_Wh;
}
