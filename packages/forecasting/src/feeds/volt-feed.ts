import type { Outcome } from "@voltfog/runtime";
import type { PlugType } from "../recommendation/charger-site.ts";
import type { StatusClass } from "../status/status-class.ts";
import type { DecodedFeed, FeedProblem } from "./charger-feed.ts";
import {
  feedJson,
  feedQuantity,
  feedText,
  isRow,
  isWithin,
  type JsonRow,
  problem,
  type RowReading,
  readFeedRows,
} from "./feed-rows.ts";

/**
 * The words of `socketStatusId`, as documented of the driver portal whose field names the map uses. The
 * report on the data set tells "in a charging session" from "occupied by someone else" (D5.3, figure 14).
 */
const statuses: ReadonlyMap<string, StatusClass> = new Map([
  ["AVAILABLE", "available"],
  ["CHARGING", "charging"],
  ["DISCHARGING", "charging"],
  ["OCCUPIED", "occupied-not-charging"],
  ["PREPARING", "occupied-not-charging"],
  ["PAUSED", "occupied-not-charging"],
  ["FINISHING", "occupied-not-charging"],
  ["RESERVED", "reserved"],
  ["UNAVAILABLE", "maintenance"],
  ["FAULTED", "maintenance"],
  ["UNKNOWN", "unknown"],
]);

const plugs: ReadonlyMap<unknown, PlugType> = new Map([
  ["TYPE_2_MENNEKES", "type2"],
  ["TYPE_COMBO_GERMANY", "ccs"],
  ["TYPE_4_CHADEMO", "chademo"],
]);

/** The Baltic states and Poland, generously. */
const baltic = { latitudes: [48, 61], longitudes: [13, 30] } as const;
const limits = { sockets: 100, prices: 100, power_kW: 2000, price_EURperkWh: 10 };

/**
 * The stations of the Enefit VOLT map: `{success, data: […]}` or the list alone, or one station as
 * data; each socket is a charge point. A status that is not documented is "unknown" and counted. Where a socket has several prices, the
 * highest is taken: what a driver without a contract pays. The time of receipt is the snapshot's.
 */
export function decodeVoltFeed(
  bytes: Uint8Array,
  received_ms: number,
): Outcome<DecodedFeed, FeedProblem> {
  const json = feedJson(bytes);
  if (!json.ok) return json;
  const envelope: JsonRow = isRow(json.value) ? json.value : { data: json.value };
  const [success = true, data] = [envelope["success"], envelope["data"]];
  if (success !== true) return problem("FEED_SCHEMA", "success");
  const stations: unknown = isRow(data) ? [data] : data;
  if (!Array.isArray(stations)) return problem("FEED_SCHEMA", "data");
  const rows = stations.flatMap(socketsOf);
  return readFeedRows(rows, {
    at_ms: received_ms,
    totalRows: 0,
    idColumn: "stationSockets.id",
    statusColumn: "socketStatusId",
    read: readSocket,
  });
}

/** A station's sockets, each with its station; the station itself where it has none to read. */
function socketsOf(station: unknown): readonly unknown[] {
  if (!isRow(station)) return [station];
  const sockets = station["stationSockets"];
  if (!Array.isArray(sockets) || sockets.length > limits.sockets) return [{ station }];
  return sockets.map((socket: unknown) => ({ station, socket }));
}

function readSocket(row: JsonRow): RowReading {
  const { station, socket } = row as { station: JsonRow; socket?: unknown };
  const stationId = idOf(station["id"]);
  if (stationId === undefined) return { column: "id" };
  if (!isRow(socket)) return { column: "stationSockets" };
  const socketId = idOf(socket["id"]);
  if (socketId === undefined) return { column: "stationSockets.id" };
  const word = idOf(socket["socketStatusId"]);
  if (word === undefined) return { column: "socketStatusId" };
  const { latitude, longitude } = station as { latitude?: unknown; longitude?: unknown };
  if (!isWithin(baltic, latitude, longitude)) return { column: "latitude, longitude" };
  const type = plugs.get(socket["stationModelSocketSocketTypeId"]);
  const status = statuses.get(word);
  return {
    isStatusKnown: status !== undefined,
    record: {
      ...{ pointId: `${stationId}*${socketId}`, siteId: idOf(station["siteId"]) ?? stationId },
      name: feedText(station["siteDisplayName"]) ?? feedText(station["caption"]) ?? "unnamed place",
      ...{ latitude: latitude as number, longitude: longitude as number },
      types: type === undefined ? [] : [type],
      power_kW: feedQuantity(socket["maximumPower"], limits.power_kW),
      price_EURperkWh: priceOf(socket["socketPrices"]),
      status: statusByFlag(station, socket) ?? status ?? "unknown",
    },
  };
}

/** What the portal says beside the status, which then only tells of the socket's last use. */
function statusByFlag(station: JsonRow, socket: JsonRow): StatusClass | undefined {
  if (station["comingSoon"] === true) return "planned";
  if (socket["inMaintenance"] === true || socket["stationInMaintenance"] === true) {
    return "maintenance";
  }
  return socket["reserved"] === true ? "reserved" : undefined;
}

/** Numbers and texts name things; no other value does. */
function idOf(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? String(value) : feedText(value);
}

function priceOf(prices: unknown): number {
  if (!Array.isArray(prices) || prices.length > limits.prices) return 0;
  const inEuro = prices.filter(
    (price): price is JsonRow =>
      isRow(price) && (price["currency"] === undefined || price["currency"] === "EUR"),
  );
  const each = inEuro.map((price) => feedQuantity(price["kwhPrice"], limits.price_EURperkWh));
  return Math.max(0, ...each);
}
