import {
  linkedVehicleOf,
  type MeetingPoint,
  meetingPointsOf,
  type OrderRecord,
  type TradeRecord,
  v2vOrderOf,
  v2vTradeOf,
  vehiclesOf,
} from "@voltfog/ledger";
import type {
  LinkedVehicleView,
  MarketOrderView,
  MarketPlaceView,
  MarketTradeView,
} from "@voltfog/messages";
import { fromHex, toHex } from "@voltfog/runtime";
import { type Position, straightDirections } from "./directions.ts";
import type { Row, RowQuery } from "./market-book.ts";
import type { MarketReading } from "./market-reading.ts";
import { MarketRefusal } from "./market-refusal.ts";

const million = 1_000_000;
const millimetresPerMetre = 1000;

export function orderViews(reading: MarketReading, query: RowQuery): readonly MarketOrderView[] {
  return reading.book.newest("order", query).flatMap((row) => {
    const record = v2vOrderOf(reading.state, bytesOf(row.id));
    return record === undefined ? [] : [orderView(record, row)];
  });
}

function orderView(record: OrderRecord, row: Row): MarketOrderView {
  const { id, index, transaction, height, time_ms } = row;
  const { side, pricePerKWh } = record;
  return {
    id,
    index,
    side,
    key: toHex(record.account),
    vehicle: toHex(record.vehicle),
    usePerKm_Wh: record.usePerKm_Wh,
    energy_Wh: record.energy_Wh,
    spare_Wh: side === "sell" ? record.spare_Wh : null,
    funds: side === "buy" ? record.funds : null,
    pricePerKWh: side === "buy" && pricePerKWh === 0 ? null : pricePerKWh,
    ownPricePerKWh: record.ownPricePerKWh,
    place: placeOf(record.position),
    state: record.state,
    ...{ transaction, height, time_ms },
    belowWear: null,
  };
}

export function tradeViews(reading: MarketReading, query: RowQuery): readonly MarketTradeView[] {
  const points = meetingPointsOf(reading.state);
  return reading.book.newest("trade", query).flatMap((row) => {
    const record = v2vTradeOf(reading.state, bytesOf(row.id));
    return record === undefined ? [] : [tradeView({ record, row, points })];
  });
}

/** undefined for a trade that the book does not list. */
export function oneTradeView(reading: MarketReading, id: string): MarketTradeView | undefined {
  const row = reading.book.row("trade", id);
  const record = row && v2vTradeOf(reading.state, bytesOf(id));
  if (row === undefined || record === undefined) return undefined;
  return tradeView({ record, row, points: meetingPointsOf(reading.state) });
}

function tradeView(found: {
  record: TradeRecord;
  row: Row;
  points: readonly MeetingPoint[];
}): MarketTradeView {
  const { record, row, points } = found;
  const { id, index, transaction, height, time_ms } = row;
  return {
    id,
    index,
    buyOrder: toHex(record.buyOrder),
    sellOrder: toHex(record.sellOrder),
    buyer: toHex(record.consumer),
    seller: toHex(record.provider),
    buyerVehicle: toHex(record.consumerVehicle),
    sellerVehicle: toHex(record.providerVehicle),
    energy_Wh: record.energy_Wh,
    pricePerKWh: record.pricePerKWh,
    energyCost: record.energyCost,
    fee: record.fee,
    unitCost: record.unitCost,
    unitProfit: record.unitProfit,
    meetingPoint: nameOf(record.meetingPoint, points),
    place: placeOf(record.position),
    state: record.state,
    expires_ms: record.expires_ms,
    given: record.given ?? null,
    received: record.received ?? null,
    paid: record.paid,
    refunded: record.refunded,
    ...{ transaction, height, time_ms },
  };
}

export function vehicleViews(
  { state }: MarketReading,
  account: Uint8Array,
  nameOfVehicle: (key: Uint8Array) => string | undefined,
): readonly LinkedVehicleView[] {
  return vehiclesOf(state, account).map((key) => ({
    key: toHex(key),
    usePerKm_Wh: linkedVehicleOf(state, key)?.usePerKm_Wh ?? 0,
    vehicleId: nameOfVehicle(key) ?? null,
  }));
}

/** GeoJSON of those on the earth. */
export function meetingPointCollection({ state }: MarketReading): object {
  const features = meetingPointsOf(state).flatMap(({ id, name, position }) => {
    const place = placeOf(position);
    if (place.kind !== "earth") return [];
    const geometry = { type: "Point", coordinates: [place.longitude, place.latitude] };
    return [{ type: "Feature", id, geometry, properties: { id, name } }];
  });
  return { type: "FeatureCollection", features };
}

/** GeoJSON; undefined for an unknown trade. MEETING_POINT_UNPLACED (404) where it is on a plane. */
export function tradeDirections(
  reading: MarketReading,
  way: { tradeId: string; from: Position },
): object | undefined {
  const trade = oneTradeView(reading, way.tradeId);
  if (trade === undefined) return undefined;
  const { place, meetingPoint: name } = trade;
  if (place.kind === "earth") return straightDirections({ ...way, to: place, name });
  const message = "this meeting point is on a plane, not on the globe";
  throw new MarketRefusal({ statusCode: 404, code: "MEETING_POINT_UNPLACED", message });
}

function placeOf({ kind, east, north }: OrderRecord["position"]): MarketPlaceView {
  return kind === "earth"
    ? { kind, longitude: east / million, latitude: north / million }
    : { kind, x_m: east / millimetresPerMetre, y_m: north / millimetresPerMetre };
}

/** Its number where the authority no longer names it. */
function nameOf(id: number, points: readonly MeetingPoint[]): string {
  return points.find((point) => point.id === id)?.name ?? String(id);
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}
